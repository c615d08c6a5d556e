/**
 * Wind, as a drone in it shows: gusts push it off its course, and its autopilot brings it back. Pure; chance is the caller's.
 * The mean wind is flown against and does not show; what shows is the rest, some metres, which grows with the wind.
 */
import { destination, type Point } from '@fleet/geo/distance'
import { z } from 'zod'
import type { Random } from './random.ts'

/** `lossShare`: the share of positions that the air swallows on their way. */
export const Weather = z.strictObject({
  windMps: z.number().min(0).max(20).default(0),
  lossShare: z.number().min(0).max(1).default(0),
})
export type Weather = z.infer<typeof Weather>

type Vector = { readonly northM: number; readonly eastM: number }
/** A gust's push in metres a second, and how far off its course the drone is by it in metres. */
export type Gust = { readonly push: Vector; readonly off: Vector }

export const still: Gust = { push: { northM: 0, eastM: 0 }, off: { northM: 0, eastM: 0 } }

/** Gusts are so large a share of the wind, and last so long; the autopilot takes so long to bring the drone back. */
const gustShare = 0.15
const gustS = 3
const backS = 1.5
/** However it blows, the autopilot does not let go further. */
export const offMMax = 5
const stepS = 0.5

/** The gust after `seconds` world seconds in a wind of `windMps`. */
export function blow(
  gust: Gust,
  { windMps, seconds, random }: { windMps: number; seconds: number; random: Random },
): Gust {
  if (windMps === 0) return still
  let blown = gust
  for (let leftS = seconds; leftS > 1e-9; leftS -= stepS) blown = step(blown, windMps, Math.min(stepS, leftS), random)
  return blown
}

function step({ push, off }: Gust, windMps: number, seconds: number, random: Random): Gust {
  const keep = Math.exp(-seconds / gustS)
  const spreadMps = gustShare * windMps * Math.sqrt(1 - keep ** 2)
  const axis = (axisPush: number) => axisPush * keep + spreadMps * normal(random)
  const pushed = { northM: axis(push.northM), eastM: axis(push.eastM) }
  const back = Math.exp(-seconds / backS)
  const moved = (axisOff: number, axisPush: number) => axisOff * back + axisPush * backS * (1 - back)
  return {
    push: pushed,
    off: within({ northM: moved(off.northM, pushed.northM), eastM: moved(off.eastM, pushed.eastM) }),
  }
}

function within(off: Vector): Vector {
  const length = Math.hypot(off.northM, off.eastM)
  if (length <= offMMax) return off
  return { northM: (off.northM * offMMax) / length, eastM: (off.eastM * offMMax) / length }
}

/** Near enough to a normal deviate: twelve even ones. */
function normal(random: Random): number {
  let sum = -6
  for (let count = 0; count < 12; count += 1) sum += random()
  return sum
}

/** Where a drone is that would be at `place` without the gust. */
export function pushedOff(place: Point, { off }: Gust): Point {
  const distanceM = Math.hypot(off.northM, off.eastM)
  if (distanceM === 0) return place
  return destination(place, { bearingDeg: (Math.atan2(off.eastM, off.northM) * 180) / Math.PI, distanceM })
}
