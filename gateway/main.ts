/** The gateway: configuration → adapters → start. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { topics } from '@fleet/contracts/topics'
import { createKafka } from '@fleet/messaging/kafka'
import { HostPorts, ProcessConfig, readConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { devKeyOnly } from './dev-key.ts'
import { createDownstream } from './downstream.ts'
import { createLive } from './live.ts'
import { createPositionJudge } from './positions.ts'
import { publicRoutes } from './routes.ts'
import { createServiceTokens } from './service-tokens.ts'
import { startTail } from './tail.ts'

const config = readConfig(
  ProcessConfig.extend({
    KAFKA_BROKERS: HostPorts,
    TOKEN_PRIVATE_KEY_FILE: z.string().min(1),
    DEV_KEY_FILE: z.string().min(1),
    /** Hex text. Makes the drones' keys: a position is shown once its MAC was checked. */
    FLEET_SECRET_FILE: z.string().min(1),
    ORDER_URL: z.url(),
    ITINERARY_URL: z.url(),
    POSITION_URL: z.url(),
    DRONE_HEALTH_URL: z.url(),
    /** How long a service may take to answer, in real milliseconds. */
    DOWNSTREAM_MS_MAX: z.coerce.number().int().min(100).max(25_000).default(5_000),
  }),
)
const log = createLog('gateway', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const monotonicMs = () => performance.now()
const read = (file: string) => readFileSync(file, 'utf8').trim()

const tokens = createServiceTokens(read(config.TOKEN_PRIVATE_KEY_FILE), monotonicMs)
const service = (name: string, url: string) =>
  createDownstream({ name, url, timeoutMs: config.DOWNSTREAM_MS_MAX, tokens, log })
const services = {
  order: service('order', config.ORDER_URL),
  itinerary: service('itinerary', config.ITINERARY_URL),
  position: service('position', config.POSITION_URL),
  droneHealth: service('drone-health', config.DRONE_HEALTH_URL),
}

const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'gateway', log })
const fleetSecret = Buffer.from(read(config.FLEET_SECRET_FILE), 'hex')
const positions = life.own('positions', createPositionJudge({ kafka, fleetSecret, log }))
const live = createLive(positions.judge)
const tail = life.own(
  'tail',
  startTail({
    kafka,
    topics: [topics.deliveries.name, topics.orders.name, topics.dronePositions.name],
    groupId: `gateway.live.${randomUUID()}`,
    log,
    onRecord: live.take,
  }),
)
const health = createHealth()
health.add('live views', tail.problem)
health.add('positions', positions.problem)

const http = life.own(
  'http',
  await startHttp({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    routes: publicRoutes(services, live, monotonicMs),
    authenticate: devKeyOnly(read(config.DEV_KEY_FILE)),
    health,
    log,
  }),
)
life.own('live', live)
log.info({ port: http.port }, 'listening')
