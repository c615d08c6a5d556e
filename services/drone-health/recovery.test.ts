/** The watch on the real brokers and the real replica set: one drone fails, the service is restarted on the way. */
import { randomUUID } from 'node:crypto'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, DroneId, HostId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { startConsumer } from '@fleet/messaging/consumer'
import { openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { createClock } from '@fleet/runtime/clock'
import { silentLog } from '@fleet/runtime/log'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { mongo } from 'mongoose'
import { z } from 'zod'
import { droneHealthSubscriptions } from './consume.ts'
import { startSender } from './fleet-commands.ts'
import { createHealthStore } from './health-store.ts'
import { limitsAt } from './limits.ts'
import { HealthConfig } from './rules/thresholds.ts'
import { createDroneStore } from './store.ts'
import { recordFlight } from './testing/flights.ts'
import { authenticatorOf, signed } from './testing/registry.ts'
import { createWatch } from './watch.ts'
import { startWatch } from './watching.ts'

const log = silentLog()
const positions = topics.dronePositions.name
const cause = { correlationId: 'test', causationId: 'test' }
const baseId = BaseId.parse('bas_home')
const recorded = recordFlight()
const world = { epochMs: Date.parse('2026-01-01T00:00:00Z'), speed: 1 }
const clock = createClock(world)

let infra: TestInfrastructure
beforeAll(async () => {
  infra = await testInfrastructure()
  // Brokers that have just started may not know at once what they made: made again, it is there.
  await createTopics(infra.kafkaInner)
})

/** The service's parts over a database of its own; the topics are everyone's, the drone is not, without the relay: what it would send is read in the outbox. */
async function openFleet() {
  const name = `health${randomUUID().replaceAll('-', '').slice(0, 12)}`
  await using opened = new AsyncDisposableStack()
  const own = <T>(part: T, close: (part: T) => Promise<unknown>): T =>
    opened.adopt(part, async (one) => void (await close(one)))
  const db = own(await openDatabase(infra.mongoUri(name)), async (one) => {
    await one.connection.dropDatabase()
    await one.close()
  })
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: name, log })
  const drones = await createDroneStore(db)
  const health = await createHealthStore(db, drones)
  const droneId = DroneId.parse(`drn_${name}`)
  const authenticator = authenticatorOf([droneId])
  const enrolment = { droneId, name, hostId: HostId.parse('host-a'), baseId, atMs: clock.worldNow() }
  await drones.enrol(enrolment, cause)
  const reports = droneHealthSubscriptions(drones, health, authenticator, log).filter(
    (one) => one.topic === topics.droneReports.name,
  )
  const producer = own(kafka.producer(), (one) => one.disconnect())
  await producer.connect()
  own(startSender(drones, clock, log), (one) => one.close())
  const consumer = own(await startConsumer({ kafka, db, group: name, subscriptions: reports, log }), (one) =>
    one.close(),
  )

  const startWatching = () =>
    startWatch({
      kafka,
      topic: positions,
      clock,
      nowMs: () => clock.worldNow(),
      log,
      watch: createWatch({
        drones,
        health,
        authenticator: authenticatorOf([droneId]),
        clock,
        worldOf: (realMs) => realMs,
        partitions: topics.dronePositions.partitions,
        limits: limitsAt(world.speed, HealthConfig.parse({})),
        hearsReports: () => consumer.problem() === null,
        log,
      }),
    })
  const watching = own({ part: startWatching() }, (one) => one.part.close())
  let reportSeq = 0
  let positionSeq = 0
  const life = opened.move()

  return {
    droneId,
    restart: async () => {
      await watching.part.close()
      watching.part = startWatching()
    },
    position: async (boot: number, spoil: (body: object) => object | string = (body) => body) => {
      positionSeq += 1
      const at = recorded[60 + positionSeq]
      if (!at) throw new Error('the recorded flight is over')
      const { appendedAtMs: _, ...place } = at
      const body = spoil({ ...place, droneId, boot, seq: positionSeq, takenAtMs: clock.worldNow() })
      await producer.send({ topic: positions, acks: -1, messages: [signed(positions, droneId, body)] })
    },
    report: async (body: Pick<DroneReport, 'type' | 'data'>) => {
      reportSeq += 1
      const envelope = { id: `msg_${randomUUID().replaceAll('-', '')}`, version: 1, at: clock.worldNow(), ...cause }
      const message = signed(topics.droneReports.name, droneId, { ...envelope, key: droneId, seq: reportSeq, ...body })
      await producer.send({ topic: topics.droneReports.name, acks: -1, messages: [message] })
    },
    /** What was written to the outbox for the drone, in order. */
    sent: async (topicName: string) => {
      const rows = await db.outbox.rows.find({ topic: topicName }).sort({ seq: 1 }).lean()
      return rows.map(({ value }) => Sent.parse(jsonOf(value)))
    },
    seenBoot: async () => (await drones.find(droneId))?.seen?.boot ?? 0,
    path: async () => {
      const rows = await db.outbox.rows.find({ topic: topics.droneHealth.name }).sort({ seq: 1 }).lean()
      return rows.map(({ value }) => Sent.parse(jsonOf(value)).data.to)
    },
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}
const Sent = z.object({ type: z.string(), data: z.looseObject({ to: z.string().optional() }) })
/** A lean row has the driver's own kind of binary. */
const jsonOf = (value: unknown): unknown => JSON.parse(z.instanceof(mongo.Binary).parse(value).toString('utf8'))

