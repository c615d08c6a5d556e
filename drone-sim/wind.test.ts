import { distanceM } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import { seededRandom } from './random.ts'
import { blow, type Gust, offMMax, pushedOff, still } from './wind.ts'

const hourS = 3_600
const place = { lat: 43.6, lon: 7.05 }

/** How far off its course a drone is, each second of an hour. */
function anHour(windMps: number, seed = '1'): number[] {
  const random = seededRandom(seed, 'wind')
  let gust: Gust = still
  return Array.from({ length: hourS }, () => {
    gust = blow(gust, { windMps, seconds: 1, random })
    return distanceM(place, pushedOff(place, gust))
  })
}

describe('wind', () => {
  it('does nothing in still air', () => {
    expect(anHour(0).every((offM) => offM === 0)).toBe(true)
  })

  it('pushes a drone metres off, and the autopilot never lets it go further', () => {
    const offM = anHour(8)

    expect(Math.max(...offM)).toBeLessThanOrEqual(offMMax + 0.01)
    expect(offM.filter((m) => m > 1).length).toBeGreaterThan(hourS / 4)
    expect(Math.max(...offM)).toBeGreaterThan(3)
  })

  it('moves it no faster than a gust blows', () => {
    const random = seededRandom('2', 'wind')
    let gust: Gust = still
    let before = pushedOff(place, gust)
    for (let second = 0; second < hourS; second += 1) {
      gust = blow(gust, { windMps: 12, seconds: 1, random })
      const now = pushedOff(place, gust)
      expect(distanceM(before, now)).toBeLessThan(12)
      before = now
    }
  })

  it('blows alike from the same seed, however time is cut, and otherwise from another', () => {
    expect(anHour(8, '3')).toEqual(anHour(8, '3'))
    expect(anHour(8, '3')).not.toEqual(anHour(8, '4'))
    const once = blow(still, { windMps: 8, seconds: 2, random: seededRandom('5', 'wind') })
    const random = seededRandom('5', 'wind')
    const twice = blow(blow(still, { windMps: 8, seconds: 1, random }), { windMps: 8, seconds: 1, random })
    expect(twice.off.northM).toBeCloseTo(once.off.northM)
  })
})
