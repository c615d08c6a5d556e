import { randomUUID } from 'node:crypto'
import { appendFileSync, mkdtempSync, renameSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { topics } from '@fleet/contracts/topics'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { createAlertPublisher } from '@fleet/messaging/alerts'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import { parseAlertLine } from './alert-lines.ts'
import { startBridge } from './bridge.ts'

const log = silentLog()
const bound = { timeoutMs: 20_000, everyMs: 50 }
const nowS = Math.floor(Date.now() / 1_000)
let kafka: Kafka
beforeAll(async () => {
  const infra = await testInfrastructure()
  await createTopics(infra.kafkaInner)
  kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'snort-test', log })
}, 60_000)

const line = (source: string, rest: object = {}) =>
  `${JSON.stringify({ seconds: nowS, src_addr: source, src_port: 1, dst_addr: '10.0.0.1', dst_port: 8080, proto: 'TCP', gid: 1, sid: 1000001, msg: 'http-flood', ...rest })}\n`

/** A folder with an alert file, and bridges that follow it one after the other. */
function sensor() {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-bridge-'))
  const alertFile = join(folder, 'alert_json.txt')
  const published: string[] = []
  const start = async () =>
    startBridge({
      alertFile,
      placeFile: join(folder, 'place.json'),
      detector: 'snort',
      alerts: { publish: async ({ source }) => published.push(source) > 0 },
      nowMs: () => nowS * 1_000,
      log,
    })
  const sees = (...sources: string[]) =>
    waitUntil(`${sources.join()}`, () => sources.every((source) => published.includes(source)), bound)
  return { alertFile, published, start, sees }
}

describe('the bridge', () => {
  it('publishes what Snort writes as alert.raised, and a source and rule once a second', async () => {
    const { alertFile } = sensor()
    const alerts = createAlertPublisher(kafka, log)
    const consumer = kafka.consumer({ groupId: `bridge-${randomUUID()}` })
    const source = `2001:db8::${randomUUID().slice(0, 4)}`
    const heard: unknown[] = []
    await consumer.connect()
    await consumer.subscribe({ topic: topics.securityAlerts.name, fromBeginning: true })
    await consumer.run({
      eachMessage: async ({ message }) => {
        const alert = topics.securityAlerts.schema.parse(JSON.parse(message.value?.toString() ?? ''))
        if (alert.key === source || alert.key === '192.0.2.99') heard.push(alert.data)
      },
    })
    writeFileSync(alertFile, line(source).repeat(3))
    const placeFile = `${alertFile}.place`
    const shared = { alertFile, placeFile, detector: 'snort', alerts, nowMs: () => nowS * 1_000, log }
    const bridge = await startBridge(shared)

    await waitUntil('the alert', () => heard.length > 0, { timeoutMs: 30_000 })
    appendFileSync(alertFile, line('192.0.2.99'))
    await waitUntil('the next', () => heard.length > 1, bound)

    const raised = { rule: 'http-flood', detector: 'snort', raisedAtMs: nowS * 1_000, confidence: 'high' }
    expect(heard).toEqual([
      { source, ...raised },
      { source: '192.0.2.99', ...raised },
    ])
    await bridge.close()
    await alerts.close()
    await consumer.disconnect()
  })

  it('goes on where it stood after a restart, and in the new file after a rotation', async () => {
    const { alertFile, published, start, sees } = sensor()
    writeFileSync(alertFile, line('192.0.2.1'))
    const first = await start()
    await sees('192.0.2.1')
    await first.close()
    appendFileSync(alertFile, line('192.0.2.2'))

    const second = await start()
    await sees('192.0.2.2')
    renameSync(alertFile, `${alertFile}.1`)
    writeFileSync(alertFile, line('192.0.2.3'))
    await sees('192.0.2.3')
    truncateSync(alertFile)
    appendFileSync(alertFile, line('192.0.2.4', { msg: 'slowloris' }).slice(0, 40))
    appendFileSync(alertFile, line('192.0.2.4', { msg: 'slowloris' }).slice(40))
    await sees('192.0.2.4')
    await second.close()

    expect(published).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.4'])
  })

  it('passes over what is no alert of ours, what is too long, and what is old', async () => {
    const { alertFile, published, start, sees } = sensor()
    const junk = ['{"half', '[]', 'x'.repeat(20_000), '{"seconds":1}'].join('\n')
    writeFileSync(alertFile, `${junk}\n${line('192.0.2.1', { seconds: nowS - 61 })}${line('192.0.2.2')}`)

    const bridge = await start()
    await sees('192.0.2.2')
    await bridge.close()

    expect(published).toEqual(['192.0.2.2'])
  })

  it('names the attacker where a rule fires on our answer', () => {
    const scan = line('10.0.0.1', { dst_addr: '192.0.2.7', msg: 'api-scan' })

    expect(parseAlertLine(scan, 'snort')).toMatchObject({ source: '192.0.2.7', rule: 'api-scan' })
  })
})
