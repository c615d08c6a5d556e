/**
 * A drone whose places do not follow from its own speed and heading: it wanders, also along its line, where no corridor
 * shows it. A gust pushes it some metres off and back; a wander goes on. One bad place is not enough: the window that
 * ended at the reading before must show nearly as much.
 */
import { bearingDeg, distanceM } from '@fleet/geo/distance'
import { type Evidence, lastOf, type Reading, type Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

const windowReadings = 5
/** Further apart, two readings say too little of how it flew between them. */
const apartMsMax = 2_500
const beforeShare = 0.75

type Vector = { northM: number; eastM: number }

export function wander(
  { readings, inFlight }: Pick<Scene, 'readings' | 'inFlight'>,
  { wanderM: limitM }: Thresholds,
): Evidence | null {
  const last = lastOf(readings, windowReadings + 1)
  if (!inFlight || last === null) return null
  const now = unexplained(last.slice(1))
  const before = unexplained(last.slice(0, -1))
  if (now === null || before === null) return null
  const [nowM, beforeM] = [lengthM(now), lengthM(before)]
  // Two bad places, each in its own direction, are no wander.
  const sameWay = now.northM * before.northM + now.eastM * before.eastM > 0
  if (nowM <= limitM || beforeM <= limitM * beforeShare || !sameWay) return null
  return {
    rule: 'wander',
    readings: { unexplainedM: Math.round(nowM * 10) / 10, readings: windowReadings },
    thresholds: { unexplainedM: limitM },
  }
}

/** How far it came without its speed and heading saying so; null where the readings are too far apart. */
function unexplained(readings: readonly Reading[]): Vector | null {
  let [northM, eastM] = [0, 0]
  for (const [index, to] of readings.entries()) {
    const from = readings[index - 1]
    if (from === undefined) continue
    const apartMs = to.takenAtMs - from.takenAtMs
    if (apartMs <= 0 || apartMs > apartMsMax) return null
    const came = vector(bearingDeg(from, to), distanceM(from, to))
    const seconds = apartMs / 2_000
    const [left, arrived] = [
      vector(from.headingDeg, from.speedMps * seconds),
      vector(to.headingDeg, to.speedMps * seconds),
    ]
    northM += came.northM - left.northM - arrived.northM
    eastM += came.eastM - left.eastM - arrived.eastM
  }
  return { northM, eastM }
}

const lengthM = ({ northM, eastM }: Vector) => Math.hypot(northM, eastM)
const vector = (deg: number, metres: number): Vector => ({
  northM: metres * Math.cos((deg * Math.PI) / 180),
  eastM: metres * Math.sin((deg * Math.PI) / 180),
})
