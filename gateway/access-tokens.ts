/** Access tokens of people: ES256, ten minutes, the key named by its thumbprint (RFC 7638) and published as a JWKS. */
import { createHash, createPublicKey } from 'node:crypto'
import { type Caller, signToken, verifyToken } from '@fleet/runtime/tokens'
import jwt from 'jsonwebtoken'
import { z } from 'zod'

export const accessTokenS = 600
/** Verifying costs a fifth of a millisecond; more callers than this, and the oldest is verified anew. */
const verifiedMax = 2_000

const EcJwk = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() })
const Expiry = z.object({ exp: z.number() })

export type AccessTokens = {
  sign(caller: Caller): { accessToken: string; expiresAt: string }
  /** The caller, or null where the token is not ours, not whole, or too old. */
  verify(token: string): Caller | null
  /** RFC 7517. */
  jwks: { keys: Record<string, string>[] }
}

/** `nowMs`: real time. */
export function createAccessTokens(privateKeyPem: string, nowMs: () => number): AccessTokens {
  const publicKey = createPublicKey(privateKeyPem)
  const publicKeyPem = publicKey.export({ type: 'spki', format: 'pem' }).toString()
  const { kty, crv, x, y } = EcJwk.parse(publicKey.export({ format: 'jwk' }))
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url')
  const verified = new Map<string, { caller: Caller; untilMs: number }>()

  return {
    sign: (caller) => ({
      accessToken: signToken(privateKeyPem, caller, accessTokenS, kid),
      expiresAt: new Date(nowMs() + accessTokenS * 1_000).toISOString(),
    }),
    verify: (token) => {
      const known = verified.get(token)
      if (known !== undefined && known.untilMs > nowMs()) return known.caller
      verified.delete(token)
      const caller = verifyToken(publicKeyPem, token)
      const expiry = Expiry.safeParse(jwt.decode(token))
      if (caller === null || !expiry.success) return null
      verified.set(token, { caller, untilMs: expiry.data.exp * 1_000 })
      const [oldest] = verified.keys()
      if (verified.size > verifiedMax && oldest !== undefined) verified.delete(oldest)
      return caller
    },
    jwks: { keys: [{ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }] },
  }
}
