/** Signing in and out, API keys, live tickets, the audit log, and the public key. */
import { ApiKeyBody, ApiKeyId, PageQuery, RefreshBody, SignInBody } from '@fleet/contracts/accounts'
import type { CustomerId } from '@fleet/contracts/ids'
import { created, json, noContent, ok, openRoute, problem, type Route, route } from '@fleet/runtime/http'
import { idempotencyKey } from '@fleet/runtime/idempotency'
import type { Caller, Person } from '@fleet/runtime/tokens'
import { z } from 'zod'
import type { AccessTokens } from './access-tokens.ts'
import type { Accounts } from './accounts.ts'
import type { ApiKeys } from './api-keys.ts'
import type { Audit } from './audit.ts'
import { browserSessionRoutes } from './browser-sessions.ts'
import type { Sessions } from './sessions.ts'
import { createSignInCheck } from './sign-in.ts'
import type { StreamTickets } from './stream-tickets.ts'

export type AccountRoutesOptions = {
  accounts: Pick<Accounts, 'check'>
  sessions: Sessions
  accessTokens: AccessTokens
  apiKeys: ApiKeys
  /** So that a revoked key is refused at once by this gateway. */
  forgetKeys: () => void
  tickets: StreamTickets
  audit: Audit
  /** Real monotonic milliseconds. */
  nowMs: () => number
}

export function accountRoutes(options: AccountRoutesOptions): Route[] {
  const { tickets, audit, accessTokens } = options
  return [
    ...sessionRoutes(options),
    ...apiKeyRoutes(options),
    route('POST /v1/stream-tickets', { allow: ['customer', 'operator'] }, async ({ caller, header }) => {
      const key = idempotencyKey(header('idempotency-key'), 'fresh')
      if (!key.ok) return problem(key.refusal)
      const { ticket, expiresAt } = await tickets.make(personOf(caller), key.key)
      return json(201, { ticket, expiresAt: expiresAt.toISOString() }, { 'cache-control': 'no-store' })
    }),
    route('GET /v1/audit', { allow: ['operator'], query: PageQuery }, async ({ query }) => {
      const page = await audit.page({ limit: query.limit, cursor: query.cursor })
      return page === null ? problem({ code: 'page.cursor-invalid', field: '/cursor', value: query.cursor }) : ok(page)
    }),
    openRoute('GET /.well-known/jwks.json', {}, async () =>
      ok(accessTokens.jwks, { 'cache-control': 'public, max-age=300' }),
    ),
  ]
}

function sessionRoutes({ accounts, sessions, accessTokens, nowMs }: AccountRoutesOptions): Route[] {
  const check = createSignInCheck(accounts, nowMs)
  const session = (caller: Person, refreshToken: string) =>
    json(200, { ...accessTokens.sign(caller), refreshToken }, { 'cache-control': 'no-store' })

  return [
    openRoute('POST /v1/sessions', { body: SignInBody }, async ({ body, address }) => {
      const checked = await check(body, address)
      return 'kind' in checked ? checked : session(checked, await sessions.begin(checked))
    }),
    ...browserSessionRoutes({ check, sessions, accessTokens }),
    openRoute('POST /v1/sessions/refresh', { body: RefreshBody }, async ({ body }) => {
      const refreshed = await sessions.refresh(body.refreshToken)
      if (refreshed === null) return problem({ code: 'session.ended', field: '/refreshToken' })
      return session(refreshed.caller, refreshed.refreshToken)
    }),
    // Whoever holds the refresh token may end it; that it ended already is as good.
    openRoute('DELETE /v1/sessions', { body: RefreshBody }, async ({ body }) => {
      await sessions.end(body.refreshToken)
      return noContent()
    }),
  ]
}

const personOf = (caller: Caller): Person => {
  if (caller.role === 'recipient') throw new Error('the route lets no recipient in')
  return caller
}
const customerOf = (caller: Caller): CustomerId => {
  if (caller.role !== 'customer') throw new Error('the route lets customers in alone')
  return caller.sub
}

function apiKeyRoutes({ apiKeys, forgetKeys }: AccountRoutesOptions): Route[] {
  const allow = ['customer'] as const
  return [
    route('POST /v1/api-keys', { allow, body: ApiKeyBody }, async ({ body, caller, header }) => {
      const key = idempotencyKey(header('idempotency-key'), 'fresh')
      if (!key.ok) return problem(key.refusal)
      const outcome = await apiKeys.make({ owner: customerOf(caller), name: body.name, idempotencyKey: key.key })
      if (!outcome.ok) return problem(outcome.refusal)
      const { reply, key: shown } = outcome.made
      return created(`/v1/api-keys/${reply.id}`, { ...reply, key: shown })
    }),
    route('GET /v1/api-keys', { allow }, async ({ caller }) => ok({ items: await apiKeys.list(customerOf(caller)) })),
    route('DELETE /v1/api-keys/:id', { allow, params: z.object({ id: ApiKeyId }) }, async ({ params, caller }) => {
      const revoked = await apiKeys.revoke(customerOf(caller), params.id)
      forgetKeys()
      return revoked ? noContent() : problem({ code: 'api-key.unknown', field: 'id', value: params.id })
    }),
  ]
}
