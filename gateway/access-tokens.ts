/** Access tokens of people: ES256, ten minutes, the key named by its thumbprint (RFC 7638) and published as a JWKS. */
import { createHash, createPublicKey } from 'node:crypto'
import { type Caller, createVerifier, signToken } from '@fleet/runtime/tokens'
import { z } from 'zod'

export const accessTokenS = 600

const EcJwk = z.object({ kty: z.literal('EC'), crv: z.literal('P-256'), x: z.string(), y: z.string() })

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

  return {
    sign: (caller) => ({
      accessToken: signToken(privateKeyPem, caller, accessTokenS, kid),
      expiresAt: new Date(nowMs() + accessTokenS * 1_000).toISOString(),
    }),
    verify: createVerifier(publicKeyPem, nowMs),
    jwks: { keys: [{ kty, crv, x, y, kid, use: 'sig', alg: 'ES256' }] },
  }
}
