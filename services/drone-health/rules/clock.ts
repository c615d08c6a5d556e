/**
 * A drone whose clock is wrong, by the broker's append time. A position from the future is wrong at once. One from the
 * past may have been kept while the link was down: such a backlog comes faster than it was taken, and is no fault.
 */
import { type Evidence, lastOf, type Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

const enough = 3
/** A backlog runs through the last readings at more than this many times the pace at which they were taken. */
const backlogPace = 1.5

export function clock({ readings }: Pick<Scene, 'readings'>, { clock: limit }: Thresholds): Evidence | null {
  const last = lastOf(readings, enough)
  const [first, end] = [last?.[0], last?.at(-1)]
  if (!last || !first || !end) return null
  const aheadMs = last.map(({ takenAtMs, appendedAtMs }) => takenAtMs - appendedAtMs)
  const ahead = aheadMs.every((ms) => ms > limit.aheadMs)
  const takenMs = end.takenAtMs - first.takenAtMs
  const appendedMs = end.appendedAtMs - first.appendedAtMs
  const catchesUp = takenMs > backlogPace * appendedMs
  const behind = aheadMs.every((ms) => -ms > limit.behindMs) && !catchesUp
  if (!ahead && !behind) return null
  return {
    rule: 'clock',
    readings: { aheadMs: Math.round(aheadMs.at(-1) ?? 0) },
    thresholds: { aheadMs: limit.aheadMs, behindMs: limit.behindMs },
  }
}
