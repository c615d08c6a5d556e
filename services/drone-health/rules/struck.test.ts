/** Whether the rules see every failing navigation, and how soon: seeds and sizes by chance, from just past what a rule must catch up to gross. */
import type { FaultKind } from '@fleet/drone-sim/faults'
import { seededRandom } from '@fleet/drone-sim/random'
import { describe, expect, it } from '@jest/globals'
import { secondsToSee, type Weather } from '../testing/struck.ts'

const runs = 40
const seed = 'struck 1'
const calm = { windMps: 0, loss: 0 }
const rough = { windMps: 8, loss: 0.02 }

/** Sizes as likely small as large by their ratio. */
const faults: readonly [FaultKind, number, number][] = [
  ['jumping', 70, 5_000],
  ['drifting', 3, 40],
  ['frozen', 1, 1],
]

/** Seconds to the first word, shortest first; never seen is infinite. */
function times(
  [fault, least, most]: (typeof faults)[number],
  weather: Weather & { between?: [number, number] },
): number[] {
  const random = seededRandom(seed, fault)
  const seen = Array.from({ length: runs }, (_, run) => {
    const size = least * (most / least) ** random()
    return secondsToSee({ fault, size }, { seed: `${seed}/${fault}/${run}`, ...weather })
  })
  return seen.map((seconds) => seconds ?? Number.POSITIVE_INFINITY).toSorted((a, b) => a - b)
}

describe.each(faults)(`navigation that is %s (seed ${seed})`, (...fault) => {
  it('is seen within five seconds in calm air', () => {
    expect(times(fault, calm).at(-1)).toBeLessThan(5)
  })

  it('is seen within eight seconds in wind and with two of a hundred positions lost', () => {
    expect(times(fault, rough).at(-1)).toBeLessThan(8)
  })
})

/** Seconds of the flight: it has left the ground, and has not come to its cruise. */
const climb: [number, number] = [2, 17]

describe(`navigation that freezes in the climb (seed ${seed})`, () => {
  it('is seen within five seconds in calm air', () => {
    expect(times(['frozen', 1, 1], { ...calm, between: climb }).at(-1)).toBeLessThan(5)
  })
})
