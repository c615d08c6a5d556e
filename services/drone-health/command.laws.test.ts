import { CommandId, DroneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { type Command, decide, evolve, isOpen, type Step } from './command.ts'

const droneId = DroneId.parse('drn_a')
const at = fc.nat(1_000_000).map((ms) => UnixMs.parse(ms))
const owner = fc.constantFrom(droneId, droneId, DroneId.parse('drn_b'))
const outcome = fc.constantFrom('succeeded' as const, 'failed' as const, 'refused' as const, 'expired' as const)
const type = <Type extends Step['type']>(name: Type) => fc.constant(name)
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    type: type('issue'),
    commandId: fc.constant(CommandId.parse('cmd_a')),
    droneId: fc.constant(droneId),
    kind: fc.constantFrom('reboot' as const, 'hold' as const, 'land' as const),
    ttlMs: fc.constantFrom(1_000, 2_000),
    issuedBy: fc.constant('op'),
    recipient: fc.record({ revoked: fc.boolean(), boot: fc.option(fc.integer({ min: 1, max: 3 })) }),
    atMs: at,
  }),
  fc.record({ type: type('cancel'), atMs: at }),
  fc.record({ type: type('acknowledge'), droneId: owner, atMs: at }),
  fc.record({ type: type('boot'), droneId: owner, boot: fc.integer({ min: 1, max: 4 }), atMs: at }),
  fc.record({ type: type('finish'), droneId: owner, outcome, reason: fc.constant(null), atMs: at }),
  fc.record({ type: type('write-off'), atMs: at }),
)

const rank: Record<Command['status'], number> = {
  none: 0,
  queued: 1,
  sent: 2,
  acknowledged: 3,
  'in-progress': 4,
  succeeded: 5,
  failed: 5,
  refused: 5,
  expired: 5,
  cancelled: 5,
  unknown: 5,
}

/** Every state that the command passed through, refused steps left out. */
function walk(steps: readonly Step[]): Command[] {
  const passed: Command[] = [{ status: 'none' }]
  for (const step of steps) {
    let command = passed.at(-1) ?? { status: 'none' }
    const decision = decide(command, step)
    for (const event of decision.ok ? decision.events : []) {
      command = evolve(command, event)
      passed.push(command)
    }
  }
  return passed
}

describe('the states of a command, whatever happens in whatever order,', () => {
  it('go forward only, and have one outcome', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const ranks = walk(steps).map(({ status }) => rank[status])
        for (const [i, one] of ranks.entries()) if (i > 0) expect(one).toBeGreaterThan(ranks[i - 1] ?? 0)
        expect(ranks.filter((one) => one === 5).length).toBeLessThanOrEqual(1)
      }),
    )
  })

  it('let only the drone, or its writing off, end what is sent', () => {
    fc.assert(
      fc.property(fc.array(anyStep, { maxLength: 30 }), (steps) => {
        const passed = walk(steps)
        const last = passed.at(-1) ?? { status: 'none' }
        const wasSent = passed.some(isOpen)
        if (wasSent) expect(last.status).not.toBe('cancelled')
        const ownEnd = steps.some((step) => step.type === 'finish' && step.droneId === droneId)
        const writtenOff = steps.some((step) => step.type === 'write-off')
        if (wasSent && !isOpen(last)) expect(ownEnd || writtenOff).toBe(true)
      }),
    )
  })
})
