/** One drone on the real brokers and the real replica set, and the whole service over a database of its own, to be restarted at will. */
import { randomUUID } from 'node:crypto'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, CommandId, DroneId, HostId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { startConsumer } from '@fleet/messaging/consumer'
import { openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { createStoredOffsets } from '@fleet/messaging/stored-offsets'
import { createClock } from '@fleet/runtime/clock'
import { silentLog } from '@fleet/runtime/log'
import { mongo } from 'mongoose'
import { z } from 'zod'
import { droneHealthSubscriptions } from '../consume.ts'
import { startSender } from '../fleet-commands.ts'
import { createHealthStore } from '../health-store.ts'
import { limitsAt } from '../limits.ts'
import { startReportSights } from '../report-sights.ts'
import { HealthConfig } from '../rules/thresholds.ts'
import { createSights } from '../sights.ts'
import { createDroneStore } from '../store.ts'
import { createWatch } from '../watch.ts'
import { startWatch } from '../watching.ts'
import { placeAt, recordFlight } from './flights.ts'
import { authenticatorOf, signed } from './registry.ts'

const log = silentLog()
const positions = topics.dronePositions.name
const cause = { correlationId: 'test', causationId: 'test' }
const recorded = recordFlight()
const world = { epochMs: Date.parse('2026-01-01T00:00:00Z'), speed: 1 }
const clock = createClock(world)

const Sent = z.object({
  type: z.string(),
  data: z.looseObject({ to: z.string().optional(), commandId: CommandId.optional() }),
})
/** A lean row has the driver's own kind of binary. */
const jsonOf = (value: unknown): unknown => JSON.parse(z.instanceof(mongo.Binary).parse(value).toString('utf8'))

export type RealFleet = Awaited<ReturnType<typeof openRealFleet>>

/** The service as main.ts puts it together, but for HTTP and the relay: what it would send is read in the outbox. */
async function startService(
  infra: { kafkaInner: string[]; mongoUri(name: string): string },
  name: string,
  droneId: DroneId,
) {
  await using opened = new AsyncDisposableStack()
  const own = <T extends { close(): Promise<unknown> }>(part: T): T =>
    opened.adopt(part, async (one) => void (await one.close()))
  const db = own(await openDatabase(infra.mongoUri(name)))
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: name, log })
  const drones = await createDroneStore(db)
  const health = await createHealthStore(db, drones)
  const authenticator = authenticatorOf([droneId])
  const worldOf = (realMs: number) => UnixMs.parse(realMs)
  const subscriptions = droneHealthSubscriptions({ store: drones, facts: health, authenticator, worldOf, log }).filter(
    (one) => one.topic === topics.droneReports.name,
  )
  own(startSender(drones, clock, log))
  own(await startConsumer({ kafka, db, group: name, subscriptions, log }))
  const limits = limitsAt(world.speed, HealthConfig.parse({}))
  const { silentMs } = limits.thresholds
  const sights = { positions: createSights(limits.sight), reports: createSights(limits.sight) }
  const offsets = await createStoredOffsets(db.connection, name)
  own(
    startReportSights({
      kafka,
      topic: topics.droneReports,
      offsets,
      sights: sights.reports,
      isAtRest: () => false,
      nowMs: clock.worldElapsed,
      log,
    }),
  )
  const watch = createWatch({
    drones,
    health,
    authenticator: authenticatorOf([droneId]),
    clock,
    worldOf: (realMs) => realMs,
    partitions: { positions: topics.dronePositions.partitions, reports: topics.droneReports.partitions },
    limits,
    sights,
    hasWritten: () => true,
    log,
  })
  own(
    startWatch({
      kafka,
      topic: positions,
      sights: sights.positions,
      clock,
      nowMs: () => clock.worldNow(),
      silentMs,
      log,
      watch,
    }),
  )
  const life = opened.move()
  return { db, drones, close: () => life.disposeAsync() }
}

/** The topics are everyone's; the drone and the database are not. */
export async function openRealFleet() {
  const infra = await testInfrastructure()
  // Brokers that have just started may not know at once what they made: made again, it is there.
  await createTopics(infra.kafkaInner)
  const name = `health${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const droneId = DroneId.parse(`drn_${name}`)
  await using opened = new AsyncDisposableStack()
  const producer = createKafka({ brokers: infra.kafkaInner, clientId: name, log }).producer()
  await producer.connect()
  opened.defer(() => producer.disconnect())
  let service = await startService(infra, name, droneId)
  opened.defer(async () => {
    await service.db.connection.dropDatabase()
    await service.close()
  })
  const baseId = BaseId.parse('bas_home')
  const enrolment = { droneId, name, hostId: HostId.parse('host-a'), baseId, atMs: clock.worldNow() }
  await service.drones.enrol(enrolment, cause)
  let reportSeq = 0
  let positionSeq = 0
  let flyingFromMs: number | undefined
  const outbox = async (topicName: string) => {
    const rows = await service.db.outbox.rows.find({ topic: topicName }).sort({ seq: 1 }).lean()
    return rows.map(({ value }) => Sent.parse(jsonOf(value)))
  }
  const life = opened.move()

  return {
    droneId,
    /** All of the service goes, with whatever it remembers, and begins again. */
    restart: async () => {
      await service.close()
      service = await startService(infra, name, droneId)
    },
    position: async (boot: number, spoil: (body: object) => object | string = (body) => body) => {
      positionSeq += 1
      const takenAtMs = clock.worldNow()
      flyingFromMs ??= takenAtMs
      // Where it is at this moment: a place a second, whenever it is asked, would be a drone that flies slower than it says.
      const place = placeAt(recorded, 60 + (takenAtMs - flyingFromMs) / 1_000)
      const body = spoil({ ...place, droneId, boot, seq: positionSeq, takenAtMs })
      await producer.send({ topic: positions, acks: -1, messages: [signed(positions, droneId, body)] })
    },
    report: async (body: Pick<DroneReport, 'type' | 'data'>) => {
      reportSeq += 1
      const envelope = { id: `msg_${randomUUID().replaceAll('-', '')}`, version: 1, at: clock.worldNow(), ...cause }
      const message = signed(topics.droneReports.name, droneId, { ...envelope, key: droneId, seq: reportSeq, ...body })
      await producer.send({ topic: topics.droneReports.name, acks: -1, messages: [message] })
    },
    /** What was written to the outbox for the drone, in order. */
    sent: outbox,
    seenBoot: async () => (await service.drones.find(droneId))?.seen?.boot ?? 0,
    statusOf: async (commandId: CommandId) => (await service.drones.findCommand(droneId, commandId))?.status,
    path: async () => (await outbox(topics.droneHealth.name)).map(({ data }) => data.to),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

export const booted = (droneId: DroneId, boot: number): Pick<DroneReport, 'type' | 'data'> => ({
  type: 'booted',
  data: { droneId, boot, before: null, place: { lat: 43.6, lon: 7 }, batteryPct: 80, landed: false, itinerary: null },
})

/** Sends a position a second until `done`. */
export async function flyUntil(
  fleet: RealFleet,
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
    { timeoutMs: 60_000, everyMs: 1_000 },
  )
}

export const until = (what: string, done: () => Promise<boolean>) => waitUntil(what, done, { timeoutMs: 60_000 })