type Fleet = Awaited<ReturnType<typeof openFleet>>

const booted = (droneId: DroneId, boot: number): Pick<DroneReport, 'type' | 'data'> => ({
  type: 'booted',
  data: { droneId, boot, before: null, place: { lat: 43.6, lon: 7 }, batteryPct: 80, landed: false, itinerary: null },
})

/** Sends a position a second until `done`. */
async function flyUntil(
  fleet: Fleet,
  boot: number,
  what: string,
  done: () => Promise<boolean>,
  spoil?: (body: object) => object | string,
) {
  await waitUntil(
    what,
    async () => {
      await fleet.position(boot, spoil)
      return done()
    },
    { timeoutMs: 40_000, everyMs: 1_000 },
  )
}

const until = (what: string, done: () => Promise<boolean>) => waitUntil(what, done, { timeoutMs: 40_000 })

describe('the watch on the real infrastructure', () => {
  it('sees a drone fall silent, orders one reboot although it is restarted, and finds the drone well', async () => {
    await using fleet = await openFleet()
    await fleet.report(booted(fleet.droneId, 1))
    await until('the boot', async () => (await fleet.seenBoot()) === 1)
    let sent = 0
    await flyUntil(fleet, 1, 'eight positions', async () => ++sent >= 8)

    await until('the suspicion', async () => (await fleet.path()).includes('suspect'))
    await fleet.restart()
    await until('the reboot', async () => (await fleet.path()).includes('rebooting'))
    await fleet.restart()
    await fleet.report(booted(fleet.droneId, 2))
    await flyUntil(fleet, 2, 'recovery', async () => (await fleet.path()).at(-1) === 'healthy')

    expect(await fleet.path()).toEqual(['suspect', 'unresponsive', 'rebooting', 'recovering', 'healthy'])
    expect(await fleet.sent(topics.droneCommands.name)).toMatchObject([
      { type: 'reboot', data: { droneId: fleet.droneId, endsBoot: 1 } },
    ])
    const [first] = await fleet.sent(topics.droneHealth.name)
    expect(first).toMatchObject({ data: { from: 'healthy', evidence: { rule: 'silent' } } })
  }, 120_000)

  it('sees a drone whose messages are signed and mean nothing', async () => {
    await using fleet = await openFleet()
    await fleet.report(booted(fleet.droneId, 1))
    await until('the boot', async () => (await fleet.seenBoot()) === 1)
    let sent = 0
    await flyUntil(fleet, 1, 'four positions', async () => ++sent >= 4)

    await flyUntil(
      fleet,
      1,
      'the reboot',
      async () => (await fleet.path()).includes('rebooting'),
      () => '{"lat":"north"}',
    )

    const [first] = await fleet.sent(topics.droneHealth.name)
    expect(first).toMatchObject({ data: { to: 'suspect', evidence: { rule: 'nonsense' } } })
  }, 90_000)
})
