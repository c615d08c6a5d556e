/**
 * How a drone moves and uses its battery: pure, and only as true as planning and timing need. The body climbs and descends
 * upright, and flies level between; on each axis it speeds up and brakes at the model's acceleration. What gusts do to the
 * battery is the caller's `load`, what they do to the place is in wind.ts.
 */
import { bearingDeg, destination, distanceM, type Point } from '@fleet/geo/distance'
import { type DroneFigures, payloadFactor } from '@fleet/geo/flight-plan'

/** The model's figures that the body, rather than the plan, needs. */
export type BodyFigures = DroneFigures & { readonly chargePctPerS: number }

export type Body = {
  readonly state: 'on-ground' | 'airborne' | 'wrecked'
  readonly place: Point
  /** Above the ground, which is flat. */
  readonly heightM: number
  /** Along the ground, towards `headingDeg`. */
  readonly speedMps: number
  /** Upwards; negative when it sinks. */
  readonly climbMps: number
  readonly headingDeg: number
  readonly batteryPct: number
  /** Grams of the parcel aboard; 0 without one. */
  readonly weightG: number
}

/** What the drone's computer asks of its flight controller, which keeps doing it while the computer is off. */
export type Course =
  | { readonly kind: 'stay' } // Hover where it is; on the ground, stand.
  | {
      readonly kind: 'fly'
      readonly to: Point
      readonly cruiseHeightM: number
      readonly cruiseSpeedMps: number
      /** Descends to here above `to`, and hovers; 0 lands. */
      readonly endHeightM: number
    }

export type Conditions = {
  readonly figures: BodyFigures
  /** Whether the ground here charges it. */
  readonly onPad: boolean
  /** Multiplies every consumption: 1 in still air. */
  readonly load: number
}

/** World seconds of one step of the integration: at 20 m/s the body moves 4 m in it. */
const stepS = 0.2
/** Nearer than this is there. */
const thereM = 0.05
/** A drone turns on the spot; with more than this between heading and way, it brakes first. */
const turnDegMax = 5
const crawlMps = 0.5

/** The body after `seconds` world seconds on `course`. A late tick is split up, so that it flies as an early one would have. */
export function move(body: Body, course: Course, seconds: number, conditions: Conditions): Body {
  let moved = body
  for (let leftS = seconds; leftS > 1e-9; leftS -= stepS) {
    if (moved.state === 'wrecked') return moved
    if (moved.state === 'on-ground' && course.kind === 'stay') return charge(moved, leftS, conditions)
    moved = step(moved, course, Math.min(stepS, leftS), conditions)
  }
  return moved
}

/** Gusts push it about that much where it hovers; a parcel is let down within it. */
export const hoverM = 3

/** Whether the body hovers at the end of a course that does not land. */
export const isHoveringAt = (body: Pick<Body, 'place' | 'heightM' | 'speedMps'>, to: Point, heightM: number): boolean =>
  body.speedMps < 0.1 && Math.abs(body.heightM - heightM) < 0.3 && distanceM(body.place, to) < hoverM

function charge(body: Body, seconds: number, { onPad, figures }: Conditions): Body {
  if (!onPad || body.batteryPct >= 100) return body
  return { ...body, batteryPct: Math.min(100, body.batteryPct + seconds * figures.chargePctPerS) }
}

function step(body: Body, course: Course, seconds: number, conditions: Conditions): Body {
  const { figures } = conditions
  const awayM = course.kind === 'fly' ? distanceM(body.place, course.to) : 0
  const onSpot = awayM < thereM && body.speedMps < crawlMps
  const wantedM = course.kind === 'stay' ? null : onSpot ? course.endHeightM : course.cruiseHeightM

  if (body.state === 'on-ground' && wantedM === 0) return charge(body, seconds, conditions)
  const rise = wantedM === null ? settle(body, seconds, figures) : vertical(body, wantedM, seconds, figures)
  const mayCruise = course.kind === 'fly' && !onSpot && Math.abs(body.heightM - course.cruiseHeightM) < 0.5
  const flown = mayCruise
    ? cruise(body, course.to, awayM, { topMps: course.cruiseSpeedMps, seconds, figures })
    : coast(body, seconds, figures)

  const batteryPct = Math.max(0, body.batteryPct - used(flown.speedMps, rise.climbMps, body, conditions) * seconds)
  const next: Body = { ...body, ...flown, ...rise, batteryPct, state: 'airborne' }
  if (batteryPct === 0) return { ...next, state: 'wrecked', heightM: 0, speedMps: 0, climbMps: 0 }
  const touched = wantedM === 0 && next.heightM <= 0
  return touched ? { ...next, state: 'on-ground', heightM: 0, speedMps: 0, climbMps: 0 } : next
}

