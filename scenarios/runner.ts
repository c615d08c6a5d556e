/** Plays scenarios and tells each step with its verdict. */
import type { Scenario, Step } from './scenario.ts'
import type { Stage } from './stage.ts'

const needed = {
  containers: 'it needs the stack in containers: npm run stack -- --docker',
  // In the composes each container has an address of its own, which a second one of its kind cannot have.
  processes: 'it needs the stack of processes, whose address lists it changes: npm run stack',
}

export type Verdict = { passed: number; failed: number; skipped: number }

/** Plays `scenarios` one after the other; a step that fails ends its scenario, not the run. `nowMs`: real monotonic milliseconds. */
export async function play(
  scenarios: readonly Scenario[],
  stage: Stage,
  { say, nowMs, stopped }: { say: (line: string) => void; nowMs: () => number; stopped: AbortSignal },
): Promise<Verdict> {
  const verdict = { passed: 0, failed: 0, skipped: 0 }
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
  for (const { name, watch, steps, needs, drones = 0, missing } of scenarios) {
    if (stopped.aborted) break
    const lack = await lackOf({ needs, drones, missing }, stage)
    if (lack !== null) {
      verdict.skipped += 1
      say(`${name}: skipped, ${lack}`)
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
      await stage.heal()
    }
  }
  if (stopped.aborted) say('  stopped: the rest was not played')
  say(`${verdict.passed} passed, ${verdict.failed} failed${verdict.skipped > 0 ? `, ${verdict.skipped} skipped` : ''}`)
  return verdict
}

/** A step was told already; this only leaves its scenario. */
class StepFailed extends Error {}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [first = ''] = error.message.split('\n')
  return error.cause instanceof Error ? `${first} (${error.cause.message})` : first
}

/** Why a scenario cannot be played here, in one sentence; null where it can. */
async function lackOf(
  { needs, drones, missing }: { needs: Scenario['needs']; drones: number; missing: Scenario['missing'] },
  stage: Stage,
): Promise<string | null> {
  if (needs !== undefined && (needs === 'containers') !== stage.inContainers()) return needed[needs]
  const flying = drones === 0 ? 0 : await stage.drones()
  if (flying < drones)
    return `it needs ${drones} drones and the stack has ${flying}: FLEET_DRONES=${drones} npm run stack`
  return (await missing?.()) ?? null
}
