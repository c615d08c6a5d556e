import { describe, expect, it } from '@jest/globals'
import { destination, type Point } from './distance.ts'
import { feasibility } from './feasibility.ts'

const center: Point = { lat: 43.6163, lon: 7.0552 }
const east = (distanceM: number) => destination(center, { bearingDeg: 90, distanceM })
const base = (name: string, awayM: number, rangeM = 1_000, payloadGMax = 2_000) => ({
  name,
  place: east(awayM),
  rangeM,
  payloadGMax,
})

describe('an order', () => {
  it('is flown from the nearest base that can', () => {
    const bases = [base('far', 800), base('weak', 100, 1_000, 10), base('near', 300)]
    const answer = feasibility({ dropOff: center, weightG: 500 }, bases)
    expect(answer).toMatchObject({ ok: true, base: { name: 'near' }, distanceM: expect.closeTo(300, 3) })
  })
  it('at the very limits of range and payload is flown', () => {
    expect(feasibility({ dropOff: center, weightG: 2_000 }, [base('only', 0, 0)])).toMatchObject({ ok: true })
  })
  it('out of every reach is too far, by what the best placed base lacks', () => {
    const answer = feasibility({ dropOff: center, weightG: 1 }, [base('near', 1_500), base('strong', 2_000, 1_900)])
    expect(answer).toMatchObject({
      reason: 'too-far',
      nearestBase: { name: 'near' },
      distanceM: expect.closeTo(1_500, 3),
      beyondM: expect.closeTo(100, 3),
    })
  })
  it('that no base in reach carries is too heavy, by what the strongest lacks', () => {
    const bases = [base('weak', 100, 1_000, 500), base('strong', 400, 1_000, 900), base('away', 5_000, 1_000, 9_000)]
    expect(feasibility({ dropOff: center, weightG: 1_000 }, bases)).toMatchObject({
      reason: 'too-heavy',
      nearestBase: { name: 'weak' },
      beyondG: 100,
      payloadGMax: 900,
    })
  })
  it('without any base has none', () => {
    expect(feasibility({ dropOff: center, weightG: 1 }, [])).toEqual({ ok: false, reason: 'no-base' })
  })
})
