import { randomUUID } from 'node:crypto'
import type { SecurityAlert } from '@fleet/contracts/security-alerts'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { waitUntil } from '@fleet/local/wait'
import { silentLog } from '@fleet/runtime/log'
import { describe, expect, it } from '@jest/globals'
import { createMitigations, decideMitigation, type Known } from './mitigation.ts'
import { startGuarded } from './testing/guarded.ts'

const atMs = UnixMs.parse(1_800_000_000_000)
const alertOf = (rule: string, rest: Partial<SecurityAlert> = {}): SecurityAlert => ({
  source: '192.0.2.7',
  rule,
  detector: 'snort',
  raisedAtMs: atMs,
  ...rest,
})
const stranger: Known = { treatment: null, sinceMs: 0, denials: 0, hasShaken: true }
const decided = (rule: string, known: Partial<Known> = {}, rest: Partial<SecurityAlert> = {}, nowMs: number = atMs) =>
  decideMitigation(alertOf(rule, rest), { ...stranger, ...known }, nowMs)

describe('what an alert makes of its source', () => {
  it('is a denial where the sensor is sure, and a limit first where the gateway itself has looked', () => {
    expect(decided('http-flood')).toEqual({ act: 'deny', forS: 300 })
    expect(decided('http-flood', {}, { confidence: 'low' })).toEqual({ act: 'limit', forS: 120 })
    expect(decided('api-scan')).toEqual({ act: 'limit', forS: 120 })
  })

  it('is a denial where a limited source goes on, longer each time', () => {
    const limited = { treatment: 'limit', sinceMs: atMs - 500 } as const

    expect(decided('api-scan', limited)).toEqual({ act: 'deny', forS: 300 })
    expect(decided('api-scan', { ...limited, denials: 2 })).toEqual({ act: 'deny', forS: 1_200 })
    expect(decided('api-scan', { ...limited, denials: 30 })).toEqual({ act: 'deny', forS: 3_600 })
    expect(decided('api-scan', { ...limited, sinceMs: atMs })).toEqual({ act: 'none', because: 'already' })
  })

  it('is nothing more where it was raised before the limit could be heeded, however late it is read', () => {
    const limited = { treatment: 'limit', sinceMs: atMs - 100 } as const

    expect(decided('api-scan', limited, {}, atMs + 30_000)).toEqual({ act: 'none', because: 'already' })
  })

  it.each([
    ['unproven', 'http-flood', { hasShaken: false }],
    ['forgeable', 'syn-flood', {}],
    ['allowed', 'http-flood', { treatment: 'allow' }],
    ['already', 'http-flood', { treatment: 'deny' }],
    ['unknown-rule', 'something-else', {}],
  ] as const)('is nothing: %s', (because, rule, known) => {
    expect(decided(rule, known)).toEqual({ act: 'none', because })
  })

  it('is nothing where the alert is of an attack that may be over', () => {
    expect(decided('http-flood', {}, {}, atMs + 60_001)).toEqual({ act: 'none', because: 'old' })
  })
})

describe('alerts that are read', () => {
  it('are acted on at once, though the one before is not written down yet', async () => {
    const never = new Promise<never>(() => undefined)
    const treated: string[] = []
    const mitigations = createMitigations({
      denyList: {
        treat: (_treatment, { address }) => {
          treated.push(address)
          return never
        },
        treatmentOf: () => null,
      },
      connections: { hasShaken: () => true, drop: () => undefined },
      audit: { write: async () => undefined },
      isListed: () => false,
      nowMs: () => atMs,
      log: silentLog(),
    })
    const { name: topic } = topics.securityAlerts
    const recordOf = (source: string) => {
      const envelope = { id: 'msg_1', type: 'alert.raised', version: 1, at: atMs, key: source, seq: 1 }
      const cause = { correlationId: 'c', causationId: 'c' }
      const data = alertOf('http-flood', { source })
      return { topic, value: Buffer.from(JSON.stringify({ ...envelope, ...cause, data })) }
    }

    for (const source of ['192.0.2.7', '192.0.2.8']) await mitigations.take(recordOf(source))

    expect(treated).toEqual(['192.0.2.7', '192.0.2.8'])
  })
})

const bound = { timeoutMs: 20_000, everyMs: 50 }
const flood = async (ask: (source: string) => Promise<number>, source: string, times: number) => {
  const statuses: number[] = []
  for (let sent = 0; sent < times; sent += 20)
    statuses.push(...(await Promise.all(Array.from({ length: 20 }, () => ask(source)))))
  return statuses
}

