/** The API of a whole stack, held to its document. Minutes of calls, so it runs with the faults. */
import { walkWithNewman } from '@fleet/postman/run'
import { startTrialStack } from '@fleet/scenarios/kill-trials'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { holdContract } from './contract.ts'
import { fuzzStack } from './fuzz-stack.ts'

const cases = 40
/** Few: a command to the whole fleet beside seven other requests takes longer than a request may, where two cores do everything. */
const atOnce = 3

let stack: Awaited<ReturnType<typeof startTrialStack>>
beforeAll(async () => {
  stack = await startTrialStack(Date.now, { drones: 6 })
}, 120_000)
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
}, 60_000)

// In this order: the fuzzer leaves zones and revoked drones behind.
describe('the API of a whole stack', () => {
  it('answers each operation with each status that its document names, and as it says', async () => {
    const { faults, unseen } = await holdContract(stack.info, () => undefined)

    expect({ faults, unseen }).toEqual({ faults: [], unseen: [] })
  })

  it('is walked by the Postman collection, every assertion holding', async () => {
    const { gateway = '', accounts } = stack.info
    if (accounts === undefined) throw new Error('the stack has no accounts')
    const { failures, assertions } = await walkWithNewman({ gateway, ...accounts })

    expect(failures).toEqual([])
    expect(assertions).toBeGreaterThan(200)
  })

  it('keeps its document for requests that nobody thought of', async () => {
    const { findings } = await fuzzStack(stack.info, { cases, atOnce, seed: 1 })

    expect(findings).toEqual([])
  })
})
