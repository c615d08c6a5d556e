/**
 * Access tokens between the gateway, which signs, and the services, which each verify for themselves.
 * ES256 alone is accepted, whatever a token's header says.
 */
import { createPublicKey } from 'node:crypto'
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

/**
 * The caller that `token` speaks for, or null where it is not ours, not whole or too old.
 * @throws where `publicKeyPem` is no public key.
 */
export function verifyToken(publicKeyPem: string, token: string): Caller | null {
  const publicKey = createPublicKey(publicKeyPem)
  try {
    return Claims.parse(jwt.verify(token, publicKey, { algorithms: ['ES256'], issuer, audience }))
  } catch {
    return null // The key is sound, so the fault is the token's; the library throws whatever its parsers throw.
  }
}
