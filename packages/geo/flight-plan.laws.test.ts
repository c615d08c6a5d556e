import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { batteryHomePct, type DroneFigures, planFlight } from './flight-plan.ts'

const figures: DroneFigures = {
  cruiseSpeedMps: 20,
  climbSpeedMps: 5,
  descentSpeedMps: 3,
  accelerationMps2: 2.5,
  cruiseHeightM: 80,
  handOverHeightM: 4,
  payloadGMax: 2_500,
  hoverPctPerS: 0.05,
  cruisePctPerS: 0.04,
  climbPctPerS: 0.07,
  descentPctPerS: 0.04,
  payloadFactorMax: 0.25,
  reservePct: 15,
  hoverMsMax: 300_000,
}
const length = fc.double({ min: 0, max: 20_000, noNaN: true })
const weight = fc.integer({ min: 0, max: 2_500 })

describe('a flight plan', () => {
  it('takes no less time and battery for a longer way', () => {
    fc.assert(
      fc.property(length, length, weight, (a, b, weightG) => {
        const near = planFlight(figures, { distanceM: Math.min(a, b), weightG })
        const far = planFlight(figures, { distanceM: Math.max(a, b), weightG })
        expect(far.handOverAfterMs).toBeGreaterThanOrEqual(near.handOverAfterMs)
        expect(far.landedAfterMs).toBeGreaterThanOrEqual(near.landedAfterMs)
        expect(far.batteryNeededPct).toBeGreaterThanOrEqual(near.batteryNeededPct)
      }),
    )
  })

  it('takes no less battery for a heavier parcel, and the same time', () => {
    fc.assert(
      fc.property(length, weight, weight, (distanceM, a, b) => {
        const light = planFlight(figures, { distanceM, weightG: Math.min(a, b) })
        const heavy = planFlight(figures, { distanceM, weightG: Math.max(a, b) })
        expect(heavy.batteryNeededPct).toBeGreaterThanOrEqual(light.batteryNeededPct)
        expect(heavy.landedAfterMs).toBe(light.landedAfterMs)
      }),
    )
  })

  it('adds up: the phases to the landing, with the reserve left over and the way home covered', () => {
    fc.assert(
      fc.property(length, weight, (distanceM, weightG) => {
        const plan = planFlight(figures, { distanceM, weightG })
        const phases = Object.values(plan.phasesMs)
        expect(phases.every((ms) => ms >= 0)).toBe(true)
        expect(plan.landedAfterMs).toBeCloseTo(phases.reduce((sum, ms) => sum + ms))
        const home = batteryHomePct(figures, { distanceM, heightM: figures.handOverHeightM, weightG })
        expect(plan.batteryNeededPct).toBeGreaterThan(home + figures.reservePct)
      }),
    )
  })

  it('knows a flight worked by hand: 1 km out takes 18 s up, 58 s along, 26.5 s down', () => {
    const { phasesMs } = planFlight(figures, { distanceM: 1_000, weightG: 500 })
    expect(phasesMs.climbOut).toBeCloseTo(18_000)
    expect(phasesMs.cruiseOut).toBeCloseTo(58_000)
    expect(phasesMs.descendToHandOver).toBeCloseTo(26_533, 0)
  })
})
