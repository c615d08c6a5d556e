/** The false alarms of the rules in the whole hour of 200 healthy drones. By `npm run test:trials`: minutes of pure arithmetic, which the suite has a tenth of. */
import { describe, expect, it } from '@jest/globals'
import { hourS, watchHour } from '../testing/hour.ts'

const drones = 200

describe('an hour of 200 healthy drones in wind, with two of a hundred positions lost', () => {
  it('has no rule speak of any of them', () => {
    const { spoken, looks } = watchHour(drones)

    console.log(`${looks} looks, ${(looks / hourS).toFixed(0)} hours of flight, ${spoken.length} findings`)
    expect(looks).toBeGreaterThanOrEqual(drones * hourS)
    expect(spoken).toEqual([])
  }, 300_000)
})
