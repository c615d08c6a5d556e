import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createAccessTokens } from './access-tokens.ts'
import { browserSessionRoutes } from './browser-sessions.ts'
import { keyPair, operator } from './testing/doubles.ts'

const path = '/v1/sessions/browser'
let server: HttpServer
let serving: Set<string>
let made: number
const next = () => {
  made += 1
  const token = `${made}`.padStart(43, 't')
  serving.add(token)
  return token
}

beforeEach(async () => {
  serving = new Set()
  made = 0
  const accessTokens = createAccessTokens(keyPair().privateKey, Date.now)
  server = await startHttp({
    host: '127.0.0.1',
    port: 0,
    health: createHealth(),
    log: silentLog(),
    authenticate: () => ({ code: 'auth.missing' }),
    routes: browserSessionRoutes({
      check: async ({ password }) =>
        password === 'right' ? operator : { kind: 'problem', refusal: { code: 'session.refused' }, headers: {} },
      sessions: {
        begin: async () => next(),
        refresh: async (shown) => (serving.delete(shown) ? { caller: operator, refreshToken: next() } : null),
        end: async (shown) => void serving.delete(shown),
      },
      accessTokens,
    }),
  })
})
afterEach(() => server.close())

const send = (method: string, to: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(`http://127.0.0.1:${server.port}${to}`, {
    method,
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
const signIn = (headers = {}) => send('POST', path, { user: 'operator', password: 'right' }, headers)
const cookieOf = (response: Response) => response.headers.get('set-cookie') ?? ''
const shown = (response: Response) => ({ cookie: cookieOf(response).split(';')[0] ?? '' })

describe('a browser’s session', () => {
  it('gives the page the access token and the role, and the refresh token to the browser alone', async () => {
    const response = await signIn()
    const body = await response.json()

    expect(body).toEqual({ accessToken: expect.any(String), expiresAt: expect.any(String), role: 'operator' })
    expect(cookieOf(response)).toMatch(
      /^fleet_session=[\w-]{43}; Path=\/v1\/sessions\/browser; HttpOnly; SameSite=Strict; Max-Age=\d+$/,
    )
  })

  it('has a cookie that leaves by HTTPS alone where the page came by it', async () => {
    expect(cookieOf(await signIn({ origin: 'https://fleet.example' }))).toMatch(/; Secure$/)
  })

  it('goes on with the cookie, which serves once', async () => {
    const first = shown(await signIn())
    const refreshed = await send('POST', `${path}/refresh`, {}, { cookie: `theme=dark; ${first.cookie}` })
    const again = await send('POST', `${path}/refresh`, {}, first)

    expect(refreshed.status).toBe(200)
    expect(shown(refreshed)).not.toEqual(first)
    expect(again.status).toBe(401)
    expect(cookieOf(again)).toContain('Max-Age=0')
  })

  it('ends for the gateway and for the browser', async () => {
    const first = shown(await signIn())
    const ended = await send('DELETE', path, {}, first)

    expect([ended.status, cookieOf(ended)]).toEqual([204, expect.stringContaining('Max-Age=0')])
    expect((await send('POST', `${path}/refresh`, {}, first)).status).toBe(401)
  })

  it('is not refreshed by another site’s form', async () => {
    const first = shown(await signIn())
    const form = { ...first, 'content-type': 'application/x-www-form-urlencoded' }

    expect((await send('POST', `${path}/refresh`, {}, form)).status).toBe(415)
    expect((await send('POST', `${path}/refresh`, {}, first)).status).toBe(200)
  })

  it('does not begin with a wrong password', async () => {
    const response = await send('POST', path, { user: 'operator', password: 'wrong' })

    expect([response.status, cookieOf(response)]).toEqual([401, ''])
  })
})