describe('the loop from an attack to its end', () => {
  it('denies a flooding source within seconds, writes it down, and serves everybody else', async () => {
    await using gateway = await startGuarded({ mitigation: 'on' })
    const isDenied = () => gateway.denyList.treatmentOf('127.0.0.2')?.treatment === 'deny'

    await waitUntil(
      'the flood to be denied',
      async () => {
        await flood(gateway.ask, '127.0.0.2', 200)
        return isDenied()
      },
      bound,
    )

    expect(await gateway.ask('127.0.0.3')).toBe(200)
    expect([0, 403]).toContain(await gateway.ask('127.0.0.2'))
    expect((await flood(gateway.ask, '127.0.0.2', 40)).at(-1)).toBe(0) // Told often enough: now its connections are closed.
    const written = await waitUntil(
      'the audit entry',
      async () => {
        const page = await gateway.audit.page({ limit: 10, cursor: undefined })
        return page?.items.find(({ what }) => what === 'deny')
      },
      bound,
    )
    expect(written).toMatchObject({ who: 'mitigation', target: '127.0.0.2 http-flood for 300 s', from: 'gateway' })
    expect(gateway.heard).toContainEqual(
      expect.objectContaining({ data: expect.objectContaining({ source: '127.0.0.2', confidence: 'low' }) }),
    )
  })

  it('changes nothing where mitigation is off: the same flood is served to its end', async () => {
    await using gateway = await startGuarded({ mitigation: 'off' })

    await flood(gateway.ask, '127.0.0.2', 400)
    await waitUntil('the alert', () => gateway.heard.length > 0, bound)

    expect(await gateway.ask('127.0.0.2')).toBe(200)
  })

  it('closes connections that hold their request heads back, and their source is denied', async () => {
    await using gateway = await startGuarded({ mitigation: 'on' })
    const sockets = Array.from({ length: 25 }, () => gateway.connect('127.0.0.4'))
    for (const socket of sockets) socket.write('GET /hello HTTP/1.1\r\nhost: gateway\r\nx-slow: ')

    await waitUntil('all of them to be closed', () => sockets.every(({ closed }) => closed), bound)

    expect(gateway.denyList.list('deny')).toMatchObject([{ address: '127.0.0.4', reason: 'slowloris (gateway)' }])
    expect(await gateway.ask('127.0.0.3')).toBe(200)
  })

  it('closes the connections of a denied source from its fifth on, though it never asks and so is never told', async () => {
    await using gateway = await startGuarded({ mitigation: 'on' })
    await gateway.denyList.treat('deny', { address: '127.0.0.4', reason: 'a test', forS: 60 })

    const sockets = Array.from({ length: 12 }, () => gateway.connect('127.0.0.4').resume())
    for (const socket of sockets) socket.write('GET /hello HTTP/1.1\r\n')

    await waitUntil('all but four to be closed', () => sockets.filter(({ closed }) => closed).length === 8, bound)
    expect(await gateway.ask('127.0.0.9')).toBe(200)
    for (const socket of sockets) socket.destroy()
  })

  it('turns a denied source away from the health pages and the metrics as well', async () => {
    await using gateway = await startGuarded({ mitigation: 'on' })
    const own = ['/health/live', '/health/ready', '/metrics']
    const told = () => Promise.all(own.map((path) => gateway.ask('127.0.0.4', path)))
    const before = await told()
    await gateway.denyList.treat('deny', { address: '127.0.0.4', reason: 'a test', forS: 60 })

    expect([before, await told()]).toEqual([
      [200, 200, 200],
      [403, 403, 403],
    ])
  })

  it('lets an address hold its share of connections, and one that is allowed as many as it likes', async () => {
    await using gateway = await startGuarded({ mitigation: 'on', connectionsPerAddress: 10 })
    await gateway.denyList.treat('allow', { address: '127.0.0.8', reason: 'our own', forS: 60 })
    const hold = (source: string) => Array.from({ length: 15 }, () => gateway.connect(source).resume())
    const [held, allowed] = [hold('127.0.0.4'), hold('127.0.0.8')]
    const closed = (sockets: typeof held) => sockets.filter((socket) => socket.closed).length

    await waitUntil('all but ten to be closed', () => closed(held) === 5, bound)
    expect([await gateway.ask('127.0.0.4'), await gateway.ask('127.0.0.8'), closed(allowed)]).toEqual([0, 200, 0])
    for (const socket of held) socket.destroy()
    await waitUntil('one more to be let in', async () => (await gateway.ask('127.0.0.4')) === 200, bound)
    for (const socket of allowed) socket.destroy()
  })

  it('does not deny an address that never connected, whoever sends packets in its name', async () => {
    await using gateway = await startGuarded({ mitigation: 'on' })
    const raise = (source: string) =>
      gateway.alerts.publish({ source, rule: 'http-flood', detector: 'snort', raisedAtMs: gateway.now() })
    await gateway.ask('127.0.0.6')

    await raise('198.51.100.7')
    await raise('127.0.0.6')

    await waitUntil('the one that connected to be denied', () => gateway.denyList.list('deny').length > 0, bound)
    expect(gateway.denyList.list('deny')).toMatchObject([{ address: '127.0.0.6' }])
  })

  it('is ended by an operator, who may also allow an address whatever is seen of it', async () => {
    await using gateway = await startGuarded({ mitigation: 'on' })
    const source = '127.0.0.7'
    await gateway.denyList.treat('deny', { address: source, reason: randomUUID(), forS: 60 })

    await gateway.denyList.release(source, ['deny', 'limit'])
    await gateway.denyList.treat('allow', { address: source, reason: 'our own', forS: 60 })
    await flood(gateway.ask, source, 300)
    await waitUntil('the alert', () => gateway.heard.length > 0, bound)

    expect(await gateway.ask(source)).toBe(200)
  })
})
