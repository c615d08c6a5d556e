import { once } from 'node:events'
import { createConnection, type Socket } from 'node:net'
import type { SecurityAlert } from '@fleet/contracts/security-alerts'
import { waitUntil } from '@fleet/local/wait'
import { createHealth } from '@fleet/runtime/health'
import { events, type HttpServer, ok, openRoute, problem, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createConnections } from './connections.ts'
import { createDetector, thresholds } from './detector.ts'

const bound = { timeoutMs: 10_000, everyMs: 5 }
const open: HttpServer[] = []
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  for (const server of open.splice(0)) await server.close()
})

/** A server that is watched: what it raises, by rule. */
async function watched({ strained = false, limited = false } = {}) {
  let ms = 1_800_000_000_000
  let isLimited = limited
  let underWay = 0
  const raised: SecurityAlert[] = []
  const connections = createConnections({ mayOpen: () => true, nowMs: () => ms })
  const detector = createDetector({
    connections,
    strained: () => strained,
    isLimited: () => isLimited,
    raise: (alert) => void raised.push(alert),
    nowMs: () => ms,
  })
  const untilLeft = async (signal: AbortSignal) => {
    underWay += 1
    if (!signal.aborted) await once(signal, 'abort')
  }
  const refused = async () => problem({ code: 'session.refused' })
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: [
      openRoute('GET /hello', {}, async () => ok({})),
      openRoute('POST /v1/sessions', {}, refused),
      openRoute('POST /v1/sessions/browser', {}, refused),
      openRoute('POST /v1/sessions/browser/refresh', {}, refused),
      openRoute('POST /slow', {}, async ({ signal }) => {
        await untilLeft(signal)
        return ok({})
      }),
      openRoute('GET /stream', {}, async () =>
        events(async function* (signal) {
          yield { event: 'first', data: 1 }
          await untilLeft(signal)
        }),
      ),
    ],
    authenticate: () => ({ code: 'auth.missing' }),
    health: createHealth(),
    log: silentLog(),
    guards: [detector.middleware],
    onConnection: connections.onConnection,
    trustedProxies: ['127.0.0.1'],
  })
  open.push(server)
  const ask = async (times: number, path = '/hello', init: RequestInit & { from?: string } = {}) => {
    const headers = { 'x-forwarded-for': init.from ?? '192.0.2.1', 'content-type': 'application/json' }
    for (let sent = 0; sent < times; sent += 1)
      await (await fetch(`http://127.0.0.1:${server.port}${path}`, { ...init, headers })).arrayBuffer()
  }
  const rules = () => [...new Set(raised.map(({ rule, source }) => `${rule} ${source}`))]
  const later = (forMs: number) => {
    ms += forMs
  }
  /** Opens connections, and says `text` on each. */
  const hold = (times: number, text = '') => {
    for (let opened = 0; opened < times; opened += 1) {
      const socket = createConnection(server.port, '127.0.0.1')
      sockets.push(socket.on('error', () => undefined).resume())
      if (text !== '') socket.write(text)
    }
  }
  const limit = () => {
    isLimited = true
  }
  const { look } = detector
  return { ask, rules, raised, later, hold, limit, look, open: connections.open, underWay: () => underWay }
}

const post = (path: string, body: string, bytes: number) =>
  `POST ${path} HTTP/1.1\r\nhost: gateway\r\ncontent-type: application/json\r\ncontent-length: ${bytes}\r\n\r\n${body}`

