import { createHealth } from '@fleet/runtime/health'
import { events, type HttpServer, ok, openRoute, route, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { signToken } from '@fleet/runtime/tokens'
import { afterEach, describe, expect, it } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { createAccessTokens } from './access-tokens.ts'
import { accountRoutes } from './account-routes.ts'
import { createAuthenticate } from './authenticate.ts'
import { createFront } from './front.ts'
import { createBoundedStore, createLimits } from './limits.ts'
import { customer, keyPair, operator } from './testing/doubles.ts'
import { createThrottle } from './throttle.ts'

let ms = 1_000_000
const nowMs = () => ms
const open: HttpServer[] = []
afterEach(async () => {
  for (const server of open.splice(0)) await server.close()
})
async function serving(options: Partial<Parameters<typeof startHttp>[0]>) {
  const shared = { host: '127.0.0.1', port: 0, health: createHealth(), log: silentLog(), authenticate: () => customer }
  const server = await startHttp({ ...shared, routes: [], ...options })
  open.push(server)
  return (path: string, init: RequestInit = {}) => fetch(`http://127.0.0.1:${server.port}${path}`, init)
}

describe('an access token', () => {
  const pair = keyPair()
  const tokens = createAccessTokens(pair.privateKey, Date.now)

  it('is taken while it lasts, and names its key as the JWKS does', () => {
    const { accessToken } = tokens.sign(customer)

    expect(tokens.verify(accessToken)).toEqual(customer)
    expect(jwt.decode(accessToken, { complete: true })?.header).toMatchObject({
      alg: 'ES256',
      kid: tokens.jwks.keys[0]?.kid,
    })
  })

  it.each([
    ['another key', signToken(keyPair().privateKey, operator, 60)],
    ['an old date', signToken(pair.privateKey, operator, -1)],
    ['no algorithm', jwt.sign({ role: 'operator' }, '', { algorithm: 'none', subject: 'operator', expiresIn: 60 })],
    [
      'the public key as a shared secret',
      jwt.sign({ role: 'operator', sub: 'operator' }, pair.publicKey, { algorithm: 'HS256' }),
    ],
    [
      'another issuer',
      jwt.sign({ role: 'operator' }, pair.privateKey, {
        algorithm: 'ES256',
        subject: 'operator',
        issuer: 'somebody',
        audience: 'drone-delivery-services',
        expiresIn: 60,
      }),
    ],
  ])('is refused with %s', (_name, token) => {
    expect(tokens.verify(token)).toBeNull()
  })
})

describe('who calls', () => {
  const { authenticate } = createAuthenticate({
    accessTokens: { verify: (token) => (token === 'good' ? customer : null) },
    apiKeys: { callerOf: async (key) => (key === 'ddf_live_good' ? customer : null) },
    tickets: { use: async (ticket) => (ticket === 'good' ? operator : null) },
    nowMs,
  })
  const at = (path: string, ticket?: string) => ({ path, ticket })

  it('is known by token, by API key, and on streams alone by ticket', async () => {
    expect(await authenticate('Bearer good', at('/v1/orders'))).toEqual(customer)
    expect(await authenticate('Bearer ddf_live_good', at('/v1/orders'))).toEqual(customer)
    expect(await authenticate(undefined, at('/v1/fleet/stream', 'good'))).toEqual(operator)
    expect(await authenticate(undefined, at('/v1/orders', 'good'))).toMatchObject({ code: 'auth.missing' })
    expect(await authenticate(undefined, at('/v1/fleet/stream', 'bad'))).toMatchObject({ code: 'ticket.invalid' })
    expect(await authenticate('Bearer ddf_live_bad', at('/v1/orders'))).toMatchObject({ code: 'auth.invalid' })
    expect(await authenticate('Basic good', at('/v1/orders'))).toMatchObject({ code: 'auth.invalid' })
  })
})

describe('signing in', () => {
  const unused = () => {
    throw new Error('not of this test')
  }
  let checked = 0
  const routes = () =>
    accountRoutes({
      accounts: {
        check: async (_user, password) => {
          if (password === 'wrong') checked += 1
          return password === 'right' ? operator : null
        },
      },
      sessions: { begin: async () => 'r'.repeat(43), refresh: async () => null, end: async () => undefined },
      accessTokens: { sign: () => ({ accessToken: 'a', expiresAt: 'soon' }), verify: () => null, jwks: { keys: [] } },
      apiKeys: { make: unused, list: async () => [], revoke: async () => false, callerOf: async () => null },
      forgetKeys: () => undefined,
      tickets: { make: unused, use: async () => null },
      audit: { write: async () => undefined, page: async () => null },
      nowMs,
    })
  const signingIn = (call: Awaited<ReturnType<typeof serving>>) => (password: string, from: string) =>
    call('/v1/sessions', {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-forwarded-for': from },
      body: JSON.stringify({ user: 'operator', password }),
    })

  it('is throttled after too many failures of an account, whoever asks, and free again after a while', async () => {
    const signIn = signingIn(await serving({ routes: routes(), trustedProxies: ['127.0.0.1'] }))

    const failures = await Promise.all(Array.from({ length: 40 }, () => signIn('wrong', '192.0.2.1')))
    const throttled = await signIn('right', '192.0.2.2')
    ms += 60_000
    const later = await signIn('right', '192.0.2.2')

    // All at once, and yet no more than the limit are looked at.
    expect(checked).toBe(10)
    expect(failures.filter(({ status }) => status === 401)).toHaveLength(10)
    expect(failures.filter(({ status }) => status === 429)).toHaveLength(30)
    expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '60'])
    expect(later.status).toBe(200)
  })

  it('goes on for an address that has signed in to the account, while it is guessed at from others', async () => {
    const signIn = signingIn(await serving({ routes: routes(), trustedProxies: ['127.0.0.1'] }))
    await signIn('right', '192.0.2.1')

    await Promise.all(Array.from({ length: 12 }, () => signIn('wrong', '192.0.2.9')))
    const [owner, guesser] = [await signIn('right', '192.0.2.1'), await signIn('right', '192.0.2.9')]
    await Promise.all(Array.from({ length: 10 }, () => signIn('wrong', '192.0.2.1')))
    const ownerGuessing = await signIn('right', '192.0.2.1')

    expect([owner.status, guesser.status, ownerGuessing.status]).toEqual([200, 429, 429])
  })

  it('is throttled in bounded memory: the name that failed longest ago is forgotten', () => {
    const throttle = createThrottle({ max: 1, windowMs: 1_000, namesMax: 2, nowMs })

    for (const name of ['a', 'b', 'c']) throttle.reserve(name)

    expect(['b', 'c', 'a'].map((name) => throttle.reserve(name))).toEqual([1_000, 1_000, 0])
  })

  it('does not count what was not looked at, and forgets all once it succeeded', () => {
    const throttle = createThrottle({ max: 2, windowMs: 1_000, namesMax: 10, nowMs })

    throttle.reserve('a')
    throttle.reserve('a')
    throttle.release('a')
    expect([throttle.reserve('a'), throttle.reserve('a')]).toEqual([0, 1_000])
    throttle.clear('a')
    expect(throttle.reserve('a')).toBe(0)
  })
})

