import type { SecurityAlert } from '@fleet/contracts/security-alerts'
import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, ok, openRoute, problem, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createConnections } from './connections.ts'
import { createDetector, thresholds } from './detector.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})

/** A server that is watched: what it raises, by rule. */
async function watched({ strained = false, limited = false } = {}) {
  let ms = 1_800_000_000_000
  const raised: SecurityAlert[] = []
  const connections = createConnections({ mayOpen: () => true, nowMs: () => ms })
  const detector = createDetector({
    connections,
    strained: () => strained,
    isLimited: () => limited,
    raise: (alert) => void raised.push(alert),
    nowMs: () => ms,
  })
  const server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: [
      openRoute('GET /hello', {}, async () => ok({})),
      openRoute('POST /v1/sessions', {}, async () => problem({ code: 'session.refused' })),
    ],
    authenticate: () => ({ code: 'auth.missing' }),
    health: createHealth(),
    log: silentLog(),
    before: [detector.middleware],
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
  return { ask, rules, raised, later }
}

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

  it.each([
    ['login-brute-force', thresholds.wrongPasswords, '/v1/sessions', { method: 'POST', body: '{}' }],
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

  it('counts each source by itself, and begins anew with each window', async () => {
    const gateway = await watched()

    await gateway.ask(thresholds.scanned - 1, '/admin.php')
    await gateway.ask(thresholds.scanned - 1, '/admin.php', { from: '192.0.2.2' })
    gateway.later(2_001)
    await gateway.ask(thresholds.scanned - 1, '/admin.php')

    expect(gateway.rules()).toEqual([])
  })
})
