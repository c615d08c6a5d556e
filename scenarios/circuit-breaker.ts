/** A service that hangs, dies and returns: the gateway sets it aside, answers at once meanwhile, and takes it back by itself (promise 6). */
import assert from 'node:assert/strict'
import { type BreakerState, FleetPositionsReply, ServicesHealthReply } from '@fleet/contracts/front-door'
import { ProblemReply } from '@fleet/contracts/rest'
import type { Scenario } from './scenario.ts'
import type { Stage } from './stage.ts'

/** More than opens a breaker. */
const askedAtOnce = 12
const openAnswerMsMax = 50
const asked = '/v1/fleet/accounting'

/** The states that the breaker of `service` was seen in, each with the moment in seconds since the first look. */
function createTimeline(get: Stage['get'], service: string) {
  const seen: { state: BreakerState; atMs: number }[] = []
  const startedMs = performance.now()
  return {
    look: async (): Promise<BreakerState | undefined> => {
      const { body } = await get('/v1/health/services')
      const found = ServicesHealthReply.parse(body).items.find((item) => item.service === service)
      const state = found?.instances[0]?.breaker
      if (state !== undefined && state !== seen.at(-1)?.state) seen.push({ state, atMs: performance.now() - startedMs })
      return state
    },
    told: () => seen.map(({ state, atMs }) => `${(atMs / 1_000).toFixed(1)} s ${state}`).join(' → '),
    states: () => seen.map(({ state }) => state),
  }
}

export const circuitBreaker: Scenario = {
  name: 'circuit-breaker',
  watch:
    'Watch a service hang, die and return: its breaker opens, answers stay fast, and it closes again without anybody.',
  steps: async ({ get, signal, until }, step) => {
    const timeline = createTimeline(get, 'position')
    await step('the position service answers, its breaker closed', async () => {
      const { status } = await get(asked)
      assert.deepEqual([status, await timeline.look()], [200, 'closed'])
    })
    await step('it hangs: those who ask wait for the bound, then are told so', async () => {
      signal('position', 'SIGSTOP')
      const answers = await Promise.all(Array.from({ length: askedAtOnce }, () => get(asked)))
      for (const { status, body } of answers) {
        assert(status === 504 || status === 503, `status ${status}`)
        assert.equal(ProblemReply.parse(body).value, 'position')
      }
    })
    await step('its breaker is open', () =>
      until('the breaker to open', 0, async () => (await timeline.look()) !== 'closed'),
    )
    await step(`now it is refused in under ${openAnswerMsMax} ms`, async () => {
      const tookMs: number[] = []
      for (let count = 0; count < 21; count += 1) {
        const startedMs = performance.now()
        const { status } = await get(asked)
        tookMs.push(performance.now() - startedMs)
        assert.equal(status, 503)
      }
      // The middle one: this machine has other things to do too.
      const median = tookMs.toSorted((a, b) => a - b)[10] ?? Number.POSITIVE_INFINITY
      assert(median < openAnswerMsMax, `${median.toFixed(0)} ms`)
      return `${median.toFixed(1)} ms`
    })
    await step('the last known positions are shown meanwhile, marked stale', async () => {
      const { status, body } = await get('/v1/fleet/positions')
      assert.deepEqual([status, FleetPositionsReply.parse(body).stale], [200, true])
    })
    await step('it dies, and is started again', () => signal('position', 'SIGKILL'))
    await step('its breaker closes by itself', () =>
      until('the breaker to close', 0, async () => (await timeline.look()) === 'closed'),
    )
    await step('it answers again', () => until('an answer', 600, async () => (await get(asked)).status === 200))
    await step('the timeline', () => {
      const states = timeline.states()
      assert.equal(states[0], 'closed')
      assert(states.includes('open'), states.join())
      return timeline.told()
    })
  },
}
