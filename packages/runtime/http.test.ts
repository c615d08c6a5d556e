import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { CustomerId } from '@fleet/contracts/ids'
import { ProblemReply } from '@fleet/contracts/rest'
import { waitUntil } from '@fleet/local/wait'
import { describe, expect, it } from '@jest/globals'
import type { RequestHandler } from 'express'
import { z } from 'zod'
import { createHealth } from './health.ts'
import {
  created,
  events,
  type HttpOptions,
  ok,
  problem,
  type Route,
  route,
  type StreamEvent,
  startHttp,
} from './http.ts'
import { silentLog } from './log.ts'
import type { Caller } from './tokens.ts'

const caller: Caller = { role: 'customer', sub: CustomerId.parse('cus_1') }
const OrderBody = z.strictObject({
  lat: z.number().min(-90).max(90),
  weightG: z.int().min(1),
  heading: z.number().lt(360).optional(),
})
const echo = route('POST /v1/orders', { allow: ['customer'], body: OrderBody }, async ({ body }) =>
  created('/v1/orders/1', body),
)

const serve = (...routes: Route[]) => serveFor({}, ...routes)
async function serveFor(more: Pick<HttpOptions, 'times' | 'guards' | 'before' | 'mayReadMetrics'>, ...routes: Route[]) {
  const health = createHealth()
  const http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes,
    authenticate: (authorization) => (authorization === 'Bearer good' ? caller : { code: 'auth.missing' }),
    health,
    log: silentLog(),
    ...more,
  })
  return { ...http, health, [Symbol.asyncDispose]: http.close }
}

const headers = { authorization: 'Bearer good', 'content-type': 'application/json' }

async function ask(port: number, path: string, init: RequestInit = {}) {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { headers, ...init })
  const text = await response.text()
  const body: unknown = text === '' ? null : JSON.parse(text)
  return { status: response.status, headers: response.headers, body }
}

const post = (port: number, body: string, more: Record<string, string> = {}) =>
  ask(port, '/v1/orders', { method: 'POST', body, headers: { ...headers, ...more } })

describe('a route', () => {
  it('answers what it was asked, with the correlation id that came, or a new one', async () => {
    await using server = await serve(echo)

    const given = await post(server.port, '{"lat":43.6,"weightG":900}', { 'x-correlation-id': 'from-the-customer' })
    const made = await post(server.port, '{"lat":43.6,"weightG":900}', { 'x-correlation-id': 'not allowed: <spaces>' })

    expect(given).toMatchObject({ status: 201, body: { lat: 43.6, weightG: 900 } })
    expect(given.headers.get('location')).toBe('/v1/orders/1')
    expect(given.headers.get('x-correlation-id')).toBe('from-the-customer')
    expect(made.headers.get('x-correlation-id')).toMatch(/^[\w-]{36}$/)
  })

  it('is open to nobody without a credential, and to no other role', async () => {
    const forOperators = route('GET /v1/dead', { allow: ['operator'] }, async () => ok({}))
    await using server = await serve(echo, forOperators)

    const without = await ask(server.port, '/v1/orders', { method: 'POST', body: '{}', headers: {} })
    const other = await ask(server.port, '/v1/dead')

    expect(without).toMatchObject({ status: 401, body: { code: 'auth.missing' } })
    expect(other).toMatchObject({ status: 403, body: { code: 'auth.forbidden', limit: 'operator', value: 'customer' } })
  })
})

