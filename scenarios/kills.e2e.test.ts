import { holdContract } from '@fleet/fuzz/contract'
import { fuzzStack } from '@fleet/fuzz/fuzz-stack'
import { walkWithNewman } from '@fleet/postman/run'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { deliverUnderKill, type Victim } from './delivery-under-kill.ts'
import { startTrialStack } from './kill-trials.ts'

let stack: Awaited<ReturnType<typeof startTrialStack>>
beforeAll(async () => {
  stack = await startTrialStack(Date.now)
}, 120_000)
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
}, 60_000)

describe('the API of a whole stack', () => {
  it('answers each operation with each status that its document names, and as it says', async () => {
    const { faults, unseen } = await holdContract(stack.info)

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
    const { findings } = await fuzzStack(stack.info, { cases: 50, seed: 1 })

    expect(findings).toEqual([])
  })
})

describe('a delivery during which a part is killed ends closed, handed over once at its drop point', () => {
  it.each<[Victim, number]>([
    ['itinerary', 11],
    ['kafka-2', 12],
    ['mongo-primary', 13],
  ])(
    '%s, seed %i',
    async (victim, seed) => {
      expect(await deliverUnderKill(stack, { victim, seed })).toEqual([])
    },
    240_000,
  )
})
