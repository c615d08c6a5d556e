/** A drone inside a no-fly zone. */
import { isInside } from '@fleet/geo/zone'
import { type Evidence, lastOf, type Scene } from './scene.ts'

const of = 4
const enough = 3

export function zone({ readings, inFlight, zones }: Pick<Scene, 'readings' | 'inFlight' | 'zones'>): Evidence | null {
  if (!inFlight || lastOf(readings, enough) === null) return null
  for (const { zoneId, outline } of zones) {
    const inside = readings.slice(-of).filter((reading) => isInside(reading, outline)).length
    if (inside >= enough) {
      return { rule: 'no-fly-zone', readings: { zoneId, inside, of }, thresholds: { inside: enough, of } }
    }
  }
  return null
}
