import { generateKeyPairSync } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProblemReply } from '@fleet/contracts/rest'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createHealth } from '@fleet/runtime/health'
import { created, type HttpServer, ok, problem, type Route, route, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { devKeyOnly } from './dev-key.ts'
import { createDownstream } from './downstream.ts'
import { createLive, type Live } from './live.ts'
import { publicRoutes } from './routes.ts'
import { createServiceTokens } from './service-tokens.ts'
import { assignedTo, orderReply, said } from './testing/examples.ts'

const devKey = 'the-key-of-this-test'
const everyone = ['customer', 'operator'] as const
const asked: { path: string; caller: string; key: string | undefined }[] = []

/** One process that stands for all services, checks the gateway's tokens as they do, and notes who asked. */
const serviceRoutes: Route[] = [
  route('POST /v1/orders', { allow: ['customer'], body: z.unknown() }, async ({ caller, header }) => {
    asked.push({ path: '/v1/orders', caller: `${caller.role}/${caller.sub}`, key: header('idempotency-key') })
    return created('/v1/orders/ord_1', orderReply())
  }),
  route('GET /v1/orders/:id', { allow: ['customer'], params: z.object({ id: z.string() }) }, async ({ params }) =>
    params.id === 'ord_1' ? ok(orderReply(), { etag: '"1"' }) : problem({ code: 'order.unknown', value: params.id }),
  ),
  route('GET /v1/bases', { allow: everyone }, async ({ caller }) => {
    asked.push({ path: '/v1/bases', caller: `${caller.role}/${caller.sub}`, key: undefined })
    return ok({ items: [] })
  }),
]

let service: HttpServer
let gateway: HttpServer
let live: Live
beforeAll(async () => {
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const publicKeyFile = join(await mkdtemp(join(tmpdir(), 'gateway-routes-')), 'public.pem')
  await writeFile(publicKeyFile, pair.publicKey)
  const shared = { host: '127.0.0.1', port: 0, health: createHealth(), log: silentLog() }
  service = await startHttp({ ...shared, routes: serviceRoutes, authenticate: bearerTokens(publicKeyFile) })
  const tokens = createServiceTokens(pair.privateKey, () => 0)
  const to = (name: string, port: number) =>
    createDownstream({ name, url: `http://127.0.0.1:${port}`, timeoutMs: 2_000, tokens, log: silentLog() })
  const services = {
    order: to('order', service.port),
    itinerary: to('itinerary', service.port),
    position: to('position', 1), // Nothing listens there.
    droneHealth: to('drone-health', service.port),
  }
  live = createLive(async () => null)
  gateway = await startHttp({
    ...shared,
    routes: publicRoutes(services, live, () => 0),
    authenticate: devKeyOnly(devKey),
  })
})
afterAll(async () => {
  live.close()
  await gateway.close()
  await service.close()
})

const call = (path: string, init: RequestInit = {}) =>
  fetch(`http://127.0.0.1:${gateway.port}${path}`, {
    ...init,
    headers: { authorization: `Bearer ${devKey}`, 'content-type': 'application/json', ...init.headers },
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
    expect(asked.at(-1)).toEqual({ path: '/v1/orders', caller: 'customer/cus_dev', key: 'one' })
  })

  it('asks for the fleet as an operator', async () => {
    await call('/v1/bases')

    expect(asked.at(-1)).toMatchObject({ path: '/v1/bases', caller: 'operator/dev' })
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
    const response = await call('/v1/fleet/positions')

    expect(response.headers.get('retry-after')).toBe('1')
    expect(await problemOf(response)).toMatchObject({ status: 503, code: 'service.unavailable', value: 'position' })
    expect((await call('/v1/bases')).status).toBe(200)
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
    expect(await problemOf(await call('/v1/drones/drn_1/track?from=yesterday'))).toMatchObject({
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
    expect(first?.value).toContain('event: order\ndata: {"orderId":"ord_1"')
    const second = await reader?.read()
    expect(second?.value).toContain('event: delivery.assigned')
    expect(second?.value).toContain(JSON.stringify(assignedTo().flight.droneId))
    await reader?.cancel()
  })
})
