/** Signed in at the gateway as one of the first accounts: what tools, demos and scenarios call with. */
import { readFile } from 'node:fs/promises'
import { SessionReply, SignInBody } from '@fleet/contracts/accounts'
import { z } from 'zod'

const REQUEST_TIMEOUT_MS = 15_000
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
  const response = await fetch(`${gateway}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(account),
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
  })
  if (!response.ok) throw new Error(`POST ${gateway}/v1/sessions answered ${response.status}: ${await response.text()}`)
  return `Bearer ${SessionReply.parse(await response.json()).accessToken}`
}
