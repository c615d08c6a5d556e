/** How a service authenticates: a bearer token that the gateway signed. */
import { readFileSync } from 'node:fs'
import type { Refusal } from '@fleet/contracts/problems'
import { type Caller, verifyToken } from './tokens.ts'

/** Checks `Authorization: Bearer …` against the public key in `publicKeyFile`. */
export function bearerTokens(publicKeyFile: string): (authorization: string | undefined) => Caller | Refusal {
  const publicKeyPem = readFileSync(publicKeyFile, 'utf8')
  return (authorization) => {
    if (authorization === undefined) return { code: 'auth.missing', field: 'Authorization', limit: 'Bearer token' }
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1]
    const caller = token === undefined ? null : verifyToken(publicKeyPem, token)
    return (
      caller ?? {
        code: 'auth.invalid',
        field: 'Authorization',
        limit: 'a token that the gateway signed and that has not run out',
      }
    )
  }
}
