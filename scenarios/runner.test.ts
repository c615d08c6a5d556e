import { describe, expect, it } from '@jest/globals'
import { play } from './runner.ts'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

const unused = (): never => {
  throw new Error('this scenario plays on nothing')
}
let healed = 0
const emptyStage: Stage = {
  heal: async () => {
    healed += 1
  },
  inContainers: () => false,
  drones: async () => 2,
  cutOff: unused,
  networksOf: unused,
  start: unused,
  isHealthy: unused,
  info: unused,
  customer: { order: unused, place: unused, stateReceipt: unused },
  get: unused,
  post: unused,
  clock: { worldNow: unused },
  inflict: unused,
  setWeather: unused,
  signal: unused,
  ledgerOf: unused,
  until: unused,
}
const scenario = (name: string, steps: Scenario['steps']): Scenario => ({ name, watch: 'Watch it.', steps })

async function told(...scenarios: Scenario[]) {
  const lines: string[] = []
  const say = (line: string) => void lines.push(line)
  const stopped = new AbortController().signal
  return { verdict: await play(scenarios, emptyStage, { say, nowMs: () => 0, stopped }), lines }
}

describe('the runner of scenarios', () => {
  it('tells a scenario that needs containers as skipped where the stack has none', async () => {
    const { lines, verdict } = await told({ ...scenario('composes', unused), needs: 'containers' })

    expect(lines).toEqual([
      'composes: skipped, it needs the stack in containers: npm run stack -- --docker',
      '0 passed, 0 failed, 1 skipped',
    ])
    expect(verdict).toEqual({ passed: 0, failed: 0, skipped: 1 })
  })

  it('tells what this machine lacks for a scenario, and counts it as skipped, never as passed', async () => {
    const { lines, verdict } = await told({ ...scenario('snort', unused), missing: () => 'there is no Snort' })

    expect(lines).toEqual(['snort: skipped, there is no Snort', '0 passed, 0 failed, 1 skipped'])
    expect(verdict.passed).toBe(0)
  })

  it('tells a scenario that needs more drones than the stack has as skipped, and what to do', async () => {
    const { lines, verdict } = await told({ ...scenario('many', unused), drones: 3 })

    expect(lines[0]).toBe('many: skipped, it needs 3 drones and the stack has 2: FLEET_DRONES=3 npm run stack')
    expect(verdict).toEqual({ passed: 0, failed: 0 })
  })

  it('opens a scenario with what to watch, tells a line a step, and ends with the count', async () => {
    const { lines } = await told(
      scenario('one', async (_stage, step) => {
        const two = await step('adds', () => 1 + 1)
        await step('tells', async () => `it is ${two}`)
      }),
    )

    expect(lines).toEqual([
      'one: Watch it.',
      '  ok    adds (0.0 s)',
      '  ok    tells (0.0 s): it is 2',
      '2 passed, 0 failed',
    ])
  })

  it('leaves a scenario at the first step that fails, and goes on with the next', async () => {
    const { verdict, lines } = await told(
      scenario('one', async (_stage, step) => {
        await step('breaks', () => Promise.reject(new Error('why\nand more', { cause: new Error('deeper') })))
        await step('is not tried', () => undefined)
      }),
      scenario('two', (_stage, step) => step('works', () => undefined)),
    )

    expect(verdict).toEqual({ passed: 1, failed: 1 })
    expect(lines).toContain('  FAIL  breaks (0.0 s): why (deeper)')
    expect(lines.join()).not.toContain('is not tried')
  })

  it('counts what breaks between the steps as a failure', async () => {
    const { verdict } = await told(scenario('one', () => Promise.reject(new Error('no step was begun'))))

    expect(verdict).toEqual({ passed: 0, failed: 1 })
  })

  it('heals what a scenario stopped, also where it failed', async () => {
    healed = 0

    await told(
      scenario('one', () => Promise.reject(new Error('no'))),
      scenario('two', async () => undefined),
    )

    expect(healed).toBe(2)
  })
})
