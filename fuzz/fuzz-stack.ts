/** The fuzzer against a running stack, with the accounts that it made at its first start. */
import { createBearer } from '@fleet/local/sign-in'
import type { StackInfo } from '@fleet/local/stack-info'
import { readApi } from './document.ts'
import { type FuzzOptions, type FuzzReport, fuzz } from './fuzz.ts'

const nowMs = () => performance.now()

export async function fuzzStack(
  { gateway, accounts }: StackInfo,
  options: Pick<FuzzOptions, 'cases' | 'seed' | 'atOnce' | 'only'>,
): Promise<FuzzReport> {
  if (gateway === undefined || accounts === undefined) throw new Error('The stack has no gateway.')
  const response = await fetch(`${gateway}/openapi.json`)
  return fuzz({
    ...options,
    api: readApi(await response.json()),
    gateway,
    credentials: {
      customer: createBearer(gateway, accounts.customer, nowMs),
      operator: createBearer(gateway, accounts.operator, nowMs),
    },
  })
}
