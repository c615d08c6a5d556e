import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, ok, openRoute, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createNetworks, Networks, privateNetworks } from './addresses.ts'
import { createShedder, nextLimit, type ShedLimits } from './shed.ts'

const open: HttpServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})
async function serving(options: Partial<Parameters<typeof startHttp>[0]>) {
  const shared = { host: '127.0.0.1', port: 0, health: createHealth(), log: silentLog(), routes: [] }
  const server = await startHttp({ ...shared, authenticate: () => ({ code: 'auth.missing' }), ...options })
  open.push(server)
  return (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
}

describe('shedding load', () => {
  /** A part that serves four at once in 20 ms each: 200 a second. Time is counted, not waited for. */
  const workMs = 20
  const atOnce = 4
  const capacityPerS = atOnce * (1_000 / workMs)
  /** Offers three times the capacity for a minute: how long the accepted of its second half took, and how many were refused. */
  const overload = (limits: ShedLimits) => {
    let ms = 0
    const shedder = createShedder(limits, () => ms)
    const places = Array.from({ length: atOnce }, () => 0)
    const leaving: { atMs: number; leave(): void }[] = []
    const tookMs: number[] = []
    let refused = 0
    for (; ms < 60_000; ms += 1_000 / (capacityPerS * 3)) {
      while ((leaving[0]?.atMs ?? Number.POSITIVE_INFINITY) <= ms) leaving.shift()?.leave()
      const place = shedder.enter('/v1/orders')
      if (place === null) {
        refused += 1
        continue
      }
      const first = places.indexOf(Math.min(...places))
      const atMs = Math.max(ms, places[first] ?? 0) + workMs
      places[first] = atMs
      leaving.push({ atMs, leave: place.leave })
      if (ms > 30_000) tookMs.push(atMs - ms)
    }
    return { tookMs: tookMs.sort((a, b) => a - b), refused, strained: shedder.strained() }
  }
  const p99 = (sorted: number[]) => sorted[Math.floor(sorted.length * 0.99)] ?? 0

  it('keeps the accepted requests fast at three times the capacity, and uses all of it', () => {
    const shed = overload({ inFlightMin: 4, inFlightMax: 512, targetMs: 250 })
    const queued = overload({ inFlightMin: 100_000, inFlightMax: 100_000, targetMs: 250 })

    expect(p99(shed.tookMs)).toBeLessThan(400)
    expect(p99(queued.tookMs)).toBeGreaterThan(10_000)
    expect(shed.tookMs.length).toBeGreaterThan(capacityPerS * 30 * 0.95)
    expect([shed.strained, queued.strained]).toEqual([true, false])
  })

  it('refuses with 503 and says when to come again', async () => {
    const shedder = createShedder({ inFlightMin: 1, inFlightMax: 1, targetMs: 250 }, () => performance.now())
    const gate = Promise.withResolvers<void>()
    const work = openRoute('GET /work', {}, async () => {
      await gate.promise
      return ok({})
    })
    const call = await serving({ routes: [work], before: [shedder.middleware] })

    const two = [call('/work'), call('/work')]
    const refused = await Promise.race(two)
    gate.resolve()
    const statuses = (await Promise.all(two)).map(({ status }) => status)

    expect(refused.status).toBe(503)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
    expect(await refused.json()).toMatchObject({ code: 'gateway.overloaded', limit: 1 })
    expect(statuses.sort()).toEqual([200, 503])
  })

  it('takes fewer where the accepted are slow, and more where all places were taken and they are fast', () => {
    const limits = { inFlightMin: 10, inFlightMax: 100, targetMs: 250 }

    expect(nextLimit(50, 300, true, limits)).toBe(40)
    expect(nextLimit(10, 300, true, limits)).toBe(10)
    expect(nextLimit(50, 100, true, limits)).toBe(55)
    expect(nextLimit(99, 100, true, limits)).toBe(100)
    expect(nextLimit(50, 100, false, limits)).toBe(50)
  })
})

describe('where a request came from', () => {
  const where = openRoute('GET /where', {}, async ({ address }) => ok({ address }))
  const told = async (trustedProxies: string[], forwarded: string) => {
    const call = await serving({ routes: [where], trustedProxies })
    return (await call('/where', { headers: { 'x-forwarded-for': forwarded } })).json()
  }

  it('is what a listed proxy says, and of anybody else the socket alone', async () => {
    expect(await told(['127.0.0.0/8'], '203.0.113.9')).toEqual({ address: '203.0.113.9' })
    expect(await told(['10.0.0.1'], '203.0.113.9')).toEqual({ address: '127.0.0.1' })
    expect(await told([], '203.0.113.9')).toEqual({ address: '127.0.0.1' })
    expect(await told(['127.0.0.1'], '203.0.113.9, 198.51.100.1')).toEqual({ address: '198.51.100.1' })
  })

  it('may be a private network, by which it is told who may read metrics where nobody says otherwise', () => {
    const mayRead = createNetworks(Networks.prefault(privateNetworks).parse(undefined))

    expect(['127.9.9.9', '::1', '10.77.1.4', '172.31.0.1', '192.168.1.1', 'fd00::1'].every(mayRead)).toBe(true)
    expect(['203.0.113.9', '172.32.0.1', '2001:db8::1', ''].some(mayRead)).toBe(false)
  })

  it('is matched with lists of addresses and networks, and a list that is none is refused', () => {
    const isListed = createNetworks(Networks.parse('192.0.2.1, 10.0.0.0/8,::1'))

    expect(['192.0.2.1', '10.9.9.9', '::1'].every(isListed)).toBe(true)
    expect(['192.0.2.2', '11.0.0.1', '::2', '', 'nonsense'].some(isListed)).toBe(false)
    for (const wrong of ['10.0.0.0/33', 'proxy', '10.0.0.1/8/8']) expect(Networks.safeParse(wrong).success).toBe(false)
  })
})
