/** Positions are missing by their sequence: a few in a hundred are the air's, half of them are the drone's. */
import type { Evidence, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

export function gaps({ readings }: Pick<Scene, 'readings'>, { gaps: limit }: Thresholds): Evidence | null {
  const end = readings.at(-1)
  const first = readings[0]
  if (!end || !first) return null
  // Of most drones there is nothing missing, and ten thousand are looked at: their readings need not be gone through.
  if (end.seq - first.seq === readings.length - 1) return null
  // Only what lies behind the first reading that we have can be missing.
  const from = Math.max(first.seq, end.seq - limit.of + 1)
  const due = end.seq - from + 1
  const missing = due - readings.filter(({ seq }) => seq >= from).length
  if (missing < limit.count) return null
  return {
    rule: 'gaps',
    readings: { missing, of: due, seq: end.seq },
    thresholds: { missing: limit.count, of: limit.of },
  }
}
