/**
 * Sessions of the pages. The access token lives in the page's memory, and the refresh token in a cookie that no script
 * reads (decision 0071). The cookie is taken on these three routes alone; they ask for a JSON body, so another site's
 * form cannot send them, and its script is stopped by the preflight.
 */
import { type BrowserSessionReply, RefreshToken, SignInBody } from '@fleet/contracts/accounts'
import { json, type OpenContext, openRoute, problem, type Reply, type Route } from '@fleet/runtime/http'
import type { Person } from '@fleet/runtime/tokens'
import { z } from 'zod'
import type { AccessTokens } from './access-tokens.ts'
import type { Sessions } from './sessions.ts'
import type { SignInCheck } from './sign-in.ts'

const path = '/v1/sessions/browser'
const cookieName = 'fleet_session'
/** As long as the refresh token itself lasts; real seconds. */
const cookieS = 14 * 86_400
const NoFields = z.strictObject({})

const tokenIn = (cookies: string | undefined) =>
  RefreshToken.safeParse(
    cookies
      ?.split(/;\s*/)
      .find((cookie) => cookie.startsWith(`${cookieName}=`))
      ?.slice(cookieName.length + 1),
  ).data

/** A page that came by HTTPS says so in `Origin`; over plain HTTP, as on this machine, a secure cookie would be lost. */
const cookie = (value: string, maxAgeS: number, origin: string | undefined) =>
  `${cookieName}=${value}; Path=${path}; HttpOnly; SameSite=Strict; Max-Age=${maxAgeS}${origin?.startsWith('https:') ? '; Secure' : ''}`

export function browserSessionRoutes({
  check,
  sessions,
  accessTokens,
}: {
  check: SignInCheck
  sessions: Sessions
  accessTokens: Pick<AccessTokens, 'sign'>
}): Route[] {
  const session = (caller: Person, refreshToken: string, { header }: Pick<OpenContext, 'header'>): Reply =>
    json(200, { ...accessTokens.sign(caller), role: caller.role } satisfies BrowserSessionReply, {
      'cache-control': 'no-store',
      'set-cookie': cookie(refreshToken, cookieS, header('origin')),
    })
  const forget = (header: OpenContext['header']) => ({ 'set-cookie': cookie('', 0, header('origin')) })

  return [
    openRoute(`POST ${path}`, { body: SignInBody }, async ({ body, address, header }) => {
      const checked = await check(body, address)
      return 'kind' in checked ? checked : session(checked, await sessions.begin(checked), { header })
    }),
    openRoute(`POST ${path}/refresh`, { body: NoFields }, async ({ header }) => {
      const shown = tokenIn(header('cookie'))
      const refreshed = shown === undefined ? null : await sessions.refresh(shown)
      if (refreshed === null) return problem({ code: 'session.ended', field: 'Cookie' }, forget(header))
      return session(refreshed.caller, refreshed.refreshToken, { header })
    }),
    openRoute(`DELETE ${path}`, { body: NoFields }, async ({ header }) => {
      const shown = tokenIn(header('cookie'))
      if (shown !== undefined) await sessions.end(shown)
      return json(204, null, forget(header))
    }),
  ]
}
