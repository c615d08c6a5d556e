import { randomUUID } from 'node:crypto'
import type { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { withAdmin } from '@fleet/local/kafka-admin'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { startConsumer } from '@fleet/messaging/consumer'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import { bootReports, createBootCeilings, noted } from './boot-ceilings.ts'
import { toAccounting } from './routes.ts'
import { drone, forged, position, recordOf, registryOf, type Sent, signed } from './testing/drones.ts'
import { handleBatch, openStorage } from './testing/storage.ts'

const [a, b] = [drone('a'), drone('b')]
const registry = registryOf(a, b)

let infra: TestInfrastructure
let kafka: Kafka
beforeAll(async () => {
  infra = await testInfrastructure()
  kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'position-test', log: silentLog() })
})

/** A topic of reports, the service's storage, and a consumer of boots that does not run yet. */
async function openService() {
  await using opened = new AsyncDisposableStack()
  const name = `reports-${randomUUID()}`
  await withAdmin(infra.kafkaInner, (admin) =>
    createAndAwait(admin, [{ topic: name, numPartitions: 1, replicationFactor: 3 }]),
  )
  const storage = opened.use(await openStorage())
  const ceilings = await createBootCeilings(storage.db.connection)
  const topic = { ...topics.droneReports, name, partitions: 1 }
  const subscriptions = [bootReports({ ceilings, authenticator: registry.authenticator, topic })]
  const producer = opened.adopt(kafka.producer(), (one) => one.disconnect())
  await producer.connect()
  const partitions = storage.partitions()
  let stored = 0
  const life = opened.move()
  return {
    name,
    ceilings,
    /** Positions with these sequences come in, and are stored. */
    hears: async (droneId: DroneId, boot: number, { from = 1, to }: { from?: number; to: number }) => {
      const records = Array.from({ length: to - from + 1 }, (_, i) =>
        recordOf('p', signed('p', droneId, position(droneId, { boot, seq: from + i }))),
      )
      await handleBatch(storage, partitions, { records, from: stored, registry })
      stored += records.length
    },
    send: (...messages: Sent[]) => producer.send({ topic: name, acks: -1, messages }),
    start: async () => {
      const options = { kafka, db: storage.db, group: name, subscriptions, log: silentLog() }
      life.adopt(await startConsumer(options), (one) => one.close())
    },
    accounts: async () => toAccounting(await storage.partitions().fresh(), await ceilings.all()).items,
    lettersWaiting: () => storage.db.connection.collection('outbox').countDocuments(),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}
type Service = Awaited<ReturnType<typeof openService>>

/** The report that `droneId` has booted, and that the boot before gave out no sequence above `ceiling`. */
const booted = (
  { name }: Service,
  droneId: DroneId,
  { seq, boot = 2, ceiling }: { seq: number; boot?: number; ceiling: number },
) =>
  signed(name, droneId, {
    ...{ id: `msg_${droneId.slice(4)}${seq}`, type: 'booted', version: 1, at: 0, key: droneId, seq },
    ...{ correlationId: 'test', causationId: 'test' },
    data: {
      ...{ droneId, boot, before: { boot: boot - 1, positionSeqMax: ceiling } },
      ...{ place: { lat: 43.6, lon: 7 }, batteryPct: 80, landed: true, itinerary: null },
    },
  })

/** Everything before it in the topic has been read once this drone's ceiling is there. */
const told = (service: Service, droneId: DroneId) =>
  waitUntil('the ceiling', async () => (await service.ceilings.all()).some((one) => one.droneId === droneId), {
    timeoutMs: 20_000,
  })

describe('the ceilings of boots', () => {
  it('show what a boot gave out at its end and never got through, also of reports older than the consumer', async () => {
    await using service = await openService()
    await service.hears(a, 1, { to: 640 })
    await service.hears(a, 2, { to: 3 })
    const before = await service.accounts()
    await service.send(booted(service, a, { seq: 1, ceiling: 1_280 }))

    await service.start()
    await told(service, a)

    expect(before.map(({ unheard }) => unheard)).toEqual([null, null])
    expect(await service.accounts()).toMatchObject([
      { droneId: a, boot: 1, givenOut: 640, stored: 640, missing: 0, unheard: 640 },
      { droneId: a, boot: 2, givenOut: 3, stored: 3, missing: 0, unheard: null },
    ])
  })

  it('are the same where a report comes again', async () => {
    await using service = await openService()
    const report = booted(service, a, { seq: 1, ceiling: 1_280 })

    await service.start()
    await service.send(report, report, booted(service, a, { seq: 2, ceiling: 1_280 }))
    await service.send(booted(service, b, { seq: 1, ceiling: 64 }))
    await told(service, b)

    expect(await service.ceilings.all()).toContainEqual({ droneId: a, boots: [{ boot: 1, seqMax: 1_280 }] })
    expect(await service.ceilings.all(b)).toEqual([{ droneId: b, boots: [{ boot: 1, seqMax: 64 }] }])
  })

  it('hear no forged report, whose dead letter is for another service to write', async () => {
    await using service = await openService()
    await service.hears(a, 1, { to: 640 })

    await service.start()
    await service.send(forged(booted(service, a, { seq: 1, ceiling: 6_400 })))
    await service.send(booted(service, b, { seq: 1, ceiling: 64 }))
    await told(service, b)

    expect(await service.accounts()).toMatchObject([
      { droneId: a, boot: 1, givenOut: 640, unheard: null },
      { droneId: b, boot: 1, givenOut: 0, unheard: 64 },
    ])
    expect(await service.lettersWaiting()).toBe(0)
  })

  it('are kept of the newest sixteen boots, each named once by the higher of what was told', () => {
    const boots = Array.from({ length: 20 }, (_, i) => ({ boot: i + 1, seqMax: 64 }))

    const kept = boots.toReversed().reduce(noted, [])

    expect(kept).toEqual(boots.slice(4))
    expect(noted(kept, { boot: 20, seqMax: 0 })).toEqual(kept)
    expect(noted(kept, { boot: 20, seqMax: 128 }).at(-1)).toEqual({ boot: 20, seqMax: 128 })
  })
})
