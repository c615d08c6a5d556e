/**
 * A drone in flight that repeats itself. One that hovers stays where it is, too, but its battery goes down; one that
 * says that it moves must move; and where nobody told it to hold, it hovers to hand over and nowhere else.
 */
import { droneModel } from '@fleet/contracts/drone-model'
import { distanceM } from '@fleet/geo/distance'
import { type Evidence, lastOf, type Reading, type Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

const movesMps = 2
/** Standing near its base, or on the ground, it may well repeat itself: its report of having landed is on its way. */
const nearBaseM = 100
const nearGroundM = 3
/** Where it hovers to hand over: so near to the drop point, and no higher above where it lets go. */
const nearDropOffM = 50
const aboveHandOverM = 6

type FrozenScene = Pick<Scene, 'readings' | 'inFlight' | 'heldUntilMs' | 'flight' | 'groundAltitudeM'>

export function frozen(
  { readings, inFlight, heldUntilMs, flight, groundAltitudeM }: FrozenScene,
  { frozen: limit }: Thresholds,
): Evidence | null {
  const last = lastOf(readings, limit.readings)
  const [first, end] = [last?.[0], last?.at(-1)]
  if (!inFlight || !last || !first || !end || !last.every((one) => isSamePlace(one, first))) return null
  const heightM = groundAltitudeM === null ? 0 : end.altitudeM - groundAltitudeM
  const handsOver =
    flight !== null &&
    distanceM(flight.dropOff, end) < nearDropOffM &&
    heightM < droneModel.handOverHeightM + aboveHandOverM
  const stuck = flight !== null && first.appendedAtMs > heldUntilMs && heightM > nearGroundM && !handsOver
  const standing =
    !stuck &&
    end.speedMps === 0 &&
    ((flight !== null && distanceM(flight.base, end) < nearBaseM) ||
      (groundAltitudeM !== null && end.altitudeM - groundAltitudeM < nearGroundM))
  if (standing) return null
  const says = end.speedMps > movesMps && last.every(({ speedMps }) => speedMps > movesMps)
  const unused = last.every(({ batteryPct }) => batteryPct === first.batteryPct)
  const spanMs = spanOf(last)
  if ((!says && !unused && !stuck) || spanMs < limit.ms) return null
  return {
    rule: 'frozen',
    readings: { readings: last.length, spanMs, speedMps: end.speedMps, batteryPct: end.batteryPct },
    thresholds: { readings: limit.readings, spanMs: limit.ms },
  }
}

const isSamePlace = (one: Reading, other: Reading) =>
  one.lat === other.lat && one.lon === other.lon && one.altitudeM === other.altitudeM

/** A frozen clock must not hide a frozen drone: the broker's time counts as well. */
function spanOf(readings: readonly Reading[]): number {
  const [first, last] = [readings[0], readings.at(-1)]
  if (!first || !last) return 0
  return Math.max(last.takenAtMs - first.takenAtMs, last.appendedAtMs - first.appendedAtMs)
}
