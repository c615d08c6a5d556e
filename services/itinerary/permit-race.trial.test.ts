/** On the real replica set: snapshot isolation, write conflicts and retries as they are, and not as a model has them. */
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type DispatchRig, openDispatch, racePermitWithLoss } from './testing/dispatch-rig.ts'

const rounds = 1_000

let rig: DispatchRig
beforeAll(async () => {
  rig = await openDispatch()
}, 60_000)
afterAll(() => rig.close())

describe('a permit that races with the loss of its drone, a thousand times', () => {
  it('has one winner each time, and each wins some', async () => {
    const wins = await racePermitWithLoss(rig, rounds)

    console.log(`undecided ${wins.get('undecided')}, given away ${wins.get('waiting')}`)
    expect([...wins.values()].reduce((sum, count) => sum + count, 0)).toBe(rounds)
    expect(wins.get('undecided')).toBeGreaterThan(0)
    expect(wins.get('waiting')).toBeGreaterThan(0)
  }, 300_000)
})