describe("the gateway's own detector", () => {
  it('takes for a flood what it has no room for, and leaves the same in peace while it has', async () => {
    const [strained, atEase] = [await watched({ strained: true }), await watched()]

    for (const each of [strained, atEase]) await each.ask(thresholds.floodStrained)

    expect(strained.rules()).toEqual(['http-flood 192.0.2.1'])
    expect(strained.raised[0]).toMatchObject({ detector: 'gateway', confidence: 'low' })
    expect(atEase.rules()).toEqual([])
  })

  it('sees that a source which is limited already does not heed it', async () => {
    const limited = await watched({ limited: true })

    await limited.ask(thresholds.floodLimited)

    expect(limited.rules()).toEqual(['http-flood 192.0.2.1'])
  })

  it('counts for that what the source asks once it is limited, and not what it asked before', async () => {
    const gateway = await watched({ strained: true })
    await gateway.ask(thresholds.floodStrained)
    gateway.limit()

    await gateway.ask(thresholds.floodLimited - 1)
    const heeding = gateway.raised.length
    await gateway.ask(1)
    const unheeding = gateway.raised.length
    await gateway.ask(thresholds.floodLimited - 1)

    expect([heeding, unheeding, gateway.raised.length]).toEqual([1, 2, 2])
  })

  it.each([
    ['login-brute-force', thresholds.wrongPasswords, '/v1/sessions', { method: 'POST', body: '{}' }],
    ['login-brute-force', thresholds.wrongPasswords, '/v1/sessions/browser', { method: 'POST', body: '{}' }],
    ['api-scan', thresholds.scanned, '/admin.php', {}],
    ['oversized-body', thresholds.oversized, '/v1/sessions', { method: 'POST', body: `"${'x'.repeat(70_000)}"` }],
  ])('sees %s from %i on, by what was answered', async (rule, times, path, init) => {
    const gateway = await watched()

    await gateway.ask(times - 1, path, init)
    const before = gateway.rules()
    await gateway.ask(1, path, init)

    expect(before).toEqual([])
    expect(gateway.rules()).toEqual([`${rule} 192.0.2.1`])
  })

  it('takes no refresh for a guess, since it shows no password', async () => {
    const gateway = await watched()

    await gateway.ask(thresholds.wrongPasswords, '/v1/sessions/browser/refresh', { method: 'POST', body: '{}' })

    expect(gateway.rules()).toEqual([])
  })

  it('sees bodies that dawdle, as it sees heads', async () => {
    const gateway = await watched()

    gateway.hold(thresholds.slow, post('/v1/sessions', '{"user":', 100))
    await waitUntil(
      'the alert',
      () => {
        gateway.later(2_001)
        gateway.look()
        return gateway.rules().length > 0
      },
      bound,
    )

    expect(gateway.rules()).toEqual(['slowloris 127.0.0.1'])
  })

  it('leaves streams and slow answers in peace, however long they take', async () => {
    const gateway = await watched()
    gateway.hold(thresholds.slow, 'GET /stream HTTP/1.1\r\nhost: gateway\r\n\r\n')
    gateway.hold(thresholds.slow, post('/slow', '{}', 2))
    await waitUntil('all of them to be under way', () => gateway.underWay() === 2 * thresholds.slow, bound)

    gateway.later(60_000)
    gateway.look()

    expect(gateway.rules()).toEqual([])
  })

  it('sees connections that say nothing, from more on than browsers open ahead of need', async () => {
    const gateway = await watched()
    const isOpen = (count: number) => waitUntil(`${count} to be open`, () => gateway.open() === count, bound)

    gateway.hold(thresholds.silent - 1)
    await isOpen(thresholds.silent - 1)
    gateway.later(2_001)
    gateway.look()
    const before = gateway.rules()
    gateway.hold(1)
    await isOpen(thresholds.silent)
    gateway.later(2_001)
    gateway.look()

    expect(before).toEqual([])
    expect(gateway.rules()).toEqual(['slowloris 127.0.0.1'])
  })

  it('counts each source by itself, and begins anew with each window', async () => {
    const gateway = await watched()

    await gateway.ask(thresholds.scanned - 1, '/admin.php')
    await gateway.ask(thresholds.scanned - 1, '/admin.php', { from: '192.0.2.2' })
    gateway.later(2_001)
    await gateway.ask(thresholds.scanned - 1, '/admin.php')

    expect(gateway.rules()).toEqual([])
  })
})
