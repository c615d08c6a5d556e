/** Signed in at the gateway as one of the first accounts: what tools, demos and scenarios call with. */
import { readFile } from 'node:fs/promises'
import { createApiClient, got } from '@fleet/client/client'
import { SignInBody } from '@fleet/contracts/accounts'
import { z } from 'zod'

/** An access token lasts ten minutes; it is renewed well before. */
const RENEW_MS = 5 * 60_000

export const StackAccounts = z.object({ customer: SignInBody, operator: SignInBody })
export type StackAccounts = z.infer<typeof StackAccounts>

/** The accounts that the gateway made at its first start. */
export const readAccounts = async (file: string): Promise<StackAccounts> =>
  StackAccounts.parse(JSON.parse(await readFile(file, 'utf8')))

/** Gives the Authorization header's value; signs in when there is none, or it grows old. Rejects where that fails. */
export type Bearer = () => Promise<string>

/** `nowMs`: real monotonic milliseconds. */
export function createBearer(gateway: string, account: SignInBody, nowMs: () => number): Bearer {
  let session: { bearer: Promise<string>; atMs: number } | undefined
  return async () => {
    if (session === undefined || nowMs() - session.atMs > RENEW_MS) {
      session = { bearer: signIn(gateway, account), atMs: nowMs() }
    }
    try {
      return await session.bearer
    } catch (error) {
      session = undefined // The next call tries anew.
      throw error
    }
  }
}

async function signIn(gateway: string, account: SignInBody): Promise<string> {
  const { accessToken } = await got(createApiClient({ gateway }).POST('/v1/sessions', { body: account }))
  return `Bearer ${accessToken}`
}
