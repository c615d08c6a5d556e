/**
 * Access tokens between the gateway, which signs, and the services, which each verify for themselves.
 * ES256 alone is accepted, whatever a token's header says.
 */
import { createPublicKey, type KeyObject } from 'node:crypto'
import { CustomerId, OrderId } from '@fleet/contracts/ids'
import jwt from 'jsonwebtoken'
import { z } from 'zod'

const issuer = 'drone-delivery-gateway'
const audience = 'drone-delivery-services'

const Claims = z.discriminatedUnion('role', [
  z.object({ role: z.literal('customer'), sub: CustomerId }),
  z.object({ role: z.literal('operator'), sub: z.string().min(1).max(64) }),
  z.object({ role: z.literal('recipient'), sub: OrderId }),
])
/** Who asks. A customer is named by its id, an operator by its account, whoever holds a tracking link by its order. */
export type Caller = z.infer<typeof Claims>
/** Who has an account. */
export type Person = Exclude<Caller, { role: 'recipient' }>

/** A signed token for `caller`, valid for `ttlS` real seconds. `keyid` names the key, for readers of the JWKS. */
export const signToken = (privateKeyPem: string, caller: Caller, ttlS: number, keyid?: string): string =>
  jwt.sign({ role: caller.role }, privateKeyPem, {
    ...(keyid === undefined ? {} : { keyid }),
    algorithm: 'ES256',
    subject: caller.sub,
    issuer,
    audience,
    expiresIn: ttlS,
  })

const Expiry = z.object({ exp: z.number() })

function verified(publicKey: KeyObject, token: string, nowMs: number): { caller: Caller; expiresAtMs: number } | null {
  try {
    const clockTimestamp = Math.floor(nowMs / 1_000)
    const claims = jwt.verify(token, publicKey, { algorithms: ['ES256'], issuer, audience, clockTimestamp })
    return { caller: Claims.parse(claims), expiresAtMs: Expiry.parse(claims).exp * 1_000 }
  } catch {
    return null // The key is sound, so the fault is the token's; the library throws whatever its parsers throw.
  }
}

/** Verifying costs a fifth of a millisecond; more callers than this, and the oldest is verified anew. */
const verifiedMax = 2_000

/**
 * Gives the caller that a token speaks for, or null where it is not ours, not whole or too old. The signature of a token that comes
 * again is not verified anew. `nowMs`: real time.
 * @throws where `publicKeyPem` is no public key.
 */
export function createVerifier(publicKeyPem: string, nowMs: () => number): (token: string) => Caller | null {
  const publicKey = createPublicKey(publicKeyPem)
  const known = new Map<string, { caller: Caller; expiresAtMs: number }>()
  return (token) => {
    const before = known.get(token)
    if (before !== undefined && before.expiresAtMs > nowMs()) return before.caller
    known.delete(token)
    const found = verified(publicKey, token, nowMs())
    if (found === null) return null
    known.set(token, found)
    const [oldest] = known.keys()
    if (known.size > verifiedMax && oldest !== undefined) known.delete(oldest)
    return found.caller
  }
}
