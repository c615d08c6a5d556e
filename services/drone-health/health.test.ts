import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { decide, evolve, type Finding, type Health, type HealthCommand, type HealthEvent, newHealth } from './health.ts'
import { policyAt } from './policy.ts'
import type { RuleName } from './rules/scene.ts'
import { droneId } from './testing/flights.ts'

const policy = policyAt(1, 4_200)
const at = (ms: number) => UnixMs.parse(1_700_000_000_000 + ms)
const finding = (rule: RuleName, heldMs = 60_000): Finding => ({
  rule,
  heldMs,
  readings: { n: 1 },
  thresholds: { n: 1 },
})
type Look = Extract<HealthCommand, { type: 'look' }>
const look = (given: Partial<Look> = {}): Look => ({
  type: 'look',
  droneId,
  findings: [],
  lastedMs: 0,
  calmMs: 0,
  good: 0,
  boot: 1,
  atMs: at(0),
  ...given,
})

/** Runs the commands; gives the last state and every event. */
function after(commands: readonly HealthCommand[], from: Health = newHealth) {
  let health = from
  const events: HealthEvent[] = []
  for (const command of commands) {
    const decision = decide(health, command, policy)
    if (!decision.ok) throw new Error(decision.refusal.code)
    for (const event of decision.events) {
      events.push(event)
      health = evolve(health, event)
    }
  }
  return {
    health,
    events,
    path: events.map(({ to }) => to.status),
    orders: events.flatMap(({ order }) => order?.kind ?? []),
  }
}

const silence = look({ findings: [finding('silent')] })
const rebooted = after([silence, silence, silence]).health

describe('health', () => {
  it('suspects, confirms and reboots a silent drone, and finds it well after its next boot', () => {
    const { path, orders, health } = after([
      silence,
      silence,
      silence,
      look({ lastedMs: 4_000 }),
      look({ boot: 2 }),
      look({ boot: 2, good: 4 }),
      look({ boot: 2, good: 5 }),
    ])

    expect(path).toEqual(['suspect', 'unresponsive', 'rebooting', 'recovering', 'healthy'])
    expect(orders).toEqual(['reboot'])
    expect(health).toMatchObject({ status: 'healthy', incident: 1 })
  })

  it('does nothing about a suspicion that is not confirmed, and drops it when all is calm', () => {
    const young = look({ findings: [finding('frozen', 500)] })
    const calm = look({ calmMs: policy.calmMs })
    const { path, orders } = after([young, young, look({ calmMs: 100 }), calm])

    expect(path).toEqual(['suspect', 'healthy'])
    expect(orders).toEqual([])
  })

  it('reboots nobody who speaks again before the order is given', () => {
    const { path, orders } = after([silence, silence, look(), look({ calmMs: policy.calmMs })])
    expect(path).toEqual(['suspect', 'unresponsive', 'healthy'])
    expect(orders).toEqual([])
  })

  it('only observes what the policy observes', () => {
    const { path } = after([...Array(20)].map(() => look({ findings: [finding('gaps')] })))
    expect(path).toEqual(['suspect'])
  })

  it('grounds a silent drone after its tries, each with a command of its own', () => {
    const late = look({ lastedMs: 60_000, findings: [finding('silent')] })
    const { path, events } = after([silence, silence, silence, late, late, late, late])

    expect(path.slice(2)).toEqual(['rebooting', 'unresponsive', 'rebooting', 'unresponsive', 'grounded'])
    const ids = events.flatMap(({ order }) => order?.commandId ?? [])
    expect(new Set(ids).size).toBe(2)
  })

  it('goes on where the ladder was left when the trouble comes again soon, and begins anew much later', () => {
    const { health } = after([look({ boot: 2 }), look({ boot: 2, good: 5 })], rebooted)
    const again = (atMs: number) => {
      const one = look({ findings: [finding('frozen')], boot: 2, atMs: at(atMs) })
      return after([one, one, one], health)
    }
    expect(again(10_000).path).toEqual(['suspect', 'defective', 'grounded'])
    expect(again(policy.relapseMs + 1).path).toEqual(['suspect', 'defective', 'rebooting'])
  })

  it('takes a drone that is not well after its boot for what it was', () => {
    const { path } = after([look({ boot: 2 }), look({ boot: 2, findings: [finding('frozen')] })], rebooted)
    expect(path).toEqual(['recovering', 'defective'])
  })

  it('takes a drone that says nothing good in time after its boot for what it was', () => {
    const { path } = after([look({ boot: 2 }), look({ boot: 2, lastedMs: policy.recoverMsMax + 1 })], rebooted)
    expect(path).toEqual(['recovering', 'unresponsive'])
  })

  it('orders a drone without a way home down, and grounds it', () => {
    const low = look({ findings: [finding('battery')] })
    const { path, orders } = after([low, low, low, low])
    expect(orders).toEqual(['land'])
    expect(path).toEqual(['suspect', 'defective', 'defective', 'grounded'])
  })

  it('sends a drone home from a no-fly zone, once, and forgets it when it is out', () => {
    const inside = look({ findings: [finding('no-fly-zone')], lastedMs: 1_000 })
    const { path, orders } = after([inside, inside, inside, inside, inside, look({ calmMs: policy.calmMs })])
    expect(orders).toEqual(['return'])
    expect(path).toEqual(['suspect', 'defective', 'defective', 'healthy'])
  })

  it('makes the same command of the same decision, whoever comes to it', () => {
    const [once, twice] = [after([silence, silence, silence]), after([silence, silence, silence])]
    expect(once.events.at(-1)?.order).toEqual(twice.events.at(-1)?.order)
    expect(once.events.at(-1)?.order).not.toBeNull()
  })

  it('grounds by an operator, and releases only what is grounded and passes its self-check', () => {
    const { health } = after([{ type: 'ground', note: 'a crack', by: 'op', atMs: at(0) }])
    const release = (fault: string | null): HealthCommand => ({
      type: 'release',
      note: 'mended',
      by: 'op',
      fault,
      atMs: at(1),
    })

    expect(health).toMatchObject({ status: 'grounded', evidence: { rule: 'operator', readings: { note: 'a crack' } } })
    expect(after([silence, look({ boot: 9, good: 99, calmMs: 1e9 })], health).path).toEqual([])
    expect(decide(health, release('silent'), policy)).toMatchObject({ refusal: { code: 'drone.self-check-failed' } })
    expect(after([release(null)], health).health).toMatchObject({ status: 'healthy', last: null })
    expect(decide(newHealth, release(null), policy)).toMatchObject({ refusal: { code: 'drone.not-grounded' } })
  })
})
