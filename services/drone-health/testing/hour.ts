/** The rules over healthy drones that fly for an hour, delivery after delivery: the simulator's own physics and wind, no infrastructure. */
import { seededRandom } from '@fleet/drone-sim/random'
import { destination } from '@fleet/geo/distance'
import { examine } from '../rules/examine.ts'
import type { Reading } from '../rules/scene.ts'
import { newTrack, takePosition } from '../track.ts'
import { base, flight, recordFlight, sceneAt, thresholds } from './flights.ts'

export const hourS = 3_600
const windMps = 8
const loss = 0.02

type Spoken = { drone: number; second: number; rule: string }

/** What the rules say of one drone that flies for an hour, delivery after delivery, looked at each second. */
export function watchFor(
  drone: number,
  spoil = (reading: Reading): Reading => reading,
): { spoken: Spoken[]; looks: number } {
  const random = seededRandom('hour', `drone ${drone}`)
  const spoken: Spoken[] = []
  let looks = 0
  for (let flown = 0; looks < hourS; flown += 1) {
    const to = destination(base, { bearingDeg: 360 * random(), distanceM: 500 + 5_000 * random() })
    const readings = recordFlight({ seed: `${drone}/${flown}`, to, windMps, loss }).map(spoil)
    const lastS = readings.at(-1)?.seq ?? 0
    let track = newTrack(0, 0)
    let next = 0
    for (let second = 1; second <= lastS; second += 1, looks += 1) {
      for (let reading = readings[next]; reading !== undefined && reading.seq <= second; reading = readings[++next]) {
        const { appendedAtMs, ...position } = reading
        track = takePosition(track, position, { appendedAtMs, heardAtMs: reading.seq * 1_000, inFlight: true })
      }
      const scene = sceneAt([], 0, {
        readings: track.readings,
        readable: track.readable,
        anchor: track.anchor,
        flight: { ...flight, dropOff: to },
        silentMs: second * 1_000 - track.heardAtMs,
      })
      for (const { rule } of examine(scene, thresholds)) spoken.push({ drone, second, rule })
    }
  }
  return { spoken, looks }
}

/** What the rules say of `drones` of them, and how often they were asked. */
export function watchHour(drones: number): { spoken: Spoken[]; looks: number } {
  const watched = Array.from({ length: drones }, (_, drone) => watchFor(drone))
  return {
    spoken: watched.flatMap(({ spoken }) => spoken),
    looks: watched.reduce((sum, one) => sum + one.looks, 0),
  }
}
