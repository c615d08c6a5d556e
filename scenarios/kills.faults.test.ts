import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { deliverUnderKill, type Victim } from './delivery-under-kill.ts'
import { startTrialStack } from './kill-trials.ts'

/** Services are started again five times at most, so each of them is killed fewer times than that on one stack. */
const seeds = [101, 102]
const victims: Victim[] = [
  'order',
  'itinerary',
  'position',
  'drone-health',
  'gateway',
  'sim',
  'kafka-1',
  'kafka-2',
  'kafka-3',
  'mongo-primary',
]

let stack: Awaited<ReturnType<typeof startTrialStack>>
beforeAll(async () => {
  stack = await startTrialStack(Date.now)
}, 120_000)
afterAll(async () => {
  await stack[Symbol.asyncDispose]()
}, 60_000)

describe('a delivery during which a part is killed ends closed, handed over once at its drop point', () => {
  it.each(victims.flatMap((victim) => seeds.map((seed): [Victim, number] => [victim, seed])))(
    '%s, seed %i',
    async (victim, seed) => {
      expect(await deliverUnderKill(stack, { victim, seed })).toEqual([])
    },
    300_000,
  )
})
