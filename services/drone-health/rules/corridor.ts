/**
 * A drone that leaves the straight line base → drop point → base that it was given. After a reboot it may come straight
 * from where it woke. Two ways to notice: it is far off, or not far yet but steadily further with each reading.
 */
import { bearingDeg, distanceM, type Point } from '@fleet/geo/distance'
import { type Evidence, lastOf, type Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

const readingsFar = 3
const readingsDrift = 4

export function corridor(
  { readings, inFlight, flight, anchor }: Pick<Scene, 'readings' | 'inFlight' | 'flight' | 'anchor'>,
  { corridor: limit }: Thresholds,
): Evidence | null {
  if (!inFlight || flight === null) return null
  const { base, dropOff } = flight
  const ways: [Point, Point][] = [[base, dropOff]]
  if (anchor !== null) ways.push([anchor, dropOff], [anchor, base])
  const last = lastOf(readings, readingsDrift)
  if (last === null) return null
  const offM = last.map((reading) => Math.min(...ways.map(([from, to]) => offLineM(reading, from, to))))
  const now = offM.at(-1) ?? 0
  const far = offM.slice(-readingsFar).every((m) => m > limit.halfWidthM)
  const growsM = now - (offM[0] ?? 0)
  const grows = growsM > limit.driftM && offM.every((m, index) => index === 0 || m > (offM[index - 1] ?? 0))
  if (!far && !grows) return null
  return {
    rule: 'corridor',
    readings: { offM: Math.round(now * 10) / 10, growsM: Math.round(growsM * 10) / 10 },
    thresholds: { offM: limit.halfWidthM, growsM: limit.driftM },
  }
}

/** Metres from `place` to the line from `from` to `to`; a few kilometres are taken as a plane. */
export function offLineM(place: Point, from: Point, to: Point): number {
  const lengthM = distanceM(from, to)
  const awayM = distanceM(from, place)
  if (lengthM < 1 || awayM < 0.01) return awayM
  const angle = ((bearingDeg(from, place) - bearingDeg(from, to)) * Math.PI) / 180
  const alongM = awayM * Math.cos(angle)
  if (alongM <= 0) return awayM
  if (alongM >= lengthM) return distanceM(to, place)
  return Math.abs(awayM * Math.sin(angle))
}
