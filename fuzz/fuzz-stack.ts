/** The fuzzer against a running stack, with the accounts that it made at its first start, at a gateway of its own. */
import { createBearer } from '@fleet/local/sign-in'
import type { StackInfo } from '@fleet/local/stack-info'
import { waitUntil } from '@fleet/local/wait'
import { startExtraInstance } from '@fleet/scenarios/extra-instance'
import { readApi } from './document.ts'
import { type FuzzOptions, type FuzzReport, fuzz } from './fuzz.ts'

const nowMs = () => performance.now()
const readyMsMax = 60_000
/** Settings of a gateway. An answer of 429 says nothing about what was asked; the limits have tests of their own. */
export const unlimited = Object.fromEntries(
  ['RATE_PER_ADDRESS', 'RATE_PER_CREDENTIAL', 'RATE_ORDERS', 'RATE_SESSIONS'].map((name) => [name, '10000000']),
)

export async function fuzzStack(
  info: StackInfo,
  options: Pick<FuzzOptions, 'cases' | 'seed' | 'atOnce' | 'only' | 'tried'>,
): Promise<FuzzReport> {
  const { accounts } = info
  if (accounts === undefined) throw new Error('The stack has no accounts.')
  const gateway = await startExtraInstance('gateway', info, unlimited)
  try {
    await waitUntil('a gateway to be ready', gateway.isReady, { timeoutMs: readyMsMax, everyMs: 100 })
    const response = await fetch(`${gateway.url}/openapi.json`)
    return await fuzz({
      ...options,
      api: readApi(await response.json()),
      gateway: gateway.url,
      credentials: {
        customer: createBearer(gateway.url, accounts.customer, nowMs),
        operator: createBearer(gateway.url, accounts.operator, nowMs),
      },
    })
  } finally {
    gateway.kill()
  }
}
