/** The protocol test, larger: more faults at once in small worlds, and more seeds. Part of `npm run test:faults`. */
import { describe, expect, it } from '@jest/globals'
import { playRuns } from './testing/protocol-run.ts'
import { approach, type Budget, lostWithPermit, searchAll } from './testing/protocol-search.ts'

const worlds: readonly Budget[] = [
  { ground: 1, split: 2 },
  { ground: 1, crash: 1, split: 1 },
  { ground: 1, cancel: 1, split: 1 },
  { ground: 1, pass: 2, crash: 1 },
  { ground: 1, wreck: 1, copy: 1 },
]

describe('the protocol of hand-overs, at length', () => {
  it.each(worlds)(
    'holds in every run of a small world with %j',
    async (budget) => {
      const start = await approach({ server: 1.05, drones: [0.95, 1] })
      const found = await searchAll(start, budget, { depthMax: 200, statesMax: 150_000 })

      expect(found.handedOver).toBeGreaterThan(0)
      console.log(`${found.states} states, ${found.complete ? 'all' : 'not all'}: ${JSON.stringify(budget)}`)
    },
    240_000,
  )

  it('holds in every run after a drone was lost with its permit and the service restarts while an operator closes', async () => {
    const start = await lostWithPermit({ server: 1.05, drones: [0.95, 1] })
    const found = await searchAll(
      start,
      { pass: 4, close: 1, 'crash-server': 1 },
      { depthMax: 200, statesMax: 150_000 },
    )

    expect([found.complete, found.handedOver > 0]).toEqual([true, true])
  }, 240_000)

  it('holds in 5,000 more runs of chance', async () => {
    const reached = await playRuns(5_000, 100_001)

    console.log([...reached].map(([landmark, count]) => `${count} ${landmark}`).join(', '))
    expect([...reached].filter(([, count]) => count === 0)).toEqual([])
  }, 240_000)
})
