/** The gateway: configuration → adapters → start. */
import { hkdfSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { topics } from '@fleet/contracts/topics'
import { createAlertPublisher } from '@fleet/messaging/alerts'
import { isOutage, openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { startLoop } from '@fleet/messaging/loop'
import { startTail } from '@fleet/messaging/tail'
import { HostPorts, ProcessConfig, readConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { soon } from '@fleet/runtime/soon'
import { z } from 'zod'
import { createAccessTokens } from './access-tokens.ts'
import { createAccounts } from './accounts.ts'
import { createAcknowledgements } from './acknowledgements.ts'
import { createNetworks, Networks, privateNetworks } from './addresses.ts'
import { createApiKeys } from './api-keys.ts'
import { createAudit } from './audit.ts'
import { createAuthenticate } from './authenticate.ts'
import { createAdmission, createConnections } from './connections.ts'
import { createConsumerLag } from './consumer-lag.ts'
import { plainAddress, startDenyList } from './deny-list.ts'
import { createDetector } from './detector.ts'
import { ServiceAddress, startDiscovery } from './discovery.ts'
import { createDownstream } from './downstream.ts'
import { createFleetLive } from './fleet-live.ts'
import { createFront } from './front.ts'
import { startLastPositions } from './last-positions.ts'
import { createLimits, createStrictLimit } from './limits.ts'
import { createLive } from './live.ts'
import { createMitigations } from './mitigation.ts'
import { docsPage } from './openapi/docs-page.ts'
import { withDocument } from './openapi/document.ts'
import { createPages } from './pages.ts'
import { createPositionJudge } from './positions.ts'
import { publicRoutes } from './routes.ts'
import { createServiceTokens } from './service-tokens.ts'
import { createSessions } from './sessions.ts'
import { createShedder } from './shed.ts'
import { createStreamTickets } from './stream-tickets.ts'
import { createAliases, startTlsFront } from './tls-front.ts'
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
    /** Open connections of one address, but for trusted proxies and allowed addresses. */
    CONNECTIONS_PER_ADDRESS: z.coerce.number().int().min(1).max(100_000).default(1_024),
    /** Who may read `/metrics`; to others it is not there. */
    METRICS_NETWORKS: Networks.prefault(privateNetworks),
    /** Sites whose scripts may call, a comma list, or `*`. */
    CORS_ORIGINS: z.string().default('*'),
    /** A MapLibre style with real tiles; left out, the pages draw their own plain base and ask nobody. */
    MAP_STYLE_URL: z.url().optional(),
    /** Where that style's tiles, fonts and pictures come from, where it is not the style's own site: a comma list. */
    MAP_ORIGINS: z.string().default(''),
    /** Proxies in front, by address or network, that are trusted to say where a request came from. */
    TRUSTED_PROXIES: Networks,
    /** Files (PEM). With them HTTPS is served at GATEWAY_TLS_PORT, and plain HTTP on the loopback address alone. */
    GATEWAY_TLS_CERT: z.string().optional(),
    GATEWAY_TLS_KEY: z.string().optional(),
    GATEWAY_TLS_PORT: z.coerce.number().int().min(0).max(65_535).default(8_443),
    /** `off`: alerts are shown, and nothing is done about them. */
    MITIGATION: z.enum(['on', 'off']).default('on'),
    /** Addresses and networks against which no alert counts. */
    MITIGATION_ALLOW: Networks,
    /** `off` where a sensor detects better; both may be on. */
    DETECTOR: z.enum(['on', 'off']).default('on'),
    /** The detector whose alerts name clients by their addresses on this gateway's loopback network (tls-front.ts). */
    SENSOR_NAME: z.string().default('snort'),
    IN_FLIGHT_MIN: z.coerce.number().int().min(1).max(10_000).default(16),
    IN_FLIGHT_MAX: z.coerce.number().int().min(1).max(10_000).default(512),
    /** How long the slowest tenth of the accepted requests may take, real milliseconds. */
    ACCEPTED_MS_TARGET: z.coerce.number().int().min(10).max(10_000).default(250),
  }).refine(
    ({ GATEWAY_TLS_CERT, GATEWAY_TLS_KEY }) => (GATEWAY_TLS_CERT === undefined) === (GATEWAY_TLS_KEY === undefined),
    { path: ['GATEWAY_TLS_KEY'], message: 'must be given with GATEWAY_TLS_CERT, or neither' },
  ),
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
const isProxy = createNetworks(config.TRUSTED_PROXIES)
const isAllowed = createNetworks(config.MITIGATION_ALLOW)
const mayReadMetrics = createNetworks(config.METRICS_NETWORKS)
const isLimited = (address: string) => denyList.treatmentOf(address)?.treatment === 'limit'
const admission = createAdmission({ denyList, isProxy, isAllowed, perAddressMax: config.CONNECTIONS_PER_ADDRESS })
const connections = createConnections({ mayOpen: admission.mayOpen, nowMs: monotonicMs })
const aliases = createAliases()
const mitigations = life.own(
  'mitigations',
  createMitigations({
    denyList,
    connections,
    audit,
    isListed: (address) => isProxy(address) || isAllowed(address),
    clientOf: ({ source, detector }) =>
      (detector === config.SENSOR_NAME ? aliases.clientOf(source) : undefined) ?? source,
    nowMs: realMs,
    log,
  }),
)
const limits = {
  inFlightMin: Math.min(config.IN_FLIGHT_MIN, config.IN_FLIGHT_MAX),
  inFlightMax: config.IN_FLIGHT_MAX,
  targetMs: config.ACCEPTED_MS_TARGET,
}
const shedder = createShedder(limits, monotonicMs)
const alerts = life.own('alerts', createAlertPublisher(kafka, log))
const detector = createDetector({
  connections,
  strained: shedder.strained,
  isLimited,
  nowMs: realMs,
  raise: (alert) => void alerts.publish(alert),
})
if (config.DETECTOR === 'on')
  life.own(
    'detector',
    startLoop('detector', 1_000, log, async () => detector.look()),
  )
const live = createLive(judge.judge)
const fleet = createFleetLive(judge.judge)
const tail = life.own(
  'tail',
  startTail({
    kafka,
    topics: [topics.deliveries, topics.orders, topics.dronePositions, topics.droneHealth, topics.securityAlerts].map(
      ({ name }) => name,
    ),
    groupPrefix: 'gateway.live',
    what: 'live views',
    from: 'end',
    log,
    onRecord: (record) => {
      const views = () => soon(live.take(record), () => fleet.take(record))
      const isAlert = record.topic === topics.securityAlerts.name
      return isAlert && config.MITIGATION === 'on' ? mitigations.take(record).then(views) : views()
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
    host: config.GATEWAY_TLS_CERT === undefined ? config.HTTP_HOST : '127.0.0.1',
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
    guards: [
      ...(config.DETECTOR === 'on' ? [detector.middleware] : []),
      denyList.middleware,
      createStrictLimit(isLimited, realMs),
    ],
    mayReadMetrics: (address) => mayReadMetrics(plainAddress(address)),
    before: [
      ...createFront(config.CORS_ORIGINS.split(','), mapOrigins),
      shedder.middleware,
      ...createLimits(perMinute, realMs),
      docsPage,
      pages,
    ],
    onConnection: (socket) => {
      const client = aliases.clientOf(plainAddress(socket.remoteAddress ?? ''))
      // Handed on by the TLS front: from here on the connection is the client's, for limits, logs and denials alike.
      if (client !== undefined) Object.defineProperty(socket, 'remoteAddress', { value: client })
      connections.onConnection(socket)
    },
    etags: true,
    isOutage,
    trustedProxies: config.TRUSTED_PROXIES,
    health,
    log,
  }),
)
if (config.GATEWAY_TLS_CERT !== undefined && config.GATEWAY_TLS_KEY !== undefined) {
  const front = await startTlsFront({
    host: config.HTTP_HOST,
    port: config.GATEWAY_TLS_PORT,
    certificate: read(config.GATEWAY_TLS_CERT),
    key: read(config.GATEWAY_TLS_KEY),
    to: http.port,
    // A denied client's connection is counted when it is handed on.
    mayOpen: admission.mayShake,
    aliases,
    log,
  })
  life.own('tls', front)
  log.info({ port: front.port }, 'listening for TLS')
}
life.own('fleet', fleet)
life.own('live', live)
log.info({ port: http.port }, 'listening')
