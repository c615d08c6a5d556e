/** drone-health, put together: the drone registry, commands to drones, the watch over their health. */
import { readFileSync } from 'node:fs'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { startConsumer } from '@fleet/messaging/consumer'
import { type Database, isOutage, openDatabase } from '@fleet/messaging/database'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { createKafka } from '@fleet/messaging/kafka'
import type { PartitionConsumer } from '@fleet/messaging/partition-consumer'
import { startRegistryView } from '@fleet/messaging/registry-view'
import { startRelay } from '@fleet/messaging/relay'
import { createStoredOffsets } from '@fleet/messaging/stored-offsets'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createClock } from '@fleet/runtime/clock'
import { readConfig, ServiceConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { Counter } from 'prom-client'
import { z } from 'zod'
import { droneHealthSubscriptions } from './consume.ts'
import { fleetCommandRoutes, startSender } from './fleet-commands.ts'
import { healthRoutes } from './health-routes.ts'
import { createHealthStore } from './health-store.ts'
import { limitsAt } from './limits.ts'
import { startReportSights } from './report-sights.ts'
import { droneRoutes } from './routes.ts'
import { HealthConfig } from './rules/thresholds.ts'
import { createSights } from './sights.ts'
import { createDroneStore } from './store.ts'
import { createWatch, type Watch } from './watch.ts'
import { startWatch } from './watching.ts'

const sightsLost = new Counter({
  name: 'health_sights_lost_total',
  help: 'How often a partition was read so late that silence there counts anew, by what it holds. A rise means that silent drones are found late.',
  labelNames: ['of'],
})
const FleetSecret = z
  .hex()
  .min(64)
  .transform((hex) => Buffer.from(hex, 'hex'))

const config = readConfig(ServiceConfig.extend({ FLEET_SECRET_FILE: z.string().min(1) }).extend(HealthConfig.shape))
const log = createLog('drone-health', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const world = { epochMs: config.WORLD_EPOCH_MS, speed: config.WORLD_SPEED }
const clock = createClock(world)
const limits = limitsAt(world.speed, config)
const fleetSecret = FleetSecret.parse(readFileSync(config.FLEET_SECRET_FILE, 'utf8').trim())

const group = 'drone-health'

const database = life.own('database', await openDatabase(config.MONGO_URI))
let written = true
/** Also where the outcome is unknown: what the watch remembers of the database is then read anew. */
const noteWritten = () => {
  written = true
}
const db: Database = { ...database, transact: (work) => database.transact(work).finally(noteWritten) }
const hasWritten = () => {
  const since = written
  written = false
  return since
}
const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'drone-health', log })
const store = await createDroneStore(db)
const healthStore = await createHealthStore(db, store)
const tellsAge = { topic: topics.droneCommands, clock }
const relay = life.own('relay', startRelay({ db, kafka, log, batchMax: config.OUTBOX_BATCH_MAX, tellsAge }))
const sender = life.own('commands', startSender(store, clock, log))

let watch: Watch | undefined
let consumer: PartitionConsumer | undefined
const health = createHealth()
health.add('relay', relay.problem)
health.add('consumer', () => (consumer ? consumer.problem() : 'the consumer has not started'))

const { port } = life.own(
  'http',
  await startHttp({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    routes: [
      ...droneRoutes({ store, clock }),
      ...fleetCommandRoutes({ db, store, clock, wake: sender.wake }),
      ...healthRoutes({
        drones: store,
        health: healthStore,
        fault: (droneId) => (watch ? watch.fault(droneId) : 'the watch has not started'),
        policy: limits.policy,
        clock,
      }),
    ],
    isOutage,
    authenticate: bearerTokens(config.TOKEN_PUBLIC_KEY_FILE, () => Date.now()),
    health,
    log,
  }),
)
log.info({ port }, 'listening')

const registry = life.own('registry', await startRegistryView({ kafka, name: 'drone-health', log }))
health.add('registry', registry.problem)
const worldOf = (realMs: number) => UnixMs.parse(Math.round(world.epochMs + (realMs - world.epochMs) * world.speed))
const authenticator = createDroneAuthenticator({ registry, fleetSecret })
consumer = life.own(
  'consumer',
  await startConsumer({
    kafka,
    db,
    group,
    subscriptions: droneHealthSubscriptions({
      store,
      facts: healthStore,
      authenticator,
      worldOf,
      log,
    }),
    log,
  }),
)
const sightsOf = (of: string) => createSights(limits.sight, () => sightsLost.inc({ of }))
const sights = { positions: sightsOf('positions'), reports: sightsOf('reports') }
const nowMs = clock.worldElapsed
const offsets = await createStoredOffsets(db.connection, group)
life.own(
  'report sights',
  startReportSights({
    kafka,
    topic: topics.droneReports,
    offsets,
    sights: sights.reports,
    isAtRest: () => watch?.isAtRest() ?? false,
    nowMs,
    log,
  }),
)
watch = createWatch({
  drones: store,
  health: healthStore,
  authenticator,
  clock,
  worldOf,
  partitions: { positions: topics.dronePositions.partitions, reports: topics.droneReports.partitions },
  limits,
  sights,
  hasWritten,
  log,
})
const watching = life.own(
  'watch',
  startWatch({
    kafka,
    topic: topics.dronePositions.name,
    watch,
    sights: sights.positions,
    clock,
    nowMs: () => Date.now(),
    silentMs: limits.thresholds.silentMs,
    log,
  }),
)
health.add('watch', watching.problem)
log.info('consuming')
