import { randomUUID } from 'node:crypto'
import type { DroneId } from '@fleet/contracts/ids'
import { withAdmin } from '@fleet/local/kafka-admin'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { createKafka } from '@fleet/messaging/kafka'
import { startRelay } from '@fleet/messaging/relay'
import { partitionOf } from '@fleet/messaging/topic'
import { silentLog } from '@fleet/runtime/log'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import { startPositionConsumer } from './consume.ts'
import { toAccounting } from './routes.ts'
import { drone, forged, position, registryOf, type Sent, signed } from './testing/drones.ts'
import { openStorage, time } from './testing/storage.ts'

const partitionCount = 3
const [a, b] = [drone('a'), drone('b')]
const registry = registryOf(a, b)

let infra: TestInfrastructure
let kafka: Kafka
beforeAll(async () => {
  infra = await testInfrastructure()
  kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'position-test', log: silentLog() })
})

/** A topic of positions with its dead letters, the service's storage, and a consumer that can be stopped and started. */
async function openService() {
  const name = `positions-${randomUUID()}`
  await withAdmin(infra.kafkaInner, (admin) =>
    createAndAwait(admin, [
      { topic: name, numPartitions: partitionCount, replicationFactor: 3 },
      { topic: `${name}.dead`, numPartitions: 1, replicationFactor: 3 },
    ]),
  )
  const storage = await openStorage(partitionCount)
  const producer = kafka.producer()
  await producer.connect()
  const relay = startRelay({ db: storage.db, kafka, log: silentLog() })
  const start = (partitions = storage.partitions()) =>
    startPositionConsumer({
      ...storage,
      kafka,
      partitions,
      ...registry,
      nowMs: time.nowMs,
      log: silentLog(),
      topic: { name, partitions: partitionCount },
      group: name,
    })
  let consumer = await start()
  return {
    name,
    storage,
    send: (messages: Sent[], partition = partitionOf(messages[0]?.key ?? '', partitionCount)) =>
      producer.send({ topic: name, acks: -1, messages: messages.map((one) => ({ ...one, partition })) }),
    stop: () => consumer.close(),
    start: async () => {
      consumer = await start()
    },
    accounting: async () => toAccounting(await storage.partitions().fresh(), []),
    [Symbol.asyncDispose]: async () => {
      await consumer.close()
      await relay.close()
      await producer.disconnect()
      await storage[Symbol.asyncDispose]()
    },
  }
}
type Service = Awaited<ReturnType<typeof openService>>

const positions = (service: Service, droneId: DroneId, { from = 1, to = from }: { from?: number; to?: number }) =>
  Array.from({ length: to - from + 1 }, (_, i) => signed(service.name, droneId, position(droneId, { seq: from + i })))

const until = (what: string, condition: () => Promise<boolean>) => waitUntil(what, condition, { timeoutMs: 20_000 })

async function readLetters(service: Service, count: number) {
  const letters: { reason: string | undefined; value: Buffer | null }[] = []
  const reader = kafka.consumer({ groupId: randomUUID() })
  await reader.connect()
  await reader.subscribe({ topics: [`${service.name}.dead`], fromBeginning: true })
  await reader.run({
    eachMessage: async ({ message }) => {
      letters.push({ reason: message.headers?.['dead-reason']?.toString(), value: message.value })
    },
  })
  await until('the dead letters', async () => letters.length >= count)
  await reader.disconnect()
  return letters
}

describe('the position consumer', () => {
  it('stores every position once, although batches come again after a restart and the drone sends twice', async () => {
    await using service = await openService()
    await service.send(positions(service, a, { to: 50 }))
    await until('the first positions', async () => ((await service.accounting()).items[0]?.stored ?? 0) === 50)

    await service.stop()
    await service.send(positions(service, a, { from: 41, to: 80 }))
    await service.send(positions(service, b, { to: 20 }))
    // Kafka's own offset goes back to the beginning: every batch is delivered again.
    await withAdmin(infra.kafkaInner, (admin) =>
      admin.resetOffsets({ groupId: service.name, topic: service.name, earliest: true }),
    )
    await service.start()

    await until('the others', async () => {
      const { items } = await service.accounting()
      return items.reduce((sum, { stored }) => sum + stored, 0) === 100
    })
    const { items } = await service.accounting()
    expect(items).toMatchObject([
      { droneId: a, givenOut: 80, stored: 80, missing: 0, copies: 10 },
      { droneId: b, givenOut: 20, stored: 20, missing: 0, copies: 0 },
    ])
    const rows = await service.storage.db.connection.collection('position_batches').find().toArray()
    expect(rows.reduce((sum, { n }) => sum + Number(n), 0)).toBe(100)
  })

  it('makes each refused message a dead letter with its reason and its bytes, and stores the others', async () => {
    await using service = await openService()
    const [good] = positions(service, a, { from: 1 })
    const [spoilt] = positions(service, a, { from: 2 })
    if (!good || !spoilt) throw new Error('a position is due')
    const stranger = drone('stranger')
    const broken = signed(service.name, a, position(a, { seq: 3, lat: 95 }))
    const unknown = signed(service.name, stranger, position(stranger))
    const astray = signed(service.name, a, position(a, { seq: 4 }))
    const own = partitionOf(a, partitionCount)

    await service.send([good, { ...spoilt, headers: {} }, forged(spoilt), broken])
    await service.send([unknown])
    await service.send([astray], (own + 1) % partitionCount)
    await service.send(positions(service, a, { from: 5 }))

    const letters = await readLetters(service, 5)
    const found = letters.map(({ reason }) => reason).toSorted()
    expect(found).toEqual(['drone-unknown', 'mac-missing', 'mac-wrong', 'partition-wrong', 'schema'])
    expect(letters.find(({ reason }) => reason === 'schema')?.value).toEqual(broken.value)
    await until('the good ones', async () => (await service.accounting()).items[0]?.stored === 2)
    const { items } = await service.accounting()
    expect(items).toMatchObject([
      { givenOut: 5, stored: 2, refusedByReason: { 'mac-missing': 1, schema: 1 }, missingRanges: [[4, 4]] },
    ])
  })
})
