/** A small gateway with the whole defence on it, for tests: real connections, brokers and database, and one route. */
import { randomUUID } from 'node:crypto'
import { type IncomingMessage, request } from 'node:http'
import { createConnection, type Socket } from 'node:net'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { createAlertPublisher } from '@fleet/messaging/alerts'
import { openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { startLoop } from '@fleet/messaging/loop'
import { startTail } from '@fleet/messaging/tail'
import { createHealth } from '@fleet/runtime/health'
import { ok, openRoute, problem, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { createAudit } from '../audit.ts'
import { createAdmission, createConnections } from '../connections.ts'
import { startDenyList } from '../deny-list.ts'
import { createDetector } from '../detector.ts'
import { createStrictLimit } from '../limits.ts'
import { createMitigations } from '../mitigation.ts'

const log = silentLog()
const nowMs = () => Date.now()
const hello = openRoute('GET /hello', {}, async ({ address }) => ok({ address }))
const signIn = openRoute('POST /v1/sessions', {}, async () => problem({ code: 'session.refused' }))

/** Starts it; what is raised is heard by no other test's gateway. `mitigation`: whether anything is done about alerts. */
export async function startGuarded({
  mitigation,
  connectionsPerAddress = 1_024,
}: {
  mitigation: 'on' | 'off'
  connectionsPerAddress?: number
}) {
  const infra = await testInfrastructure()
  await createTopics(infra.kafkaInner)
  const db = await openDatabase(infra.mongoUri(`guarded_${randomUUID().replaceAll('-', '').slice(0, 12)}`))
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'guarded', log })
  const denyList = await startDenyList(db, nowMs, log)
  const audit = await createAudit(db, nowMs)
  const { mayOpen } = createAdmission({
    denyList,
    isProxy: () => false,
    isAllowed: () => false,
    perAddressMax: connectionsPerAddress,
  })
  const connections = createConnections({ mayOpen, nowMs: () => performance.now() })
  const mitigations = createMitigations({ denyList, connections, audit, isListed: () => false, nowMs, log })
  const alerts = createAlertPublisher(kafka, log)
  const heard: unknown[] = []
  const tail = startTail({
    kafka,
    topics: [topics.securityAlerts.name],
    groupPrefix: 'guarded',
    what: 'alerts',
    from: 'end',
    log,
    onRecord: async (record) => {
      heard.push(JSON.parse(record.value?.toString() ?? 'null'))
      if (mitigation === 'on') await mitigations.take(record)
    },
  })
  const isLimited = (address: string) => denyList.treatmentOf(address)?.treatment === 'limit'
  const detector = createDetector({
    connections,
    strained: () => true,
    isLimited,
    nowMs,
    raise: (alert) => void alerts.publish(alert),
  })
  const looks = startLoop('detector', 200, log, async () => detector.look())
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: [hello, signIn],
    authenticate: () => ({ code: 'auth.missing' }),
    health: createHealth(),
    log,
    guards: [detector.middleware, denyList.middleware, createStrictLimit(isLimited, nowMs)],
    onConnection: connections.onConnection,
  })
  await waitUntil('the alerts to be read', () => tail.problem() === null, { timeoutMs: 30_000 })

  return {
    denyList,
    audit,
    heard,
    alerts,
    now: () => UnixMs.parse(nowMs()),
    /** The status of a request from `source`; 0 where the connection was closed. */
    ask: (source: string, path = '/hello', method = 'GET') => statusOf(source, server.port, path, method),
    connect: (source: string): Socket => {
      const socket = createConnection({ host: '127.0.0.1', port: server.port, localAddress: source })
      return socket.on('error', () => undefined)
    },
    [Symbol.asyncDispose]: async () => {
      await looks.close()
      await server.close()
      await tail.close()
      await alerts.close()
      await denyList.close()
      await db.close()
    },
  }
}

const statusOf = (source: string, port: number, path: string, method: string): Promise<number> =>
  new Promise((resolve) => {
    const asked = request(
      { host: '127.0.0.1', port, path, method, localAddress: source, agent: false },
      (response: IncomingMessage) => {
        response.resume().once('end', () => resolve(response.statusCode ?? 0))
      },
    )
    asked.once('error', () => resolve(0)).end()
  })
