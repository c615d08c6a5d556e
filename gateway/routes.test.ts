import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CustomerId } from '@fleet/contracts/ids'
import { ProblemReply } from '@fleet/contracts/rest'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createHealth } from '@fleet/runtime/health'
import { created, type HttpServer, json, ok, problem, type Route, route, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createFleetLive } from './fleet-live.ts'
import { type LastPositions, startLastPositions } from './last-positions.ts'
import { createLive, type Live } from './live.ts'
import { publicRoutes, type Services } from './routes.ts'
import { customer, downstreamTo, keyPair, listed, operator, tokensOf } from './testing/doubles.ts'
import { assignedTo, orderId, orderReply, said } from './testing/examples.ts'

const audit: { who: string; what: string; target: string }[] = []
const everyone = ['customer', 'operator'] as const
const asked: { path: string; caller: string; key: string | undefined }[] = []

/** One process that stands for all services, checks the gateway's tokens as they do, and notes who asked. */
const serviceRoutes: Route[] = [
  route('POST /v1/orders', { allow: ['customer'], body: z.unknown() }, async ({ caller, header }) => {
    asked.push({ path: '/v1/orders', caller: `${caller.role}/${caller.sub}`, key: header('idempotency-key') })
    return created('/v1/orders/ord_1', orderReply())
  }),
  route(
    'GET /v1/orders/:id',
    { allow: ['customer', 'recipient'], params: z.object({ id: z.string() }) },
    async ({ params, caller }) => {
      asked.push({ path: `/v1/orders/${params.id}`, caller: `${caller.role}/${caller.sub}`, key: undefined })
      return params.id === 'ord_1'
        ? ok(orderReply(), { etag: '"1"' })
        : problem({ code: 'order.unknown', value: params.id })
    },
  ),
  route('GET /v1/orders/:id/history', { allow: ['operator'] }, async () => {
    const seen = { orders: 1, deliveries: 1 }
    return ok({ items: [{ seq: 2, type: 'delivery.assigned', at: '2027-01-01T00:00:00Z', status: 'assigned', seen }] })
  }),
  route('POST /v1/orders/:id/receipt', { allow: ['recipient'], body: z.unknown() }, async ({ caller }) => {
    asked.push({ path: 'receipt', caller: `${caller.role}/${caller.sub}`, key: undefined })
    return json(202, orderReply())
  }),
  route('GET /v1/bases', { allow: everyone }, async ({ caller }) => {
    asked.push({ path: '/v1/bases', caller: `${caller.role}/${caller.sub}`, key: undefined })
    return ok({ items: [] })
  }),
]

let service: HttpServer
let gateway: HttpServer
let live: Live
let services: Services
let lastPositions: LastPositions
const token = 'a'.repeat(43)
const unused = () => {
  throw new Error('not of this test')
}
beforeAll(async () => {
  const pair = keyPair()
  const publicKeyFile = join(await mkdtemp(join(tmpdir(), 'gateway-routes-')), 'public.pem')
  await writeFile(publicKeyFile, pair.publicKey)
  const shared = { host: '127.0.0.1', port: 0, health: createHealth(), log: silentLog() }
  service = await startHttp({
    ...shared,
    routes: serviceRoutes,
    authenticate: bearerTokens(publicKeyFile, () => performance.timeOrigin + performance.now()),
  })
  const tokens = tokensOf(pair.privateKey)
  const to = (name: string, port: number) => downstreamTo(listed(`http://127.0.0.1:${port}`), { name, tokens })
  services = {
    order: to('order', service.port),
    itinerary: to('itinerary', service.port),
    position: to('position', 1), // Nothing listens there.
    droneHealth: to('drone-health', service.port),
  }
  live = createLive(async () => null)
  lastPositions = startLastPositions({ position: services.position, nowMs: () => 0, log: silentLog() })
  gateway = await startHttp({
    ...shared,
    routes: publicRoutes({
      services,
      live,
      fleet: createFleetLive(async () => null),
      lastPositions,
      links: {
        make: async () => token,
        find: async (shown) => (shown === token ? { orderId, customerId: CustomerId.parse('cus_1') } : null),
      },
      denyList: { treat: unused, release: unused, list: () => [] },
      acknowledgements: { write: unused, list: async () => [] },
      consumerLag: { read: async () => [] },
      accounts: { check: async () => null },
      sessions: { begin: unused, refresh: async () => null, end: async () => undefined },
      accessTokens: { sign: unused, verify: () => null, jwks: { keys: [] } },
      apiKeys: { make: unused, list: async () => [], revoke: async () => false, callerOf: async () => null },
      forgetKeys: () => undefined,
      tickets: { make: unused, use: async () => null },
      audit: { write: async (entry) => void audit.push(entry), page: async () => ({ items: [], next: null }) },
      nowMs: () => 0,
    }),
    authenticate: (authorization) => {
      if (authorization === undefined) return { code: 'auth.missing' }
      if (authorization === 'Bearer customer') return customer
      return authorization === 'Bearer operator' ? operator : { code: 'auth.invalid' }
    },
    etags: true,
  })
})
afterAll(async () => {
  live.close()
  await lastPositions.close()
  for (const one of Object.values(services)) await one.close()
  await gateway.close()
  await service.close()
})

