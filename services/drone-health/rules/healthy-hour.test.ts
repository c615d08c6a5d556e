/** How often the rules speak of nothing: a tenth of the hour of 200 drones that healthy-hour.trial.test.ts flies. */
import { describe, expect, it } from '@jest/globals'
import { offNorth } from '../testing/flights.ts'
import { hourS, watchFor, watchHour } from '../testing/hour.ts'

const drones = 20

describe('an hour of healthy drones in wind, with two of a hundred positions lost', () => {
  it('has no rule speak of any of them', () => {
    const { spoken, looks } = watchHour(drones)

    expect(looks).toBeGreaterThanOrEqual(drones * hourS)
    expect(spoken).toEqual([])
  })

  it('would: a wander of 3 m/s is spoken of', () => {
    const { spoken } = watchFor(1, (reading) =>
      reading.seq < 40 ? reading : offNorth(reading, 3 * (reading.seq - 40)),
    )

    expect(new Set(spoken.map(({ rule }) => rule))).toContain('corridor')
  })
})
