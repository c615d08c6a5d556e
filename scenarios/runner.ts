/** Plays scenarios and tells each step with its verdict. */
import type { Scenario, Step } from './scenario.ts'
import type { Stage } from './stage.ts'

export type Verdict = { passed: number; failed: number }

/** Plays `scenarios` one after the other; a step that fails ends its scenario, not the run. `nowMs`: real monotonic milliseconds. */
export async function play(
  scenarios: readonly Scenario[],
  stage: Stage,
  { say, nowMs, stopped }: { say: (line: string) => void; nowMs: () => number; stopped: AbortSignal },
): Promise<Verdict> {
  const verdict = { passed: 0, failed: 0 }
  const step: Step = async (name, act) => {
    const startedMs = nowMs()
    const took = () => `${((nowMs() - startedMs) / 1_000).toFixed(1)} s`
    try {
      const result = await act()
      verdict.passed += 1
      say(`  ok    ${name} (${took()})${typeof result === 'string' ? `: ${result}` : ''}`)
      return result
    } catch (error) {
      verdict.failed += 1
      say(`  FAIL  ${name} (${took()}): ${reasonOf(error)}`)
      throw new StepFailed(name)
    }
  }
  for (const { name, watch, steps, needs } of scenarios) {
    if (stopped.aborted) break
    const missing = needs === undefined ? null : missingFor(needs, stage)
    if (missing !== null) {
      say(`${name}: skipped, ${missing}`)
      continue
    }
    say(`${name}: ${watch}`)
    try {
      await steps(stage, step)
    } catch (error) {
      if (error instanceof StepFailed) continue
      verdict.failed += 1
      say(`  FAIL  between the steps: ${reasonOf(error)}`)
    } finally {
      stage.heal()
    }
  }
  if (stopped.aborted) say('  stopped: the rest was not played')
  say(`${verdict.passed} passed, ${verdict.failed} failed`)
  return verdict
}

function missingFor(needs: NonNullable<Scenario['needs']>, stage: Stage): string | null {
  const isSwarm = stage.inContainers() && stage.info().swarm !== undefined
  if (needs === 'swarm') return isSwarm ? null : 'it needs the stack on a swarm: npm run swarm -- up'
  return stage.inContainers() && !isSwarm ? null : 'it needs the stack in containers: npm run stack -- --docker'
}

/** A step was told already; this only leaves its scenario. */
class StepFailed extends Error {}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [first = ''] = error.message.split('\n')
  return error.cause instanceof Error ? `${first} (${error.cause.message})` : first
}