const call = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${gateway.port}${path}`, {
    ...init,
    headers: { authorization: 'Bearer customer', 'content-type': 'application/json', ...init.headers },
  })
const place = (body: string) => call('/v1/orders', { method: 'POST', body, headers: { 'idempotency-key': 'one' } })
const order = (rest: object = {}) =>
  JSON.stringify({ dropOff: { lat: 43.585, lon: 7.13 }, parcel: { weightG: 500 }, ...rest })
const problemOf = async (response: Response) => ({
  ...ProblemReply.parse(await response.json()),
  status: response.status,
  mediaType: response.headers.get('content-type'),
})

describe('the gateway', () => {
  it('lets nobody in without the key, and not with another', async () => {
    const none = await fetch(`http://127.0.0.1:${gateway.port}/v1/orders/ord_1`)
    const wrong = await call('/v1/orders/ord_1', { headers: { authorization: 'Bearer wrong' } })

    expect([await problemOf(none), await problemOf(wrong)]).toMatchObject([
      { status: 401, code: 'auth.missing' },
      { status: 401, code: 'auth.invalid' },
    ])
  })

  it('hands an order on as its customer, with the key, and the answer back with status and place', async () => {
    const response = await place(order())

    expect([response.status, response.headers.get('location')]).toEqual([201, '/v1/orders/ord_1'])
    expect(asked.at(-1)).toEqual({ path: '/v1/orders', caller: 'customer/cus_1', key: 'one' })
  })

  it('asks for a customer as that customer, and shows the fleet to operators alone', async () => {
    await call('/v1/bases')

    expect(asked.at(-1)).toMatchObject({ path: '/v1/bases', caller: 'customer/cus_1' })
    expect(await problemOf(await call('/v1/fleet/positions'))).toMatchObject({ status: 403, code: 'auth.forbidden' })
  })

  it('writes down what an operator does before it does it, and not what customers do', async () => {
    await place(order())
    await call('/v1/drones/drn_1/grounding', {
      method: 'POST',
      body: '{"note":"smoke"}',
      headers: { authorization: 'Bearer operator' },
    })

    expect(audit).toMatchObject([
      { who: 'operator', what: 'POST /v1/drones/:id/grounding', target: 'drn_1 {"note":"smoke"}' },
    ])
  })

  it('answers 304 to a reader who has it already, and 405 where an address does not take the method', async () => {
    const known = await call('/v1/orders/ord_1', { headers: { 'if-none-match': '"1"' } })
    const wrong = await call('/v1/bases', { method: 'DELETE' })

    expect(known.status).toBe(304)
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD'])
  })

  it('hands problems and entity tags on', async () => {
    expect((await call('/v1/orders/ord_1')).headers.get('etag')).toBe('"1"')
    expect(await problemOf(await call('/v1/orders/ord_2'))).toMatchObject({
      status: 404,
      code: 'order.unknown',
      mediaType: expect.stringContaining('application/problem+json'),
    })
  })

  it('says which service is away, and goes on with the others', async () => {
    const response = await call('/v1/fleet/positions', { headers: { authorization: 'Bearer operator' } })

    expect(response.headers.get('retry-after')).toBe('1')
    expect(await problemOf(response)).toMatchObject({ status: 503, code: 'service.unavailable', value: 'position' })
    expect((await call('/v1/bases')).status).toBe(200)
  })
})

