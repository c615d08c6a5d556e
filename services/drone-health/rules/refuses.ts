/** A drone that refuses one itinerary or command after the other: one refusal has a good reason. */
import type { Evidence, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

export function refuses({ refusals }: Pick<Scene, 'refusals'>, { refusals: max }: Thresholds): Evidence | null {
  return refusals < max ? null : { rule: 'refuses', readings: { refusals }, thresholds: { refusals: max } }
}
