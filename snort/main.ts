/** The bridge from Snort's alert file to the brokers: configuration → adapters → start. */
import { createAlertPublisher } from '@fleet/messaging/alerts'
import { createKafka } from '@fleet/messaging/kafka'
import { HostPorts, ProcessConfig, readConfig } from '@fleet/runtime/config'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { createLifecycle } from '@fleet/runtime/lifecycle'
import { createLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { startBridge } from './bridge.ts'

const config = readConfig(
  ProcessConfig.extend({
    KAFKA_BROKERS: HostPorts,
    /** Where Snort writes `alert_json`. */
    ALERT_FILE: z.string().min(1),
    /** Where the bridge notes how far it has read. */
    PLACE_FILE: z.string().min(1),
    /** As the gateway's SENSOR_NAME. */
    SENSOR_NAME: z.string().min(1).max(32).default('snort'),
  }),
)
const log = createLog('snort-bridge', config.LOG_LEVEL)
const life = createLifecycle(log, config.SHUTDOWN_MS_MAX)

const kafka = createKafka({ brokers: config.KAFKA_BROKERS, clientId: 'snort-bridge', log })
const alerts = life.own('alerts', createAlertPublisher(kafka, log))
const bridge = life.own(
  'bridge',
  await startBridge({
    alertFile: config.ALERT_FILE,
    placeFile: config.PLACE_FILE,
    detector: config.SENSOR_NAME,
    alerts,
    nowMs: () => Date.now(),
    log,
  }),
)
const health = createHealth()
health.add('alert file', bridge.problem)
life.own(
  'http',
  await startHttp({
    host: config.HTTP_HOST,
    port: config.HTTP_PORT,
    routes: [],
    authenticate: () => ({ code: 'auth.missing' }),
    health,
    log,
  }),
)
log.info({ alertFile: config.ALERT_FILE }, 'following')
