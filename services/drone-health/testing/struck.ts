/** Flights of drones whose navigation fails on the way, by the simulator's own faults, and when the rules first speak of them. */
import { afterOrder, distort, type FaultKind, type Faults } from '@fleet/drone-sim/faults'
import { seededRandom } from '@fleet/drone-sim/random'
import { destination } from '@fleet/geo/distance'
import { examine } from '../rules/examine.ts'
import { newTrack, takePosition } from '../track.ts'
import { base, flight, recordFlight, sceneAt, thresholds } from './flights.ts'

/** World seconds that a fault has to be seen. */
const watchedS = 60

export type Weather = { windMps: number; loss: number }

/**
 * World seconds from a fault to the first word about it, looked at each second; null where it was not seen within a minute. The
 * fault comes at some second `between` two of the flight, of the cruise if nothing else is said. Throws where a rule speaks before it.
 */
export function secondsToSee(
  fault: { fault: FaultKind; size?: number },
  { seed, windMps, loss, between: [fromS, toS] = [20, 80] }: Weather & { seed: string; between?: [number, number] },
): number | null {
  const random = seededRandom(seed, fault.fault)
  const to = destination(base, { bearingDeg: 360 * random(), distanceM: 3_000 + 2_500 * random() })
  const struckS = fromS + (toS - fromS) * random()
  let faults: Faults = {}
  let track = newTrack(0, 0)
  for (const { appendedAtMs, ...position } of recordFlight({ seed, to, windMps, loss, seconds: struckS + watchedS })) {
    const struck = position.seq >= struckS
    if (struck && Object.keys(faults).length === 0)
      faults = afterOrder({}, { droneId: position.droneId, ...fault }, struckS * 1_000, random())
    const said = distort(position, faults, { atMs: position.seq * 1_000, random })
    faults = said.faults
    track = takePosition(track, said.position, { appendedAtMs, heardAtMs: position.seq * 1_000, inFlight: true })
    const { readings, readable, anchor } = track
    const scene = sceneAt([], 0, { readings, readable, anchor, flight: { ...flight, dropOff: to } })
    const [found] = examine(scene, thresholds)
    if (found === undefined) continue
    if (!struck) throw new Error(`${found.rule} spoke of a healthy drone, seed ${seed}`)
    return position.seq - struckS
  }
  return null
}
