/** Nothing is heard of a drone in flight, though we could have heard it. */
import type { Evidence, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

export function silent(scene: Pick<Scene, 'inFlight' | 'silentMs'>, { silentMs }: Thresholds): Evidence | null {
  if (!scene.inFlight || scene.silentMs === null || scene.silentMs < silentMs) return null
  return { rule: 'silent', readings: { silentMs: Math.round(scene.silentMs) }, thresholds: { silentMs } }
}
