/** What a load test saw, in steps of its offered rate; and where the knee is: the most that was accepted while it stayed fast. */
import { z } from 'zod'

/** A second, as the simulation writes it (Record.java). */
export const Second = z.object({
  atS: z.int(),
  offered: z.int(),
  accepted: z.int(),
  shed: z.int(),
  failed: z.int(),
  delivered: z.int(),
  positions: z.int(),
  tookMs: z.array(z.number()),
})
export type Second = z.infer<typeof Second>

/** Rates are a second. */
export type LoadStep = {
  atS: number
  offered: number
  accepted: number
  shed: number
  failed: number
  delivered: number
  p99Ms: number
}

/** The accepted are fast below this. */
export const fastMs = 1_000
const acceptedMin = 0.95

/** Steps of `stepS` seconds, from the first second past a warm-up on; what comes after the last whole step is left out. */
export function stepsOf(all: readonly Second[], stepS: number, stepsMax: number, warmUpS = 0): LoadStep[] {
  const seconds = all.filter(({ atS }) => atS >= (all[0]?.atS ?? 0) + warmUpS)
  const [first] = seconds
  if (first === undefined) return []
  const byStep = Map.groupBy(seconds, ({ atS }) => Math.floor((atS - first.atS) / stepS))
  return [...byStep]
    .filter(([step]) => step < stepsMax)
    .map(([step, some]) => {
      const rate = (of: 'offered' | 'accepted' | 'shed' | 'failed' | 'delivered') =>
        some.reduce((sum, second) => sum + second[of], 0) / stepS
      const took = some.flatMap(({ tookMs }) => tookMs).sort((a, b) => a - b)
      return {
        atS: first.atS + step * stepS,
        offered: rate('offered'),
        accepted: rate('accepted'),
        shed: rate('shed'),
        failed: rate('failed'),
        delivered: rate('delivered'),
        p99Ms: took[Math.max(0, Math.ceil(took.length * 0.99) - 1)] ?? 0,
      }
    })
}

export type Knee = {
  /** Orders a second: where what is accepted leaves what is offered, or stops being fast. */
  atPerS: number
  /** The first step past it. */
  step: LoadStep
  /** When the first step of all began: from there to `step` it was healthy. */
  firstAtS: number
}

const isHealthy = ({ offered, accepted, p99Ms }: LoadStep) => accepted >= offered * acceptedMin && p99Ms <= fastMs

/**
 * The knee; there is none where the last step was healthy, and the load too small to find it, nor where no step was, and it was too large.
 * A single step that stumbles is none: a machine has its moments; past the knee, all are unhealthy. A step in which nobody ordered says nothing.
 */
export function kneeOf(steps: readonly LoadStep[]): Knee | 'all healthy' | 'none healthy' {
  const ordered = steps.filter(({ offered }) => offered > 0)
  const [first] = ordered
  const lastHealthy = ordered.findLastIndex(isHealthy)
  const before = ordered[lastHealthy]
  if (first === undefined || before === undefined) return 'none healthy'
  const step = ordered[lastHealthy + 1]
  if (step === undefined) return 'all healthy'
  // What is served past it, where that is fast, is what can be served: the middle of it, since a single step has its moments.
  const past = ordered.slice(lastHealthy + 1).filter(({ p99Ms }) => p99Ms <= fastMs)
  const middle = past.map(({ accepted }) => accepted).sort((a, b) => a - b)[Math.floor(past.length / 2)]
  return { atPerS: Math.max(before.accepted, middle ?? 0), step, firstAtS: first.atS }
}
