import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Breakable, laneOf, planFaults } from './plan.ts'

const whole: Breakable = {
  services: ['order', 'itinerary', 'position', 'drone-health', 'gateway', 'sim'],
  brokers: ['kafka-1', 'kafka-2', 'kafka-3'],
  members: true,
  revivable: true,
  drones: ['drn_1', 'drn_2'],
  topics: ['orders'],
  links: ['drones', 'mongo'],
}
const campaign = fc.record({ seed: fc.nat(), seconds: fc.integer({ min: 20, max: 300 }) })

describe('the plan of a campaign', () => {
  it('is the same for the same seed, and another for another', () => {
    fc.assert(
      fc.property(campaign, (of) => {
        expect(planFaults({ ...of, breakable: whole })).toEqual(planFaults({ ...of, breakable: whole }))
      }),
    )
    const one = planFaults({ seed: 1, seconds: 60, breakable: whole })
    expect(planFaults({ seed: 2, seconds: 60, breakable: whole })).not.toEqual(one)
  })

  it('never takes away more than is tolerated: faults of one lane do not overlap', () => {
    fc.assert(
      fc.property(campaign, (of) => {
        const plan = planFaults({ ...of, breakable: whole })
        for (const lane of Map.groupBy(plan, ({ kind }) => laneOf(kind)).values()) {
          for (const [index, { atMs, forMs }] of lane.entries()) {
            const next = lane[index + 1]
            if (next !== undefined) expect(next.atMs).toBeGreaterThanOrEqual(atMs + forMs)
          }
        }
      }),
    )
  })

  it('ends with the campaign, and reaches every kind of fault in time', () => {
    const plan = Array.from({ length: 20 }, (_, seed) => planFaults({ seed, seconds: 180, breakable: whole }))
    for (const { atMs, forMs } of plan.flat()) expect(atMs + forMs).toBeLessThanOrEqual(180_000)

    expect(new Set(plan.flat().map(({ kind }) => kind)).size).toBe(18)
    expect(Math.min(...plan.map(({ length }) => length))).toBeGreaterThan(15)
  })

  it('makes no fault that the stack cannot be healed of', () => {
    fc.assert(
      fc.property(campaign, (of) => {
        const plan = planFaults({ ...of, breakable: { ...whole, revivable: false, drones: [], links: [] } })
        const kinds = new Set(plan.map(({ kind }) => kind))
        for (const kind of ['kill-broker', 'kill-primary', 'link-down', 'cut'] as const)
          expect(kinds.has(kind)).toBe(false)
      }),
    )
  })
})
