/**
 * A demo scenario: what to watch, and steps that a stranger can follow, each with a verdict.
 * A step throws where it does not hold; the steps after it are then not tried.
 */
import type { Stage } from './stage.ts'

/** Runs `act` as one step and tells how it went; what it gives goes on to later steps, a text also into the line. */
export type Step = <T>(name: string, act: () => Promise<T> | T) => Promise<T>

export type Scenario = {
  name: string
  /** One sentence. */
  watch: string
  /** It plays on the two composes alone, or on a stack of processes alone; on the other it is told as skipped. */
  needs?: 'containers' | 'processes'
  /** How many simulated drones it needs, where that is more than a stack has by default. */
  drones?: number
  /** What this machine lacks for it, in one sentence; then it is skipped, and counted so. */
  missing?(): Promise<string | null> | string | null
  steps(stage: Stage, step: Step): Promise<void>
}
