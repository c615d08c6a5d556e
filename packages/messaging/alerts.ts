/** Publishes `alert.raised`, for whatever detects attacks. At most one a second of each source and rule: a flood must not become a flood of alerts. */
import { randomUUID } from 'node:crypto'
import type { SecurityAlert } from '@fleet/contracts/security-alerts'
import { topics } from '@fleet/contracts/topics'
import type { Kafka, Producer } from 'kafkajs'
import type { Logger } from 'pino'
import { Counter } from 'prom-client'
import { connectOrLeave } from './kafka.ts'

const alerts = new Counter({
  name: 'security_alerts_total',
  help: 'Alerts by what became of them. Any rise of `published` is an attack, or a rule that is too strict; of `failed` or `full`, the brokers are away while one runs.',
  labelNames: ['rule', 'became'],
})
const repeatAfterMs = 1_000
/** Sources and rules that are remembered, so that they are not repeated; past it the oldest is. */
const rememberedMax = 10_000
/** Sends under way; more means that the brokers are away, and what they would hear late is of no use. */
const underWayMax = 100

export type AlertPublisher = {
  /** False where it was not published: said within the last second, or the brokers do not take it. */
  publish(alert: SecurityAlert): Promise<boolean>
  close(): Promise<void>
}

/** Connects at the first alert. */
export function createAlertPublisher(kafka: Kafka, log: Logger): AlertPublisher {
  const said = new Map<string, number>()
  let producer: Promise<Producer> | undefined
  let underWay = 0

  const connect = () => connectOrLeave(kafka.producer({ allowAutoTopicCreation: false, retry: { retries: 2 } }))
  const isRepeated = ({ source, rule, raisedAtMs }: SecurityAlert) => {
    const key = `${rule} ${source}`
    const lastMs = said.get(key)
    if (lastMs !== undefined && raisedAtMs - lastMs < repeatAfterMs) return true
    said.delete(key)
    said.set(key, raisedAtMs)
    const [oldest] = said.keys()
    if (said.size > rememberedMax && oldest !== undefined) said.delete(oldest)
    return false
  }

  return {
    publish: async (alert) => {
      const became = (what: string) => alerts.inc({ rule: alert.rule, became: what })
      if (isRepeated(alert)) return false
      if (underWay >= underWayMax) {
        became('full')
        return false
      }
      underWay += 1
      try {
        producer ??= connect()
        const id = `msg_${randomUUID().replaceAll('-', '')}`
        const message = topics.securityAlerts.schema.parse({
          id,
          type: 'alert.raised',
          version: 1,
          at: alert.raisedAtMs,
          key: alert.source,
          seq: alert.raisedAtMs,
          correlationId: id,
          causationId: alert.detector,
          data: alert,
        })
        await (await producer).send({
          topic: topics.securityAlerts.name,
          timeout: 2_000,
          messages: [{ key: alert.source, value: JSON.stringify(message) }],
        })
        became('published')
        return true
      } catch (error) {
        log.warn({ err: error, source: alert.source, rule: alert.rule }, 'alert not published')
        became('failed')
        producer = undefined
        return false
      } finally {
        underWay -= 1
      }
    },
    close: async () => {
      await (await producer?.catch(() => undefined))?.disconnect()
    },
  }
}
