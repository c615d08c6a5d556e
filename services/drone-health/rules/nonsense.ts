/** A drone that signs what it sends, and sends what no schema reads. What is not under its own MAC says nothing of it. */
import type { Evidence, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

export function nonsense({ readable }: Pick<Scene, 'readable'>, { nonsense: limit }: Thresholds): Evidence | null {
  const last = readable.slice(-limit.of)
  const unreadable = last.filter((good) => !good).length
  if (unreadable < limit.count) return null
  return {
    rule: 'nonsense',
    readings: { unreadable, of: last.length },
    thresholds: { unreadable: limit.count, of: limit.of },
  }
}
