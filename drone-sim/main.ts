/** The simulated fleet of one drone host: configuration → world and stores → drones → links. */
import { join } from 'node:path'
import { droneModel } from '@fleet/contracts/drone-model'
import { createKafka } from '@fleet/messaging/kafka'
import { createClock } from '@fleet/runtime/clock'
import { HostPorts, ProcessConfig, readConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { startDownlink } from './downlink.ts'
import { FaultPlan, startFaultPlan } from './fault-plan.ts'
import { faultRoutes, isLoopback } from './fault-routes.ts'
import { createFleet } from './fleet.ts'
import { readHostIdentity } from './host-identity.ts'
import { openNonVolatileStore } from './non-volatile-store.ts'
import { createPositionQueues } from './position-queues.ts'
import { seededRandom } from './random.ts'
import { signerOf, startUplink } from './uplink.ts'
import { openWorld } from './world.ts'

const config = readConfig(
  ProcessConfig.extend({
    DRONE_BROKERS: HostPorts,
    /** The host's folder: host.json, certificate, keys. */
    DRONE_IDENTITIES: z.string().min(1),
    /** Where the drones' non-volatile stores, the world and its ledger stand. */
    DRONE_STORE: z.string().min(1),
    SEED: z.string().default('1'),
    /** World milliseconds between positions of a drone that has stood for a minute; before, and in the air, it is the model's period. */
    POSITION_PAD_PERIOD_MS: z.coerce.number().int().min(100).max(60_000).default(30_000),
    /** Positions that one drone keeps while the link is down. */
    POSITION_QUEUE_MAX: z.coerce.number().int().min(1).max(1_000_000).default(3_600),
    /** Faults from the start, as JSON: `[{ "droneId": …, "fault": …, "forMs": …, "size": …, "afterMs": … }]`. */
    FAULTS: FaultPlan.default([]),
    /** Metres a second, whose gusts push the drones about; and the share of positions that is lost in the air. */
    WIND_MPS: z.coerce.number().min(0).max(20).default(0),
    POSITION_LOSS: z.coerce.number().min(0).max(1).default(0),
    /** World milliseconds that a drone's computer is dark in a reboot. */
    REBOOT_MS: z.coerce.number().int().min(0).max(60_000).default(4_000),
  }),
)
const log = createLog('drone-sim', config.LOG_LEVEL)
const lifecycle = createLifecycle(log, config.SHUTDOWN_MS_MAX)
const clock = createClock({ epochMs: config.WORLD_EPOCH_MS, speed: config.WORLD_SPEED })
const health = createHealth()
const host = readHostIdentity(config.DRONE_IDENTITIES)
const kafka = createKafka({ brokers: config.DRONE_BROKERS, clientId: host.hostId, log, tls: host.tls })

const positions = createPositionQueues(config.POSITION_QUEUE_MAX)
const fleet = createFleet({
  drones: host.drones.map(({ droneId, base }) => ({ droneId, base, random: seededRandom(config.SEED, droneId) })),
  store: openNonVolatileStore(join(config.DRONE_STORE, 'non-volatile')),
  world: openWorld(config.DRONE_STORE, host.drones),
  clock,
  log,
  sendPosition: positions.add,
  onTick: () => uplink.positionsQueued(),
  onReport: () => uplink.wake(),
  positionPeriodMs: droneModel.positionPeriodMs,
  padPeriodMs: config.POSITION_PAD_PERIOD_MS,
  rebootMs: config.REBOOT_MS,
  weather: { windMps: config.WIND_MPS, lossShare: config.POSITION_LOSS },
})
const uplink = startUplink({
  kafka,
  log,
  signers: new Map(
    host.drones.map(({ droneId, key, keyVersion }) => [droneId, signerOf(droneId, { key: key.export(), keyVersion })]),
  ),
  positions,
  pendingReports: fleet.pendingReports,
  reportsAccepted: fleet.reportsAccepted,
  isMute: fleet.isMute,
  bytesOf: fleet.bytesOf,
})
lifecycle.own('uplink', uplink)
lifecycle.own('fleet', fleet)
fleet.start()
const plan = startFaultPlan({ plan: config.FAULTS, clock, inflict: fleet.inflict })
lifecycle.own('faults', plan)
const drones = new Set(host.drones.map(({ droneId }) => droneId))
const downlink = startDownlink({ kafka, hostId: host.hostId, drones, clock, log, deliver: fleet.deliver })
lifecycle.own('downlink', downlink)
health.add('uplink', uplink.problem)
health.add('downlink', downlink.problem)

const http = await startHttp({
  host: config.HTTP_HOST,
  port: config.HTTP_PORT,
  // Faults are for whoever sits at this machine: there is no one to log in with.
  routes: isLoopback(config.HTTP_HOST) ? faultRoutes(fleet, drones) : [],
  authenticate: () => ({ role: 'operator', sub: 'loopback' }),
  health,
  log,
})
lifecycle.own('http', http)
log.info(
  { hostId: host.hostId, drones: drones.size, port: http.port, worldSpeed: config.WORLD_SPEED },
  'drones stand ready',
)
