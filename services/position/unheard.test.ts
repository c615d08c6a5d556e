import type { DroneId } from '@fleet/contracts/ids'
import { describe, expect, it } from '@jest/globals'
import { drone } from './testing/drones.ts'
import { type HeardAccount, withUnheard } from './unheard.ts'

const [a, b] = [drone('a'), drone('b')]

const heard = (droneId: DroneId, boot: number, givenOut: number): HeardAccount => ({
  ...{ droneId, boot, givenOut, stored: givenOut, copies: 0 },
  ...{ refused: 0, refusedByReason: {}, missing: 0, missingRanges: [] },
})

/** Drone, boot, given out and unheard of each account. */
const brief = (accounts: ReturnType<typeof withUnheard>) =>
  accounts.map(({ droneId, boot, givenOut, unheard }) => [droneId, boot, givenOut, unheard])

describe('what was never heard of a boot', () => {
  it('lies between the highest sequence that was heard and the ceiling, and is unknown without one', () => {
    const ceilings = [{ droneId: a, boots: [1, 2].map((boot) => ({ boot, seqMax: 128 })) }]

    const accounts = withUnheard([heard(a, 1, 100), heard(a, 2, 128), heard(a, 3, 7)], ceilings, new Set())

    expect(brief(accounts)).toEqual([
      [a, 1, 100, 28],
      [a, 2, 128, 0],
      [a, 3, 7, null],
    ])
  })

  it('is never less than nothing', () => {
    const ceilings = [{ droneId: a, boots: [{ boot: 1, seqMax: 64 }] }]

    expect(brief(withUnheard([heard(a, 1, 100)], ceilings, new Set()))).toEqual([[a, 1, 100, 0]])
  })

  it('is all of a boot of which no position came, in its place, also where none ever came of the drone', () => {
    const ceilings = [
      { droneId: b, boots: [{ boot: 1, seqMax: 192 }] },
      { droneId: a, boots: [1, 2, 3].map((boot) => ({ boot, seqMax: 64 * boot })) },
    ]

    const accounts = withUnheard([heard(a, 2, 100), heard(a, 4, 5)], ceilings, new Set())

    expect(brief(accounts)).toEqual([
      [a, 1, 0, 64],
      [a, 2, 100, 28],
      [a, 3, 0, 192],
      [a, 4, 5, null],
      [b, 1, 0, 192],
    ])
    expect(accounts[0]).toMatchObject({ stored: 0, refused: 0, missing: 0, missingRanges: [], copies: 0 })
  })

  it('lists no boot that may have been summed up, nor one that gave nothing out', () => {
    const ceilings = [{ droneId: a, boots: [1, 2, 3].map((boot) => ({ boot, seqMax: boot === 3 ? 0 : 64 })) }]

    const accounts = withUnheard([heard(a, 2, 64), heard(a, 4, 5)], ceilings, new Set([a]))

    expect(brief(accounts)).toEqual([
      [a, 2, 64, 0],
      [a, 4, 5, null],
    ])
  })
})