describe('bad input', () => {
  it.each([
    ['broken JSON', '{"lat":', 400, { code: 'request.malformed', limit: 'valid JSON' }],
    ['a value out of range', '{"lat":95,"weightG":1}', 400, { field: '/lat', limit: 'at most 90', value: 95 }],
    ['a value below its range', '{"lat":1,"weightG":0}', 400, { field: '/weightG', limit: 'at least 1', value: 0 }],
    [
      'a value at an open bound',
      '{"lat":1,"weightG":1,"heading":360}',
      400,
      { field: '/heading', limit: 'less than 360', value: 360 },
    ],
    ['text for a number', '{"lat":"north","weightG":1}', 400, { field: '/lat', limit: 'number', value: 'north' }],
    [
      'an unknown field',
      '{"lat":1,"weightG":1,"colour":"red"}',
      400,
      { field: '/colour', limit: 'no such field', value: 'red' },
    ],
    ['a missing field', '{"lat":1}', 400, { field: '/weightG', limit: 'number' }],
    ['no object at all', '[]', 400, { field: '', limit: 'object' }],
    [
      'a megabyte',
      `{"lat":1,"weightG":1,"pad":"${'x'.repeat(2 ** 20)}"}`,
      413,
      { code: 'request.too-large', limit: 65_536, value: 2 ** 20 + 30 },
    ],
  ])('is answered by a problem that says what is wrong: %s', async (_, body, status, told) => {
    await using server = await serve(echo)

    const answer = await post(server.port, body)

    expect(answer).toMatchObject({ status, body: { status, instance: '/v1/orders', ...told } })
    expect(answer.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(ProblemReply.safeParse(answer.body).success).toBe(true)
    expect(await post(server.port, '{"lat":1,"weightG":1}')).toMatchObject({ status: 201 })
  })

  it('tells all faults of a body at once', async () => {
    await using server = await serve(echo)

    const { body } = await post(server.port, '{"lat":95,"weightG":0}')

    expect(body).toMatchObject({ errors: [{ field: '/lat' }, { field: '/weightG' }] })
  })

  it('does not mirror a long value', async () => {
    await using server = await serve(echo)

    const { body } = await post(server.port, `{"lat":"${'x'.repeat(10_000)}","weightG":1}`)

    expect(JSON.stringify(body).length).toBeLessThan(2_000)
  })

  it.each(['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp'])('refuses %s', async (type) => {
    await using server = await serve(echo)

    const answer = await post(server.port, '{"lat":1,"weightG":1}', { 'content-type': type })

    expect(answer).toMatchObject({
      status: 415,
      body: { code: 'request.media-type', field: 'Content-Type', limit: 'application/json' },
    })
  })

  it('is told apart in a path that is no UTF-8, an unknown path and a wrong method', async () => {
    const one = route('GET /v1/orders/:orderId', { allow: ['customer'] }, async () => ok({}))
    await using server = await serve(one)

    expect(await ask(server.port, '/v1/orders/%E0%A4%A')).toMatchObject({ status: 400 })
    expect(await ask(server.port, '/v1/nothing')).toMatchObject({ status: 404, body: { code: 'route.unknown' } })
    const wrong = await ask(server.port, '/v1/orders/1', { method: 'DELETE' })
    expect(wrong).toMatchObject({ status: 405, body: { code: 'method.not-allowed', value: 'DELETE' } })
    expect(wrong.headers.get('allow')).toBe('GET, HEAD')
  })

  it('is a path in another case, or with a slash after it: each has one spelling', async () => {
    await using server = await serve(route('GET /v1/orders', { allow: ['customer'] }, async () => ok({})))

    expect(await ask(server.port, '/v1/orders')).toMatchObject({ status: 200 })
    for (const path of ['/V1/orders', '/v1/orders/', '/Health/live', '/metrics/'])
      expect(await ask(server.port, path)).toMatchObject({ status: 404, body: { code: 'route.unknown' } })
  })

  it('is refused in a path parameter and a query like in a body', async () => {
    const one = route(
      'GET /v1/orders/:n',
      {
        allow: ['customer'],
        params: z.object({ n: z.coerce.number().max(9) }),
        query: z.strictObject({ m: z.coerce.number().optional() }),
      },
      async ({ params }) => ok(params),
    )
    await using server = await serve(one)

    expect(await ask(server.port, '/v1/orders/9')).toMatchObject({ status: 200, body: { n: 9 } })
    expect(await ask(server.port, '/v1/orders/10')).toMatchObject({ status: 400, body: { field: '/n', value: '10' } })
    expect(await ask(server.port, '/v1/orders/9?x=1')).toMatchObject({ status: 400, body: { field: '/x', value: '1' } })
    expect(await ask(server.port, '/v1/orders/9?m=')).toMatchObject({ status: 400, body: { field: '/m', value: '' } })
  })
})

describe('what a route answers', () => {
  it('is the refusal of the domain, with its facts', async () => {
    const refuses = route('GET /v1/far', { allow: ['customer'] }, async () =>
      problem({ code: 'order.too-far', field: '/dropOff', limit: 10, value: 11, facts: { nearestBase: 'bas_1' } }),
    )
    await using server = await serve(refuses)

    expect(await ask(server.port, '/v1/far')).toMatchObject({
      status: 422,
      body: { code: 'order.too-far', field: '/dropOff', limit: 10, value: 11, nearestBase: 'bas_1' },
    })
  })

  it('is a bare 500 with a trace id where something unknown broke, and says nothing of the cause', async () => {
    const breaks = route('GET /v1/broken', { allow: ['customer'] }, async () => {
      throw new Error('the password is hunter2')
    })
    await using server = await serve(breaks)

    const { status, body, headers: answered } = await ask(server.port, '/v1/broken')

    expect(status).toBe(500)
    expect(body).toMatchObject({ code: 'internal', traceId: answered.get('x-correlation-id') })
    expect(JSON.stringify(body)).not.toContain('hunter2')
  })
})

/** Reads nothing of the answer until it is told to. */
async function slowReader(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  socket.write('GET /v1/events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer good\r\n\r\n')
  return socket
}

const streamOf = (make: (signal: AbortSignal) => AsyncIterable<StreamEvent>) =>
  route('GET /v1/events', { allow: ['customer'] }, async () => events(make))

describe('a stream of events', () => {
  it('is sent event by event, and ends with its source', async () => {
    const source = streamOf(async function* () {
      yield { id: '1', event: 'status', data: { status: 'accepted' } }
      yield { event: 'position', data: [1, 2] }
    })
    await using server = await serve(source)

    const response = await fetch(`http://127.0.0.1:${server.port}/v1/events`, { headers })

    expect(response.headers.get('content-type')).toMatch(/^text\/event-stream/)
    expect(await response.text()).toBe(
      'id: 1\nevent: status\ndata: {"status":"accepted"}\n\nevent: position\ndata: [1,2]\n\n',
    )
  })

  it('asks nothing more of its source while the reader is slow, and ends it when the reader leaves', async () => {
    let asked = 0
    const ended = Promise.withResolvers<number>()
    const source = streamOf(async function* () {
      try {
        for (;;) yield { event: 'filler', data: `${asked++}${'x'.repeat(100_000)}` }
      } finally {
        ended.resolve(asked)
      }
    })
    await using server = await serve(source)
    const socket = await slowReader(server.port)

    const askedWhileFull = await settled(() => asked)
    socket.destroy()

    expect(askedWhileFull).toBeLessThan(200) // The sockets' buffers hold a few megabytes.
    expect(await ended.promise).toBeLessThanOrEqual(askedWhileFull + 1)
  })

  it('says so last where its source fails, so that half a stream does not look whole', async () => {
    const source = streamOf(async function* () {
      yield { event: 'first', data: 1 }
      throw new Error('the source broke')
    })
    await using server = await serve(source)

    const response = await fetch(`http://127.0.0.1:${server.port}/v1/events`, { headers })

    const blocks = (await response.text()).trimEnd().split('\n\n')
    expect(blocks).toHaveLength(2)
    expect(blocks[1]).toMatch(/^event: end\ndata: {"because":"something broke on our side; connect again","traceId":"/)
  })

  it('that is idle outlives the time after which a silent connection is cut', async () => {
    const stalledMsMax = 300
    const source = streamOf(async function* () {
      yield { event: 'first', data: 1 }
      await pause(3 * stalledMsMax)
      yield { event: 'second', data: 2 }
    })
    await using server = await serveFor({ times: { keepAliveMs: 50, stalledMsMax } }, source)

    const response = await fetch(`http://127.0.0.1:${server.port}/v1/events`, { headers })

    const text = await response.text()
    expect(text).toContain(': keep-alive\n\n')
    expect(text).toContain('event: second')
  })
})

/** The value once it is above 0 and has stayed the same for a hundred looks. */
async function settled(value: () => number): Promise<number> {
  let [same, last] = [0, 0]
  await waitUntil(
    'the value to settle',
    () => {
      same = value() > 0 && value() === last ? same + 1 : 0
      last = value()
      return same >= 100
    },
    { timeoutMs: 10_000, everyMs: 2 },
  )
  return last
}

describe('the endpoints of every process', () => {
  it('tell life, readiness with its reasons, and metrics, to anybody', async () => {
    await using server = await serve()
    let wrong: string | null = null
    server.health.add('consumer', () => wrong)
    const open = { headers: {} }

    expect(await ask(server.port, '/health/live', open)).toMatchObject({ status: 200 })
    expect(await ask(server.port, '/health/ready', open)).toMatchObject({ status: 200, body: { problems: [] } })
    wrong = 'orders/3: cannot be handled'
    expect(await ask(server.port, '/health/ready', open)).toMatchObject({
      status: 503,
      body: { problems: [{ part: 'consumer', problem: wrong }] },
    })
    const metrics = await fetch(`http://127.0.0.1:${server.port}/metrics`)
    expect(await metrics.text()).toContain('process_cpu_seconds_total')
  })

  it('are closed to whom the guards turn away, and answer whatever stands before the routes', async () => {
    const guard: RequestHandler = ({ headers: { from } }, response, next) =>
      from === undefined ? next() : void response.status(403).json({})
    const full: RequestHandler = (_request, response) => void response.status(503).json({})
    await using server = await serveFor({ guards: [guard], before: [full] }, echo)
    const status = async (path: string, from: Record<string, string> = {}) =>
      (await fetch(`http://127.0.0.1:${server.port}${path}`, { headers: from })).status
    const own = ['/health/live', '/health/ready', '/metrics']

    expect(await Promise.all(own.map((path) => status(path)))).toEqual([200, 200, 200])
    expect(await Promise.all(own.map((path) => status(path, { from: 'nobody' })))).toEqual([403, 403, 403])
    expect(await status('/v1/orders')).toBe(503)
  })

  it('show metrics to nobody else where it is said to whom', async () => {
    await using near = await serveFor({ mayReadMetrics: (address) => address === '127.0.0.1' })
    await using far = await serveFor({ mayReadMetrics: (address) => address !== '127.0.0.1' })

    expect((await fetch(`http://127.0.0.1:${near.port}/metrics`)).status).toBe(200)
    expect(await ask(far.port, '/metrics')).toMatchObject({ status: 404, body: { code: 'route.unknown' } })
  })

  it('begin no work for a caller that waits no longer, and abort what is under way when its time is up', async () => {
    const seen: boolean[] = []
    const slow = route('GET /v1/slow', { allow: ['customer'] }, async ({ signal }) => {
      if (!signal.aborted) await once(signal, 'abort')
      seen.push(signal.aborted)
      return ok({})
    })
    await using server = await serve(slow)
    const within = (ms: number) => ask(server.port, '/v1/slow', { headers: { ...headers, 'x-deadline-ms': `${ms}` } })

    expect(await within(0)).toMatchObject({ status: 504, body: { code: 'service.timeout', field: 'X-Deadline-Ms' } })
    expect(seen).toEqual([])
    await within(50)
    expect(seen).toEqual([true])
  })

  it('name each answer, also one that no route gave', async () => {
    await using server = await serve()

    const { headers: given } = await ask(server.port, '/v1/nothing', { headers: { 'x-correlation-id': 'mine' } })

    expect(given.get('x-correlation-id')).toBe('mine')
  })

  it('let a request in hand finish before the server is closed', async () => {
    const [begun, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const slow = route('GET /v1/slow', { allow: ['customer'] }, async () => {
      begun.resolve()
      await goOn.promise
      return ok({ done: true })
    })
    const server = await serve(slow)
    const answer = ask(server.port, '/v1/slow')
    await begun.promise

    const closed = server.close()
    goOn.resolve()

    expect(await answer).toMatchObject({ status: 200, body: { done: true } })
    await closed
  })
})
