/** position, put together: the history of positions, the newest ones, and what was lost. */
import { readFileSync } from 'node:fs'
import { topics } from '@fleet/contracts/topics'
import { startConsumer } from '@fleet/messaging/consumer'
import { isOutage, openDatabase } from '@fleet/messaging/database'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { createKafka } from '@fleet/messaging/kafka'
import type { PartitionConsumer } from '@fleet/messaging/partition-consumer'
import { startRegistryView } from '@fleet/messaging/registry-view'
import { startRelay } from '@fleet/messaging/relay'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createClock } from '@fleet/runtime/clock'
import { readConfig, ServiceConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { bootCeilingsGroup, bootReports, createBootCeilings } from './boot-ceilings.ts'
import { startPositionConsumer } from './consume.ts'
import { createPartitions, startUpkeep } from './partitions.ts'
import { positionRoutes } from './routes.ts'
import { createPositionStore } from './store.ts'

const FleetSecret = z
  .hex()
  .min(64)
  .transform((hex) => Buffer.from(hex, 'hex'))

const config = readConfig(
  ServiceConfig.extend({
    FLEET_SECRET_FILE: z.string().min(1),
    /** Of this process; 0: as fast as it can. Twice what ten thousand drones send, and no more than a machine shared with orders should give. */
    POSITIONS_PER_S_MAX: z.coerce.number().int().min(0).max(10_000_000).default(21_000),
  }),
)
const log = createLog('position', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const clock = createClock({ epochMs: config.WORLD_EPOCH_MS, speed: config.WORLD_SPEED })
const time = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
const fleetSecret = FleetSecret.parse(readFileSync(config.FLEET_SECRET_FILE, 'utf8').trim())

const db = life.own('database', await openDatabase(config.MONGO_URI))
const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'position', log })
const store = await createPositionStore(db.connection)
const ceilings = await createBootCeilings(db.connection)
const partitions = createPartitions({ store, count: topics.dronePositions.partitions, time, log })
life.own('upkeep', startUpkeep({ partitions, store, db, time, log }))
const relay = life.own('relay', startRelay({ db, kafka, log, batchMax: config.OUTBOX_BATCH_MAX }))
const registry = life.own('registry', await startRegistryView({ kafka, name: 'position', log }))
const isEnrolled = (droneId: string) => registry.get(droneId) !== undefined

let consumer: PartitionConsumer | undefined
let bootConsumer: PartitionConsumer | undefined
const health = createHealth()
health.add('relay', relay.problem)
health.add('registry', registry.problem)
health.add('consumer', () => (consumer ? consumer.problem() : 'the consumer has not started'))
health.add('boot consumer', () => (bootConsumer ? bootConsumer.problem() : 'the consumer has not started'))

const { port } = life.own(
  'http',
  await startHttp({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    routes: positionRoutes({ partitions, store, ceilings, clock, isEnrolled }),
    isOutage,
    authenticate: bearerTokens(config.TOKEN_PUBLIC_KEY_FILE, () => Date.now()),
    health,
    log,
  }),
)
log.info({ port }, 'listening')

const authenticator = createDroneAuthenticator({ registry, fleetSecret })
consumer = life.own(
  'consumer',
  await startPositionConsumer({
    kafka,
    db,
    store,
    partitions,
    authenticator,
    isEnrolled,
    nowMs: time.nowMs,
    positionsPerSMax: config.POSITIONS_PER_S_MAX,
    log,
  }),
)
bootConsumer = life.own(
  'boot consumer',
  await startConsumer({
    kafka,
    db,
    group: bootCeilingsGroup,
    subscriptions: [bootReports({ ceilings, authenticator })],
    log,
  }),
)
log.info('consuming')
