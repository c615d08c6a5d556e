import { droneModel } from '@fleet/contracts/drone-model'
import { destination, distanceM, type Point } from '@fleet/geo/distance'
import { planFlight } from '@fleet/geo/flight-plan'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Body, type Course, isHoveringAt, move } from './physics.ts'

const base: Point = { lat: 43.6163, lon: 7.0552 }
const still = { figures: droneModel, onPad: true, load: 1 }
const standing: Body = {
  state: 'on-ground',
  place: base,
  heightM: 0,
  speedMps: 0,
  climbMps: 0,
  headingDeg: 0,
  batteryPct: 100,
  weightG: 0,
}
const to = (place: Point, endHeightM: number): Course => ({
  kind: 'fly',
  to: place,
  cruiseHeightM: droneModel.cruiseHeightM,
  cruiseSpeedMps: droneModel.cruiseSpeedMps,
  endHeightM,
})
/** Flies in ticks of `tickS` until `done`, at most `limitS`; gives the body and the time it took. */
const flyUntil = (
  from: Body,
  course: Course,
  done: (body: Body) => boolean,
  { tickS = 1, limitS = 2_000, load = 1 } = {},
) => {
  let body = from
  let seconds = 0
  while (!done(body) && seconds < limitS) {
    body = move(body, course, tickS, { ...still, load })
    seconds += tickS
  }
  return { body, seconds }
}

const trip = fc.record({
  bearingDeg: fc.double({ min: 0, max: 359, noNaN: true }),
  distanceM: fc.double({ min: 20, max: 4_000, noNaN: true }),
  weightG: fc.integer({ min: 1, max: droneModel.payloadGMax }),
})
const options = { numRuns: 30, seed: 7 }

describe('the body', () => {
  it('hovers within a metre of the drop point, and lands on its base, in the time and with the battery that were planned', () => {
    fc.assert(
      fc.property(trip, fc.constantFrom(0.2, 1, 3.3), ({ bearingDeg, distanceM: awayM, weightG }, tickS) => {
        const dropOff = destination(base, { bearingDeg, distanceM: awayM })
        const plan = planFlight(droneModel, { distanceM: awayM, weightG })
        const heavy = { ...standing, weightG }
        const height = droneModel.handOverHeightM
        const gusts = { tickS, load: 1.03 }

        const out = flyUntil(heavy, to(dropOff, height), (body) => isHoveringAt(body, dropOff, height), gusts)
        expect(distanceM(out.body.place, dropOff)).toBeLessThan(1)
        expect(out.seconds).toBeLessThan(plan.handOverAfterMs / 1_000 + tickS)

        const hoverS = droneModel.hoverMsMax / 1_000
        const hovered = move(out.body, to(dropOff, height), hoverS, { ...still, load: 1.03 })
        const back = flyUntil(hovered, to(base, 0), ({ state }) => state === 'on-ground', gusts)
        expect(distanceM(back.body.place, base)).toBeLessThan(1)
        expect(100 - back.body.batteryPct).toBeLessThanOrEqual(plan.batteryNeededPct - droneModel.reservePct)
      }),
      options,
    )
  })

  it('never has less than nothing in its battery, and is a wreck where it has nothing in the air', () => {
    fc.assert(
      fc.property(
        trip,
        fc.double({ min: 0.01, max: 20, noNaN: true }),
        ({ bearingDeg, distanceM: awayM }, batteryPct) => {
          const course = to(destination(base, { bearingDeg, distanceM: awayM }), 4)
          const { body } = flyUntil({ ...standing, batteryPct }, course, ({ state }) => state === 'wrecked')
          expect(body).toMatchObject({ state: 'wrecked', batteryPct: 0, heightM: 0 })
        },
      ),
      options,
    )
  })

  it('moves no faster than the model, whatever courses follow each other', () => {
    const courses = fc.array(fc.tuple(trip, fc.constantFrom(0, 4, 30), fc.boolean(), fc.integer({ min: 1, max: 40 })), {
      minLength: 1,
      maxLength: 8,
    })
    fc.assert(
      fc.property(courses, (legs) => {
        let body = standing
        for (const [{ bearingDeg, distanceM: awayM }, endHeightM, stays, seconds] of legs) {
          const fly = to(destination(base, { bearingDeg, distanceM: awayM }), endHeightM)
          for (let second = 0; second < seconds; second += 1) {
            const next = move(body, stays ? { kind: 'stay' } : fly, 1, still)
            expect(distanceM(body.place, next.place)).toBeLessThanOrEqual(droneModel.cruiseSpeedMps + 1e-6)
            expect(next.heightM).toBeGreaterThanOrEqual(0)
            expect(next.heightM - body.heightM).toBeLessThanOrEqual(droneModel.climbSpeedMps + 1e-6)
            expect(body.heightM - next.heightM).toBeLessThanOrEqual(droneModel.climbSpeedMps + 1e-6)
            body = next
          }
        }
      }),
      options,
    )
  })

  it('charges on its pad up to 100 and nowhere else', () => {
    const empty = { ...standing, batteryPct: 50 }
    expect(move(empty, { kind: 'stay' }, 100, still).batteryPct).toBe(70)
    expect(move(empty, { kind: 'stay' }, 1_000, still).batteryPct).toBe(100)
    expect(move(empty, { kind: 'stay' }, 100, { ...still, onPad: false }).batteryPct).toBe(50)
  })
})