/** One step towards a height: up to the model's rates, and slow enough to stop there. */
function vertical(body: Body, wantedM: number, seconds: number, figures: BodyFigures) {
  const leftM = wantedM - body.heightM
  const topMps = leftM > 0 ? figures.climbSpeedMps : figures.descentSpeedMps
  const goalMps = Math.sign(leftM) * Math.min(topMps, brakingSpeed(leftM, figures))
  const climbMps = approach(body.climbMps, goalMps, figures.accelerationMps2 * seconds)
  const movedM = ((body.climbMps + climbMps) / 2) * seconds
  const arrives = Math.abs(leftM) < 0.01 || movedM / leftM >= 1
  return arrives ? { heightM: wantedM, climbMps: 0 } : { heightM: body.heightM + movedM, climbMps }
}

/** One step of ending a climb or descent where it is. */
function settle(body: Body, seconds: number, figures: BodyFigures) {
  const climbMps = approach(body.climbMps, 0, figures.accelerationMps2 * seconds)
  return { heightM: Math.max(0, body.heightM + ((body.climbMps + climbMps) / 2) * seconds), climbMps }
}

/** One step along the great circle to `to`; with another heading and speed, one step of braking. */
function cruise(
  body: Body,
  to: Point,
  awayM: number,
  { topMps, seconds, figures }: { topMps: number; seconds: number; figures: BodyFigures },
) {
  const wayDeg = awayM < thereM ? body.headingDeg : bearingDeg(body.place, to)
  const turnDeg = Math.abs(((wayDeg - body.headingDeg + 540) % 360) - 180)
  if (turnDeg > turnDegMax && body.speedMps > crawlMps) return coast(body, seconds, figures)
  const goalMps = Math.min(topMps, brakingSpeed(awayM, figures))
  const speedMps = approach(body.speedMps, goalMps, figures.accelerationMps2 * seconds)
  const movedM = ((body.speedMps + speedMps) / 2) * seconds
  if (movedM >= awayM) return { place: to, speedMps: 0, headingDeg: wayDeg }
  const place = destination(body.place, { bearingDeg: wayDeg, distanceM: movedM })
  return { place, speedMps, headingDeg: wayDeg }
}

/** One step of braking to a hover. */
function coast(body: Body, seconds: number, figures: BodyFigures) {
  if (body.speedMps === 0) return { place: body.place, speedMps: 0, headingDeg: body.headingDeg }
  const speedMps = approach(body.speedMps, 0, figures.accelerationMps2 * seconds)
  const movedM = ((body.speedMps + speedMps) / 2) * seconds
  const place = destination(body.place, { bearingDeg: body.headingDeg, distanceM: movedM })
  return { place, speedMps, headingDeg: body.headingDeg }
}

/** Percent a second by what it does, parcel and gusts included. */
function used(speedMps: number, climbMps: number, body: Body, { figures, load }: Conditions): number {
  const pctPerS =
    speedMps > crawlMps
      ? figures.cruisePctPerS
      : climbMps > 0.1
        ? figures.climbPctPerS
        : climbMps < -0.1
          ? figures.descentPctPerS
          : figures.hoverPctPerS
  return pctPerS * payloadFactor(figures, body.weightG) * load
}

/** The speed from which the model's braking stops it within `leftM` metres. */
const brakingSpeed = (leftM: number, figures: BodyFigures) => Math.sqrt(2 * figures.accelerationMps2 * Math.abs(leftM))

const approach = (value: number, goal: number, changeMax: number) =>
  Math.max(value - changeMax, Math.min(value + changeMax, goal))
