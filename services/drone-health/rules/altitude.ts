/** Too high above, or below, the ground on which the drone stood. Altitudes are above mean sea level. */
import { type Evidence, lastOf, type Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

const of = 4
const enough = 3
/** Lower than the lowest land; the schema's own bound is lower still. */
const lowestM = -430

export function altitude(
  { readings, inFlight, flight, groundAltitudeM }: Pick<Scene, 'readings' | 'inFlight' | 'flight' | 'groundAltitudeM'>,
  { altitude: limit }: Thresholds,
): Evidence | null {
  const last = lastOf(readings, enough)?.slice(-of)
  if (!inFlight || !last) return null
  const known = groundAltitudeM !== null && flight !== null
  const lowM = known ? groundAltitudeM - limit.underM : lowestM
  const highM = known ? groundAltitudeM + flight.cruiseHeightM + limit.overM : limit.maxM
  const outside = readings.slice(-of).filter(({ altitudeM }) => altitudeM < lowM || altitudeM > highM)
  if (outside.length < enough) return null
  return {
    rule: 'altitude',
    readings: { outside: outside.length, of, altitudeM: outside.at(-1)?.altitudeM ?? 0 },
    thresholds: { outside: enough, lowM, highM },
  }
}