describe('a tracking link', () => {
  it('asks the service for its one order, in the name of nobody else, and needs no credential', async () => {
    const at = `http://127.0.0.1:${gateway.port}/v1/tracking/${token}`
    const seen = await fetch(at)
    expect([seen.status, asked.at(-1)]).toEqual([
      200,
      { path: '/v1/orders/ord_1', caller: 'recipient/ord_1', key: undefined },
    ])

    const headers = { 'content-type': 'application/json' }
    const stated = await fetch(`${at}/receipt`, { method: 'POST', headers, body: '{"came":true}' })
    expect([stated.status, asked.at(-1)?.caller]).toEqual([202, 'recipient/ord_1'])
  })

  it('that nobody made is 404', async () => {
    const other = await fetch(`http://127.0.0.1:${gateway.port}/v1/tracking/${'b'.repeat(43)}`)

    expect(await problemOf(other)).toMatchObject({ status: 404, code: 'tracking.unknown' })
  })
})

describe('bad input', () => {
  it.each([
    ['a latitude of 95', order({ dropOff: { lat: 95, lon: 7 } }), 400, '/dropOff/lat', 95, 'at most 90'],
    ['text where a number is due', order({ dropOff: { lat: '43', lon: 7 } }), 400, '/dropOff/lat', '43', 'number'],
    ['an unknown field', order({ express: true }), 400, '/express', true, 'no such field'],
    ['a missing field', '{"parcel":{"weightG":500}}', 400, '/dropOff', undefined, 'object'],
    ['1 MB of JSON', JSON.stringify('a'.repeat(1_000_000)), 413, '', 1_000_002, 65_536],
    ['broken JSON', '{"dropOff":', 400, '', expect.stringContaining('JSON'), 'valid JSON'],
  ])(
    '%s is refused with field, value and limit, and reaches no service',
    async (_name, body, status, field, value, limit) => {
      const before = asked.length

      const refused = await problemOf(await place(body))

      expect(refused).toMatchObject({ status, field, limit, ...(value === undefined ? {} : { value }) })
      expect(refused.mediaType).toContain('application/problem+json')
      expect(asked.length).toBe(before)
    },
  )

  it('in an address or a query is refused too', async () => {
    expect(await problemOf(await call('/v1/orders/ord_!'))).toMatchObject({ status: 400, field: '/id' })
    expect(await problemOf(await call('/v1/orders?limit=many'))).toMatchObject({ status: 400, field: '/limit' })
    expect(
      await problemOf(
        await call('/v1/drones/drn_1/track?from=yesterday', { headers: { authorization: 'Bearer operator' } }),
      ),
    ).toMatchObject({
      status: 400,
      field: '/from',
    })
    expect(await problemOf(await call('/v1/nothing'))).toMatchObject({ status: 404, code: 'route.unknown' })
  })
})

describe('GET /v1/orders/:id/events', () => {
  it('answers a problem, not a stream, where there is no such order', async () => {
    expect(await problemOf(await call('/v1/orders/ord_2/events'))).toMatchObject({ status: 404, code: 'order.unknown' })
  })

  it('streams the order and what is said of it', async () => {
    const response = await call('/v1/orders/ord_1/events')
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader()
    const first = await reader?.read()

    await live.take(said('delivery.assigned', 1))

    expect(response.headers.get('content-type')).toContain('text/event-stream')
    expect(first?.value).toContain('id: 1\nevent: order\ndata: {"orderId":"ord_1"')
    const second = await reader?.read()
    expect(second?.value).toContain('id: 2\nevent: delivery.assigned')
    expect(second?.value).toContain(JSON.stringify(assignedTo().flight.droneId))
    await reader?.cancel()
  })
})
