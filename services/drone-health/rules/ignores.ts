/** A drone that does not answer an itinerary or an operator's command. */
import type { Evidence, Scene } from './scene.ts'
import type { Thresholds } from './thresholds.ts'

export function ignores({ unanswered }: Pick<Scene, 'unanswered'>, { answerMs }: Thresholds): Evidence | null {
  if (unanswered === null || unanswered.waitedMs < answerMs) return null
  const { what, id, waitedMs } = unanswered
  return { rule: 'ignores', readings: { what, id, waitedMs: Math.round(waitedMs) }, thresholds: { answerMs } }
}
