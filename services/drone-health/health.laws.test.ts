import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { decide, evolve, type Health, type HealthCommand, type HealthEvent, newHealth } from './health.ts'
import { policyAt } from './policy.ts'
import { ruleNames } from './rules/scene.ts'
import { droneId } from './testing/flights.ts'

const policy = policyAt(1, 4_200)
const long = fc.constantFrom(0, 500, 2_000, 10_000, 100_000)
const finding = fc.record({
  rule: fc.constantFrom(...ruleNames),
  heldMs: long,
  readings: fc.constant({}),
  thresholds: fc.constant({}),
})
const look = fc.record({
  type: fc.constant('look' as const),
  droneId: fc.constant(droneId),
  findings: fc.array(finding, { maxLength: 2 }),
  lastedMs: long,
  calmMs: long,
  good: fc.integer({ min: 0, max: 10 }),
  boot: fc.option(fc.integer({ min: 1, max: 4 })),
})
const operator = { note: fc.constant('why'), by: fc.constant('op') }
const ground = fc.record({ type: fc.constant('ground' as const), ...operator })
const release = fc.record({
  type: fc.constant('release' as const),
  ...operator,
  fault: fc.option(fc.constant('silent')),
})
const commands = fc.array(
  fc.oneof({ weight: 12, arbitrary: look }, { weight: 1, arbitrary: ground }, { weight: 1, arbitrary: release }),
  { maxLength: 60 },
)

/** Every step with the state before and after it, a second apart. */
function run(given: readonly (typeof commands extends fc.Arbitrary<infer T> ? T : never)[number][]) {
  let health: Health = newHealth
  const steps: { command: HealthCommand; before: Health; after: Health; event: HealthEvent | null }[] = []
  given.forEach((one, second) => {
    const command: HealthCommand = { ...one, atMs: UnixMs.parse(1_700_000_000_000 + second * 1_000) }
    const decision = decide(health, command, policy)
    const before = health
    const [event = null] = decision.ok ? decision.events : []
    if (event !== null) health = evolve(health, event)
    steps.push({ command, before, after: health, event })
  })
  return steps
}

describe('the laws of health', () => {
  it('lets nothing but a release with a passed self-check out of grounded', () => {
    fc.assert(
      fc.property(commands, (given) => {
        for (const { command, before, after } of run(given)) {
          if (before.status !== 'grounded' || after.status === 'grounded') continue
          expect(command).toMatchObject({ type: 'release', fault: null })
        }
      }),
    )
  })

  it('gives each order an id of its own, and never orders anything of a drone that is not in confirmed trouble', () => {
    fc.assert(
      fc.property(commands, (given) => {
        const orders = run(given).flatMap(({ before, event }) => (event?.order ? [{ before, order: event.order }] : []))
        expect(new Set(orders.map(({ order }) => order.commandId)).size).toBe(orders.length)
        for (const { before } of orders) expect(['unresponsive', 'defective']).toContain(before.status)
      }),
    )
  })

  it('orders no more of one trouble than its ladder has rungs', () => {
    fc.assert(
      fc.property(commands, (given) => {
        const counts = new Map<number, number>()
        for (const { event } of run(given)) {
          if (event?.order) counts.set(event.to.incident, (counts.get(event.to.incident) ?? 0) + 1)
        }
        const rungsMax = Math.max(...Object.values(policy.rules).map(({ ladder }) => ladder.length))
        for (const count of counts.values()) expect(count).toBeLessThanOrEqual(rungsMax)
      }),
    )
  })

  it('never counts an incident back, and acts only on what went on for long enough', () => {
    fc.assert(
      fc.property(commands, (given) => {
        for (const { command, before, after, event } of run(given)) {
          expect(after.incident).toBeGreaterThanOrEqual(before.incident)
          if (before.status !== 'suspect' || event === null || command.type !== 'look') continue
          if (event.to.status !== 'unresponsive' && event.to.status !== 'defective') continue
          const confirmed = command.findings.some(
            ({ rule, heldMs }) => heldMs >= (policy.rules[rule].confirmMs ?? Number.POSITIVE_INFINITY),
          )
          expect(confirmed).toBe(true)
        }
      }),
    )
  })
})
