/** The gateway: configuration → adapters → start. */
import { hkdfSync, randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { topics } from '@fleet/contracts/topics'
import { isOutage, openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { HostPorts, ProcessConfig, readConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { createAccessTokens } from './access-tokens.ts'
import { createAccounts } from './accounts.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { createApiKeys } from './api-keys.ts'
import { createAudit } from './audit.ts'
import { createAuthenticate } from './authenticate.ts'
import { createConsumerLag } from './consumer-lag.ts'
import { startDenyList } from './deny-list.ts'
import { ServiceAddress, startDiscovery } from './discovery.ts'
import { createDownstream } from './downstream.ts'
import { createFleetLive } from './fleet-live.ts'
import { createFront } from './front.ts'
import { startLastPositions } from './last-positions.ts'
import { createLimits } from './limits.ts'
import { createLive } from './live.ts'
import { docsPage } from './openapi/docs-page.ts'
import { withDocument } from './openapi/document.ts'
import { createPages } from './pages.ts'
import { createPositionJudge } from './positions.ts'
import { publicRoutes } from './routes.ts'
import { createServiceTokens } from './service-tokens.ts'
import { createSessions } from './sessions.ts'
import { createStreamTickets } from './stream-tickets.ts'
import { startTail } from './tail.ts'
import { createTrackingLinks } from './tracking.ts'

const PerMinute = z.coerce.number().int().min(1).max(10_000_000)
const config = readConfig(
  ProcessConfig.extend({
    KAFKA_BROKERS: HostPorts,
    MONGO_URI: z.string().regex(/^mongodb(\+srv)?:\/\//, 'must be a mongodb:// URI'),
    TOKEN_PRIVATE_KEY_FILE: z.string().min(1),
    /** Where the first accounts' passwords are written, when the database has no account yet. */
    ACCOUNTS_FILE: z.string().min(1),
    /** Hex text. Makes the drones' keys: a position is shown once its MAC was checked. */
    FLEET_SECRET_FILE: z.string().min(1),
    ORDER_URL: ServiceAddress,
    ITINERARY_URL: ServiceAddress,
    POSITION_URL: ServiceAddress,
    DRONE_HEALTH_URL: ServiceAddress,
    /** How long a service may take to answer, all retries together, in real milliseconds. */
    DOWNSTREAM_MS_MAX: z.coerce.number().int().min(100).max(25_000).default(5_000),
    RATE_PER_ADDRESS: PerMinute.default(60_000),
    RATE_PER_CREDENTIAL: PerMinute.default(30_000),
    RATE_ORDERS: PerMinute.default(12_000),
    RATE_SESSIONS: PerMinute.default(120),
    /** Sites whose scripts may call, a comma list, or `*`. */
    CORS_ORIGINS: z.string().default('*'),
    /** Proxies in front that are trusted to say where a request came from. */
    TRUSTED_PROXIES: z.coerce.number().int().min(0).max(10).default(0),
    /** A MapLibre style with real tiles; left out, the pages draw their own plain base and ask nobody. */
    MAP_STYLE_URL: z.url().optional(),
    /** Where that style's tiles, fonts and pictures come from, where it is not the style's own site: a comma list. */
    MAP_ORIGINS: z.string().default(''),
  }),
)
const log = createLog('gateway', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const mapOrigins = [config.MAP_STYLE_URL, ...config.MAP_ORIGINS.split(',')].flatMap((url) =>
  url === undefined || url === '' ? [] : [new URL(url).origin],
)
const pages = createPages(
  fileURLToPath(new URL('dashboard/dist', import.meta.url)),
  {
    mapStyleUrl: config.MAP_STYLE_URL ?? null,
    world: { epochMs: config.WORLD_EPOCH_MS, speed: config.WORLD_SPEED },
  },
  () => Date.now(),
)
const monotonicMs = () => performance.now()
const realMs = () => Date.now()
const read = (file: string) => readFileSync(file, 'utf8').trim()
const privateKey = read(config.TOKEN_PRIVATE_KEY_FILE)
/** Makes API keys and tracking tokens; every gateway has the same. */
const credentialSecret = Buffer.from(hkdfSync('sha256', privateKey, '', 'gateway-credentials/1', 32))

const db = life.own('database', await openDatabase(config.MONGO_URI))
const accounts = await createAccounts(db)
log.info({ accounts: await accounts.makeFirst(config.ACCOUNTS_FILE) }, 'first accounts')
const sessions = await createSessions(db, realMs)
const apiKeys = await createApiKeys(db, credentialSecret, realMs)
const tickets = await createStreamTickets(db, credentialSecret, realMs)
const audit = await createAudit(db, realMs)
const links = await createTrackingLinks(db, credentialSecret, realMs)
const acknowledgements = await createAcknowledgements(db, realMs)
const denyList = life.own('deny list', await startDenyList(db, realMs, log))
const accessTokens = createAccessTokens(privateKey, realMs)
const { authenticate, forgetKeys } = createAuthenticate({ accessTokens, apiKeys, tickets, nowMs: monotonicMs })

const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'gateway', log })
const consumerLag = life.own('consumer lag', createConsumerLag(kafka, monotonicMs, log))
const fleetSecret = Buffer.from(read(config.FLEET_SECRET_FILE), 'hex')
const judge = life.own('positions', createPositionJudge({ kafka, fleetSecret, log }))
const live = createLive(judge.judge)
const fleet = createFleetLive(judge.judge)
const tail = life.own(
  'tail',
  startTail({
    kafka,
    topics: [topics.deliveries, topics.orders, topics.dronePositions, topics.droneHealth, topics.securityAlerts].map(
      ({ name }) => name,
    ),
    groupId: `gateway.live.${randomUUID()}`,
    log,
    onRecord: async (record) => {
      await live.take(record)
      await fleet.take(record)
    },
  }),
)

const tokens = createServiceTokens(privateKey, monotonicMs)
const service = async (name: string, address: string) =>
  life.own(
    name,
    createDownstream({
      name,
      discovery: await startDiscovery({ name, address, log }),
      timeoutMs: config.DOWNSTREAM_MS_MAX,
      tokens,
      log,
      onChange: (change) => fleet.tell({ event: 'breaker.changed', data: change }),
    }),
  )
const services = {
  order: await service('order', config.ORDER_URL),
  itinerary: await service('itinerary', config.ITINERARY_URL),
  position: await service('position', config.POSITION_URL),
  droneHealth: await service('drone-health', config.DRONE_HEALTH_URL),
}
const lastPositions = life.own(
  'last positions',
  startLastPositions({ position: services.position, nowMs: monotonicMs, log }),
)

const health = createHealth()
health.add('live views', tail.problem)
health.add('positions', judge.problem)

const perMinute = {
  perAddress: config.RATE_PER_ADDRESS,
  perCredential: config.RATE_PER_CREDENTIAL,
  orders: config.RATE_ORDERS,
  sessions: config.RATE_SESSIONS,
}
const http = life.own(
  'http',
  await startHttp({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    routes: withDocument(
      publicRoutes({
        services,
        live,
        fleet,
        lastPositions,
        links,
        denyList,
        acknowledgements,
        consumerLag,
        accounts,
        sessions,
        accessTokens,
        apiKeys,
        forgetKeys,
        tickets,
        audit,
        nowMs: monotonicMs,
      }),
    ),
    authenticate,
    before: [
      denyList.middleware,
      ...createFront(config.CORS_ORIGINS.split(','), mapOrigins),
      ...createLimits(perMinute, realMs),
      docsPage,
      pages,
    ],
    etags: true,
    isOutage,
    trustedProxies: config.TRUSTED_PROXIES,
    health,
    log,
  }),
)
life.own('fleet', fleet)
life.own('live', live)
log.info({ port: http.port }, 'listening')
