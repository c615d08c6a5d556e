/** The order service: configuration → adapters → start. */
import { startConsumer } from '@fleet/messaging/consumer'
import { isOutage, openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { startRelay } from '@fleet/messaging/relay'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createClock } from '@fleet/runtime/clock'
import { readConfig, ServiceConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { createAirspaceStore } from './airspace.ts'
import { consumeForOrders } from './consume.ts'
import { startOpenOrders } from './open-orders.ts'
import { createPlacements } from './placements.ts'
import { orderRoutes } from './routes.ts'
import { createOrderStore } from './store.ts'

const config = readConfig(ServiceConfig)
const log = createLog('order', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const clock = createClock({ epochMs: config.WORLD_EPOCH_MS, speed: config.WORLD_SPEED })
const health = createHealth()

const db = life.own('database', await openDatabase(config.MONGO_URI))
const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'order', log })
const orders = await createOrderStore(db)
const airspace = await createAirspaceStore(db)

const relay = life.own('relay', startRelay({ db, kafka, log, batchMax: config.OUTBOX_BATCH_MAX }))
health.add('relay', relay.problem)
life.own('open orders', startOpenOrders(orders, clock, log))

// HTTP comes before the consumer: joining a group takes seconds, and readiness says so meanwhile.
let consumerProblem: () => string | null = () => 'the consumer is starting'
health.add('consumer', () => consumerProblem())
const http = life.own(
  'http',
  await startHttp({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    routes: orderRoutes(orders, createPlacements({ db, orders, airspace }), clock),
    isOutage,
    authenticate: bearerTokens(config.TOKEN_PUBLIC_KEY_FILE, () => Date.now()),
    health,
    log,
  }),
)
log.info({ port: http.port }, 'listening')

const subscriptions = consumeForOrders(orders, airspace)
const consumer = life.own('consumer', await startConsumer({ kafka, db, group: 'order', subscriptions, log }))
consumerProblem = consumer.problem
log.info('ready')
