/** The itinerary service: orders become flights here. */
import { randomUUID } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { droneModel } from '@fleet/contracts/drone-model'
import { ItineraryId } from '@fleet/contracts/ids'
import { startConsumer } from '@fleet/messaging/consumer'
import { isOutage, openDatabase } from '@fleet/messaging/database'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { createKafka } from '@fleet/messaging/kafka'
import { startLoop } from '@fleet/messaging/loop'
import { startRegistryView } from '@fleet/messaging/registry-view'
import { startRelay } from '@fleet/messaging/relay'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createClock } from '@fleet/runtime/clock'
import { readConfig, ServiceConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { Gauge } from 'prom-client'
import { z } from 'zod'
import { defaultBases } from './bases.ts'
import { subscriptions } from './consume.ts'
import type { WaitingPlace } from './delivery.ts'
import { dispatchRound } from './dispatcher.ts'
import { createFlights } from './flights.ts'
import { createPermitClock } from './permit-clock.ts'
import { itineraryRoutes } from './routes.ts'
import { createItineraryStore } from './store.ts'

const config = readConfig(
  ServiceConfig.extend({
    FLEET_SECRET_FILE: z.string().min(1),
    /** Real milliseconds between two looks at waiting orders and running permits. */
    DISPATCH_MS: z.coerce.number().int().min(50).max(60_000).default(250),
    /** How long an order waits for a drone before it fails, in world milliseconds. */
    WAIT_MS_MAX: z.coerce.number().int().min(1_000).default(3_600_000),
  }),
)
const log = createLog('itinerary', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const clock = createClock({ epochMs: config.WORLD_EPOCH_MS, speed: config.WORLD_SPEED })
const health = createHealth()

const db = life.own('mongo', await openDatabase(config.MONGO_URI))
const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'itinerary', log })
const store = await createItineraryStore(db)
await store.seedBases(defaultBases, { correlationId: 'first-start', causationId: 'first-start', at: clock.worldNow() })
const { permitMs, permitRequestMsMax: requestMsMax } = droneModel
const flights = createFlights({ store, worldNow: clock.worldNow, permitMs, requestMsMax, log })

const relay = life.own('outbox', startRelay({ db, kafka, log, batchMax: config.OUTBOX_BATCH_MAX }))
health.add('outbox', relay.problem)

const registry = life.own('registry', await startRegistryView({ kafka, name: 'itinerary', log }))
health.add('registry', registry.problem)
const fleetSecret = Buffer.from(readFileSync(config.FLEET_SECRET_FILE, 'utf8').trim(), 'hex')
const authenticator = createDroneAuthenticator({ registry, fleetSecret })
const ageMs = (appendedAtMs: number) => (Date.now() - appendedAtMs) / clock.realMs(1)
const heard = subscriptions({ flights, store, authenticator, worldNow: clock.worldNow, ageMs })
const consumer = life.own('consumer', await startConsumer({ kafka, db, group: 'itinerary', subscriptions: heard, log }))
health.add('consumer', consumer.problem)

const freshId = () => randomUUID().replaceAll('-', '')
const dispatcher = {
  db,
  store,
  flights,
  worldNow: clock.worldNow,
  newItineraryId: () => ItineraryId.parse(`itn_${freshId()}`),
  waitMsMax: config.WAIT_MS_MAX,
}
let goOnAfter: WaitingPlace | null = null
life.own(
  'dispatch',
  startLoop('dispatch', config.DISPATCH_MS, log, async () => {
    goOnAfter = await dispatchRound(dispatcher, goOnAfter)
  }),
)

const permitClock = createPermitClock({ permitMs, elapsedMs: clock.worldElapsed })
life.own(
  'permits',
  startLoop('permits', config.DISPATCH_MS, log, async () => {
    for (const { orderId, permitRequestId } of permitClock.over(await store.runningPermits(10_000))) {
      const cause = { correlationId: orderId, causationId: 'permit-clock' }
      await db.transact((tx) => flights.handle(orderId, { type: 'run-permit-out', permitRequestId }, cause, tx))
    }
  }),
)

const open = new Gauge({
  name: 'deliveries_by_status',
  help: 'Deliveries in each state, but for those that have ended. Waiting ones pile up when drones are short, undecided ones want an operator.',
  labelNames: ['status'],
})
life.own(
  'gauges',
  startLoop('gauges', 5_000, log, async () => {
    open.reset()
    for (const { status, count } of await store.countOpen()) open.set({ status }, count)
  }),
)

const http = await startHttp({
  host: config.HTTP_HOST,
  port: config.HTTP_PORT,
  routes: itineraryRoutes({
    db,
    store,
    flights,
    worldNow: clock.worldNow,
  }),
  isOutage,
  authenticate: bearerTokens(config.TOKEN_PUBLIC_KEY_FILE, () => Date.now()),
  health,
  log,
})
life.own('http', http)
log.info({ port: http.port }, 'itinerary is up')
