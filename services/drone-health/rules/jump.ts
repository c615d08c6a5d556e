/**
 * Places that no drone can have flown between, by the speed from reading to reading. One bad reading is forgiven: it makes two
 * such ways, and without it there is none. Where no single reading explains them all, the drone jumps.
 */
import { distanceM } from '@fleet/geo/distance'
import type { Evidence, Reading, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

/** Further apart in time, two readings say little of how it flew. */
const apartMsMax = 10_000
/** Two readings close to each other may stand for times that are not quite theirs. */
const apartMsMin = 200

export function jump({ readings }: Pick<Scene, 'readings'>, { jump: limit }: Thresholds): Evidence | null {
  const last = readings.slice(-limit.readings)
  const impossible = impossibleSpeeds(last, limit.speedMpsMax)
  if (impossible.length === 0) return null
  const forgiven = last.some((one) => {
    const others = last.filter((other) => other !== one)
    return impossibleSpeeds(others, limit.speedMpsMax).length === 0
  })
  if (forgiven) return null
  return {
    rule: 'jump',
    readings: { jumps: impossible.length, readings: last.length, speedMps: Math.round(Math.max(...impossible)) },
    thresholds: { readings: limit.readings, speedMps: limit.speedMpsMax },
  }
}

function impossibleSpeeds(readings: readonly Reading[], speedMpsMax: number): number[] {
  return readings.slice(1).flatMap((to, index) => {
    const from = readings[index]
    const apartMs = from === undefined ? 0 : to.takenAtMs - from.takenAtMs
    if (from === undefined || apartMs < apartMsMin || apartMs > apartMsMax) return []
    // A climb hides nothing: the length in space, not the ground's.
    const speed = (Math.hypot(distanceM(from, to), to.altitudeM - from.altitudeM) * 1_000) / apartMs
    return speed > speedMpsMax ? [speed] : []
  })
}
