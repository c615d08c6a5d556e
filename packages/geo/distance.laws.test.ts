import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { bearingDeg, destination, distanceM, earthRadiusM, interpolate, type Point } from './distance.ts'

const anywhere = fc.record({
  lat: fc.double({ min: -90, max: 90, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
})
/** Where drones fly: off the poles, at which bearings mean nothing. */
const inhabited = fc.record({
  lat: fc.double({ min: -70, max: 70, noNaN: true }),
  lon: fc.double({ min: -180, max: 180, noNaN: true }),
})
const bearing = fc.double({ min: 0, max: 359.99, noNaN: true })
const flightM = fc.double({ min: 1, max: 50_000, noNaN: true })
const nearlyM = 1e-3

describe('distance', () => {
  it('is a metric: not negative, none to oneself, the same both ways, never longer by a detour', () => {
    fc.assert(
      fc.property(anywhere, anywhere, anywhere, (a, b, c) => {
        expect(distanceM(a, a)).toBe(0)
        expect(distanceM(a, b)).toBeGreaterThanOrEqual(0)
        expect(distanceM(a, b)).toBeLessThanOrEqual(Math.PI * earthRadiusM + nearlyM)
        expect(Math.abs(distanceM(a, b) - distanceM(b, a))).toBeLessThan(nearlyM)
        expect(distanceM(a, c)).toBeLessThanOrEqual(distanceM(a, b) + distanceM(b, c) + 0.5)
      }),
    )
  })

  it('agrees with a known one: Nice airport to Paris Charles de Gaulle, about 694 km', () => {
    const nice: Point = { lat: 43.6653, lon: 7.215 }
    const paris: Point = { lat: 49.0097, lon: 2.5478 }
    expect(distanceM(nice, paris) / 1_000).toBeCloseTo(694, -1)
  })

  it('is a degree of latitude per 111.195 km', () => {
    expect(distanceM({ lat: 10, lon: 5 }, { lat: 11, lon: 5 })).toBeCloseTo(111_195, -1)
  })
})

describe('destination', () => {
  it('is as far away and in the direction that was asked, on the globe', () => {
    fc.assert(
      fc.property(inhabited, bearing, flightM, (from, bearingAt, awayM) => {
        const there = destination(from, { bearingDeg: bearingAt, distanceM: awayM })
        expect(Math.abs(distanceM(from, there) - awayM)).toBeLessThan(nearlyM)
        const again = destination(from, { bearingDeg: bearingDeg(from, there), distanceM: distanceM(from, there) })
        expect(distanceM(there, again)).toBeLessThan(0.01)
        expect(Math.abs(there.lon)).toBeLessThanOrEqual(180)
      }),
    )
  })
})

describe('bearing', () => {
  it('is 0 to the north, 90 to the east, and always below 360', () => {
    expect(bearingDeg({ lat: 0, lon: 0 }, { lat: 1, lon: 0 })).toBe(0)
    expect(bearingDeg({ lat: 0, lon: 0 }, { lat: 0, lon: 1 })).toBeCloseTo(90)
    fc.assert(
      fc.property(anywhere, anywhere, (a, b) => {
        expect(bearingDeg(a, b)).toBeGreaterThanOrEqual(0)
        expect(bearingDeg(a, b)).toBeLessThan(360)
      }),
    )
  })
})

describe('interpolation', () => {
  it('divides the way by its share', () => {
    fc.assert(
      fc.property(inhabited, bearing, flightM, fc.double({ min: 0, max: 1, noNaN: true }), (from, at, awayM, share) => {
        const to = destination(from, { bearingDeg: at, distanceM: awayM })
        const between = interpolate(from, to, share)
        expect(Math.abs(distanceM(from, between) - awayM * share)).toBeLessThan(0.01)
        expect(Math.abs(distanceM(between, to) - awayM * (1 - share))).toBeLessThan(0.01)
      }),
    )
  })
})
