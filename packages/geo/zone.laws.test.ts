import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { destination, type Point } from './distance.ts'
import { isInside } from './zone.ts'

const center: Point = { lat: 43.6, lon: 7 }
const around = (corners: number, radiusM: number) =>
  Array.from({ length: corners }, (_, index) =>
    destination(center, { bearingDeg: (360 / corners) * index, distanceM: radiusM }),
  )
const bearingDeg = fc.double({ min: 0, max: 359, noNaN: true })
const corners = fc.integer({ min: 3, max: 30 })

describe('a zone', () => {
  it('holds what is within its inner circle, and nothing outside its outer one', () => {
    fc.assert(
      fc.property(corners, bearingDeg, fc.double({ min: 0, max: 3, noNaN: true }), (count, at, share) => {
        const inner = Math.cos(Math.PI / count)
        fc.pre(share < inner - 0.01 || share > 1.01)
        const place = destination(center, { bearingDeg: at, distanceM: 1_000 * share })
        expect(isInside(place, around(count, 1_000))).toBe(share < 1)
      }),
    )
  })

  it('is the same whichever way round and from whichever corner it is told', () => {
    fc.assert(
      fc.property(
        corners,
        fc.nat(30),
        bearingDeg,
        fc.double({ min: 0, max: 2_000, noNaN: true }),
        (count, from, at, awayM) => {
          const outline = around(count, 1_000)
          const start = from % count
          const turned = [...outline.slice(start), ...outline.slice(0, start)]
          const place = destination(center, { bearingDeg: at, distanceM: awayM })
          expect(isInside(place, turned)).toBe(isInside(place, outline))
          expect(isInside(place, outline.toReversed())).toBe(isInside(place, outline))
        },
      ),
    )
  })

  it('leaves its bay out: an L does not hold its missing quarter', () => {
    const l = [
      [0, 0],
      [0, 2],
      [1, 2],
      [1, 1],
      [2, 1],
      [2, 0],
    ].map(([lat = 0, lon = 0]) => ({ lat, lon }))
    expect(isInside({ lat: 0.5, lon: 1.5 }, l)).toBe(true)
    expect(isInside({ lat: 1.5, lon: 0.5 }, l)).toBe(true)
    expect(isInside({ lat: 1.5, lon: 1.5 }, l)).toBe(false)
  })
})
