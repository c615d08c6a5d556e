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

/** Steps of `stepS` seconds, from the first second on; what comes after the last whole step is left out. */
export function stepsOf(seconds: readonly Second[], stepS: number, stepsMax: number): LoadStep[] {
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
  /** Orders a second: where the straight line through the steps around it leaves what is offered, or stops being fast. */
  atPerS: number
  /** The first step past it. */
  step: LoadStep
}

const isHealthy = ({ offered, accepted, p99Ms }: LoadStep) => accepted >= offered * acceptedMin && p99Ms <= fastMs

/**
 * The knee: null where every step was healthy, and the load too small to find it. A single step that stumbles is none: a machine has its
 * moments; past the knee, all are unhealthy.
 */
export function kneeOf(steps: readonly LoadStep[]): Knee | null {
  const lastHealthy = steps.findLastIndex(isHealthy)
  const step = steps[lastHealthy + 1]
  if (step === undefined) return null
  const before = steps[lastHealthy]
  const beyond = step.accepted
  // What was served past it is what can be served, where that was fast; else what was served last before.
  const atPerS =
    before === undefined ? beyond : step.p99Ms <= fastMs ? Math.max(before.accepted, beyond) : before.accepted
  return { atPerS, step }
}
