/**
 * Promise 2: no permit for a past epoch, nor for an order that has ended. All decisions about an order are made one after the
 * other, in its one document, and stamped by the service that makes them.
 */
import type { Evidence } from './evidence.ts'
import { type Findings, nothingFound } from './findings.ts'

export function judgePermits({ permitFacts }: Evidence): Findings {
  const found = nothingFound()
  for (const [subject, facts] of Map.groupBy(permitFacts, ({ orderId }) => orderId)) {
    for (const { what, epoch, atMs } of facts) {
      if (what !== 'granted' || epoch === null) continue
      const later = facts.find((fact) => fact.what === 'assigned' && (fact.epoch ?? 0) > epoch && fact.atMs < atMs)
      if (later !== undefined) {
        found.unexpected.push({
          subject,
          what: `a permit of epoch ${epoch} was granted while epoch ${later.epoch} flew`,
        })
      }
      const ended = facts.find((fact) => fact.what === 'ended' && fact.atMs < atMs)
      if (ended !== undefined)
        found.unexpected.push({ subject, what: 'a permit was granted after the order had ended' })
    }
  }
  return found
}
