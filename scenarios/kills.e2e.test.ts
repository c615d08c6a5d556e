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
