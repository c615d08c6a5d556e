/** The short-lived tokens that the gateway signs for its callers, and the services verify for themselves. */
import { type Caller, signToken } from '@fleet/runtime/tokens'

const ttlS = 60
/** Signing costs a millisecond, so a token serves half its life. */
const reuseMs = (ttlS * 1_000) / 2
/** More callers than this within half a minute, and the oldest is signed anew. */
const callersMax = 1_000

export type ServiceTokens = (caller: Caller) => string

/** `nowMs`: real monotonic milliseconds. */
export function createServiceTokens(privateKeyPem: string, nowMs: () => number): ServiceTokens {
  const signed = new Map<string, { token: string; atMs: number }>()
  return (caller) => {
    const name = `${caller.role}/${caller.sub}`
    const known = signed.get(name)
    if (known !== undefined && nowMs() - known.atMs < reuseMs) return known.token
    const token = signToken(privateKeyPem, caller, ttlS)
    signed.delete(name)
    signed.set(name, { token, atMs: nowMs() })
    const [oldest] = signed.keys()
    if (signed.size > callersMax && oldest !== undefined) signed.delete(oldest)
    return token
  }
}
