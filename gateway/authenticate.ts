/** Who calls: a person by its access token, a customer's server by its API key, a browser's stream by its ticket. */
import type { Refusal } from '@fleet/contracts/problems'
import { isOutage } from '@fleet/messaging/database'
import type { Authenticate } from '@fleet/runtime/http'
import type { Caller } from '@fleet/runtime/tokens'
import type { AccessTokens } from './access-tokens.ts'
import { type ApiKeys, apiKeyPrefix } from './api-keys.ts'
import type { StreamTickets } from './stream-tickets.ts'

/** How long a key that was looked up is trusted, real milliseconds: a revocation holds everywhere after that. */
const keyTrustMs = 2_000
const keysMax = 1_000

const field = 'Authorization'
const limit = `Bearer and an access token or an API key (${apiKeyPrefix}...)`
const invalid: Refusal = { code: 'auth.invalid', field, limit }
/** Only these take a ticket: one in the URL of anything else would be a credential in logs. */
const isStream = (path: string) => path.endsWith('/events') || path.endsWith('/stream')

/** Keys and tickets stand in the database; access tokens open the door without it. */
async function orUnavailable(found: Promise<Caller | null>): Promise<Caller | Refusal | null> {
  try {
    return await found
  } catch (error) {
    if (isOutage(error)) return { code: 'service.unavailable', field: 'service', value: 'accounts' }
    throw error
  }
}

/** `nowMs`: real monotonic milliseconds. */
export function createAuthenticate({
  accessTokens,
  apiKeys,
  tickets,
  nowMs,
}: {
  accessTokens: Pick<AccessTokens, 'verify'>
  apiKeys: Pick<ApiKeys, 'callerOf'>
  tickets: Pick<StreamTickets, 'use'>
  nowMs: () => number
}): { authenticate: Authenticate; forgetKeys: () => void } {
  const known = new Map<string, { caller: Caller; atMs: number }>()

  const byApiKey = async (key: string): Promise<Caller | Refusal> => {
    const hit = known.get(key)
    if (hit !== undefined && nowMs() - hit.atMs < keyTrustMs) return hit.caller
    known.delete(key)
    const caller = await orUnavailable(apiKeys.callerOf(key))
    if (caller === null) return invalid
    if ('code' in caller) return caller
    known.set(key, { caller, atMs: nowMs() })
    const [oldest] = known.keys()
    if (known.size > keysMax && oldest !== undefined) known.delete(oldest)
    return caller
  }

  const authenticate: Authenticate = async (authorization, { path, ticket }) => {
    if (authorization === undefined) {
      if (ticket === undefined || !isStream(path)) return { code: 'auth.missing', field, limit }
      return (await orUnavailable(tickets.use(ticket))) ?? { code: 'ticket.invalid', field: 'ticket' }
    }
    const credential = /^Bearer (\S{1,4096})$/i.exec(authorization)?.[1]
    if (credential === undefined) return invalid
    if (credential.startsWith(apiKeyPrefix)) return byApiKey(credential)
    return accessTokens.verify(credential) ?? invalid
  }
  return { authenticate, forgetKeys: () => known.clear() }
}
