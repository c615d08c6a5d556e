/** How available the placing of orders was, and how long after each fault it was back: from the customers' log alone. Pure. */
import type { Attempt, FaultLog, History } from './history.ts'

/** A customer who has waited for so long counts as not served. */
export const promptMsMax = 5_000
/** What goes wrong later than this after a fault is not its doing. */
const blamedMs = 30_000

/** Whether it was acknowledged within the bound. */
export const isServed = ({ answer, sentAtMs, answeredAtMs }: Attempt) =>
  answer === 'acknowledged' && answeredAtMs - sentAtMs <= promptMsMax

/** Everybody who asked for an order, in the order of asking. */
export const looksOf = ({ probes, orders }: History): Attempt[] =>
  [...probes, ...orders.flatMap(({ attempts }) => attempts)].toSorted((a, b) => a.sentAtMs - b.sentAtMs)

export type Availability = { asked: number; served: number; sharePct: number; medianMs: number; p99Ms: number }

export function availabilityOf(history: History): Availability {
  const looks = looksOf(history)
  const served = looks.filter(isServed)
  const took = served.map(({ sentAtMs, answeredAtMs }) => answeredAtMs - sentAtMs).toSorted((a, b) => a - b)
  const at = (share: number) => took[Math.min(took.length - 1, Math.floor(took.length * share))] ?? 0
  return {
    asked: looks.length,
    served: served.length,
    sharePct: looks.length === 0 ? 0 : (100 * served.length) / looks.length,
    medianMs: at(0.5),
    p99Ms: at(0.99),
  }
}

export type Recovery = FaultLog & {
  /** From the fault until an order could be placed again; 0 where it always could be, null: not before the campaign's end. */
  recoveredAfterMs: number | null
  /** Longest answer to somebody who asked while the fault was young. */
  slowestMs: number
}

/** For each fault, what those noticed who asked between it and the next one, and not longer than half a minute after it. */
export function recoveriesOf(history: History): Recovery[] {
  const looks = looksOf(history)
  const faults = history.faults.toSorted((a, b) => a.fromMs - b.fromMs)
  return faults.map((fault, index) => {
    const next = faults[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY
    const untilMs = Math.min(next, fault.fromMs + blamedMs)
    const own = looks.filter(({ sentAtMs }) => fault.fromMs <= sentAtMs && sentAtMs < untilMs)
    const slowestMs = Math.max(0, ...own.map(({ sentAtMs, answeredAtMs }) => answeredAtMs - sentAtMs))
    const firstFailed = own.find((look) => !isServed(look))
    if (firstFailed === undefined) return { ...fault, recoveredAfterMs: 0, slowestMs }
    const back = looks.find((look) => look.sentAtMs > firstFailed.sentAtMs && isServed(look))
    return { ...fault, recoveredAfterMs: back === undefined ? null : back.answeredAtMs - fault.fromMs, slowestMs }
  })
}
