/** The battery does not take the drone home any more. The drone's own rule turns it home long before. */
import { droneModel } from '@fleet/contracts/drone-model'
import { distanceM } from '@fleet/geo/distance'
import { batteryHomePct } from '@fleet/geo/flight-plan'
import { type Evidence, lastOf, type Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

const enough = 3

export function battery(
  { readings, inFlight, flight, groundAltitudeM }: Pick<Scene, 'readings' | 'inFlight' | 'flight' | 'groundAltitudeM'>,
  { batterySparePct }: Thresholds,
): Evidence | null {
  const last = lastOf(readings, enough)
  const end = last?.at(-1)
  if (!inFlight || flight === null || !last || !end) return null
  const neededAt = (reading: (typeof last)[number]) => {
    // Where the ground is not known, it need not climb: the smaller figure, and no false alarm.
    const heightM = groundAltitudeM === null ? flight.cruiseHeightM : Math.max(0, reading.altitudeM - groundAltitudeM)
    return batteryHomePct(droneModel, { distanceM: distanceM(reading, flight.base), heightM, weightG: 0 })
  }
  if (!last.every((reading) => reading.batteryPct < neededAt(reading) + batterySparePct)) return null
  const neededPct = Math.round(neededAt(end) * 100) / 100
  return {
    rule: 'battery',
    readings: { batteryPct: end.batteryPct, homeM: Math.round(distanceM(end, flight.base)) },
    thresholds: { neededPct, sparePct: batterySparePct },
  }
}
