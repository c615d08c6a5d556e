/** How a service authenticates: a bearer token that the gateway signed. */
import { readFileSync } from 'node:fs'
import type { Refusal } from '@fleet/contracts/problems'
import { type Caller, createVerifier } from './tokens.ts'

/** Checks `Authorization: Bearer …` against the public key in `publicKeyFile`. `nowMs`: real time. */
export function bearerTokens(
  publicKeyFile: string,
  nowMs: () => number,
): (authorization: string | undefined) => Caller | Refusal {
  const verify = createVerifier(readFileSync(publicKeyFile, 'utf8'), nowMs)
  return (authorization) => {
    if (authorization === undefined) return { code: 'auth.missing', field: 'Authorization', limit: 'Bearer token' }
    const token = /^Bearer (\S+)$/i.exec(authorization)?.[1]
    const caller = token === undefined ? null : verify(token)
    return (
      caller ?? {
        code: 'auth.invalid',
        field: 'Authorization',
        limit: 'a token that the gateway signed and that has not run out',
      }
    )
  }
}