describe('limits', () => {
  const hello = openRoute('GET /hello', {}, async () => ok({ text: 'x'.repeat(5_000) }))
  const limits = { perAddress: 100, perCredential: 2, orders: 100, sessions: 100 }

  it('refuse a credential past its share with 429 and say so in RateLimit headers, and let another one in', async () => {
    const call = await serving({ routes: [hello], before: createLimits(limits, nowMs) })
    const by = (key: string) => call('/hello', { headers: { authorization: `Bearer ${key}` } })

    const three = [await by('a'), await by('a'), await by('a')]
    const other = await by('b')

    expect(three.map(({ status }) => status)).toEqual([200, 200, 429])
    expect(three[2]?.headers.get('ratelimit')).toContain('"credential"; r=0')
    expect(three[2]?.headers.get('retry-after')).not.toBeNull()
    expect(await three[2]?.json()).toMatchObject({ code: 'rate.exceeded', field: 'credential', limit: '2 a minute' })
    expect(other.status).toBe(200)
  })

  it('count the sign-ins of pages with all others, and no other spelling of their paths leads round them', async () => {
    const routes = [
      openRoute('POST /v1/sessions', {}, async () => ok({})),
      openRoute('POST /v1/sessions/browser', {}, async () => ok({})),
    ]
    const call = await serving({ routes, before: createLimits({ ...limits, sessions: 2 }, nowMs) })
    const status = async (path: string) => (await call(path, { method: 'POST' })).status
    const spelt = ['/V1/sessions', '/v1/Sessions/browser', '/v1/sessions/', '/v1/sessions/browser/']

    expect(await Promise.all(spelt.map(status))).not.toContain(200)
    ms += 60_000
    expect([await status('/v1/sessions'), await status('/v1/sessions/browser')]).toEqual([200, 200])
    expect([await status('/v1/sessions/browser'), await status('/v1/sessions')]).toEqual([429, 429])
  })

  it('count in bounded memory', async () => {
    const store = createBoundedStore(nowMs, 2)

    for (const key of ['a', 'a', 'b', 'c']) await store.increment(key)

    expect((await store.increment('a')).totalHits).toBe(1)
    expect((await store.increment('c')).totalHits).toBe(2)
  })

  it('come with security headers, CORS and compression, but streams are never compressed', async () => {
    const stream = route('GET /stream', { allow: ['customer'] }, async () =>
      events(async function* () {
        yield { event: 'one', data: 'x'.repeat(5_000) }
      }),
    )
    const call = await serving({ routes: [hello, stream], before: createFront(['https://shop.example']) })
    const from = { origin: 'https://shop.example', 'accept-encoding': 'gzip' }

    const [text, streamed] = [await call('/hello', { headers: from }), await call('/stream', { headers: from })]
    const stranger = await call('/hello', { headers: { origin: 'https://else.example' } })
    await Promise.all([text, streamed, stranger].map((response) => response.text()))

    expect(text.headers.get('content-encoding')).toBe('gzip')
    expect(streamed.headers.get('content-encoding')).toBeNull()
    expect(text.headers.get('x-content-type-options')).toBe('nosniff')
    expect(text.headers.get('access-control-allow-origin')).toBe('https://shop.example')
    expect(stranger.headers.get('access-control-allow-origin')).toBeNull()
  })
})
