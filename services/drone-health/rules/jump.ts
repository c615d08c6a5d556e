/** Places that no drone can have flown between: a speed from reading to reading, several times over. */
import { distanceM } from '@fleet/geo/distance'
import type { Evidence, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

/** Further apart in time, two readings say little of how it flew. */
const apartMsMax = 10_000
/** Two readings close to each other may stand for times that are not quite theirs. */
const apartMsMin = 200

export function jump({ readings }: Pick<Scene, 'readings'>, { jump: limit }: Thresholds): Evidence | null {
  const last = readings.slice(-(limit.of + 1))
  const speeds = last.slice(1).flatMap((to, index) => {
    const from = last[index]
    const apartMs = from === undefined ? 0 : to.takenAtMs - from.takenAtMs
    if (from === undefined || apartMs < apartMsMin || apartMs > apartMsMax) return []
    // A climb hides nothing: the length in space, not the ground's.
    const way = Math.hypot(distanceM(from, to), to.altitudeM - from.altitudeM)
    return [(way * 1_000) / apartMs]
  })
  const impossible = speeds.filter((speed) => speed > limit.speedMpsMax)
  if (impossible.length < limit.count) return null
  return {
    rule: 'jump',
    readings: { jumps: impossible.length, of: speeds.length, speedMps: Math.round(Math.max(...impossible)) },
    thresholds: { jumps: limit.count, of: limit.of, speedMps: limit.speedMpsMax },
  }
}
