import { CommandId, DroneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { type Command, type CommandEvent, decide, evolve, type Step } from './command.ts'

const droneId = DroneId.parse('drn_a')
const atMs = UnixMs.parse(1_000)
type Issue = Extract<Step, { type: 'issue' }>

const issue = (given: Partial<Issue> = {}): Issue => ({
  type: 'issue',
  commandId: CommandId.parse('cmd_a'),
  droneId,
  kind: 'hold',
  ttlMs: 60_000,
  issuedBy: 'op',
  recipient: { revoked: false, boot: 7 },
  atMs,
  ...given,
})

/** The command after `steps`, each of which must be accepted. */
const after = (...steps: Step[]): Command =>
  steps.reduce<Command>(
    (command, step) => {
      const decision = decide(command, step)
      if (!decision.ok) throw new Error(decision.refusal.code)
      return decision.events.reduce(evolve, command)
    },
    { status: 'none' },
  )
const refusalOf = (command: Command, step: Step) => {
  const decision = decide(command, step)
  return decision.ok ? null : decision.refusal.code
}
const queued = (): Command => {
  const decision = decide({ status: 'none' }, issue())
  const [first] = decision.ok ? decision.events : []
  if (first === undefined) throw new Error('an event is due')
  return evolve({ status: 'none' }, first)
}
const eventsOf = (command: Command, step: Step): readonly CommandEvent[] => {
  const decision = decide(command, step)
  return decision.ok ? decision.events : []
}

const acknowledge: Step = { type: 'acknowledge', droneId, atMs }
const finish: Step = { type: 'finish', droneId, outcome: 'succeeded', reason: null, atMs }

describe('a command', () => {
  it('is sent as it is issued, acknowledged, and ends as the drone says', () => {
    expect(after(issue()).status).toBe('sent')
    expect(after(issue(), acknowledge).status).toBe('acknowledged')
    expect(after(issue(), acknowledge, finish)).toMatchObject({ status: 'succeeded', reason: null })
  })

  it('may end without an acknowledgement: it came too late, or was refused', () => {
    const expired: Step = { ...finish, outcome: 'expired', reason: 'older than its ttl' }
    expect(after(issue(), expired)).toMatchObject({ status: 'expired', reason: 'older than its ttl' })
  })

  it('to reboot names the boot that it ends, and is in progress once the next boot is heard of', () => {
    const reboot = issue({ kind: 'reboot' })
    expect(after(reboot)).toMatchObject({ order: { kind: 'reboot', endsBoot: 7 } })
    expect(after(reboot, acknowledge, { type: 'boot', droneId, boot: 7, atMs }).status).toBe('acknowledged')
    expect(after(reboot, acknowledge, { type: 'boot', droneId, boot: 8, atMs }).status).toBe('in-progress')
    expect(after(issue(), { type: 'boot', droneId, boot: 8, atMs }).status).toBe('sent')
  })

  it('to reboot is refused before the drone has reported a boot', () => {
    const never = issue({ kind: 'reboot', recipient: { revoked: false, boot: null } })
    expect(refusalOf({ status: 'none' }, never)).toBe('drone.never-booted')
  })

  it('is refused for a revoked drone', () => {
    expect(refusalOf({ status: 'none' }, issue({ recipient: { revoked: true, boot: 7 } }))).toBe('drone.revoked')
  })

  it('stays as it is when it is issued again, whatever has become of the drone', () => {
    const sent = after(issue())
    expect(eventsOf(sent, issue({ recipient: { revoked: true, boot: 9 } }))).toEqual([])
    expect(refusalOf(sent, issue({ recipient: { revoked: true, boot: 9 } }))).toBeNull()
  })

  it('is refused where its idempotency key stood for another', () => {
    expect(refusalOf(after(issue()), issue({ kind: 'land' }))).toBe('idempotency.key-reused')
    expect(refusalOf(after(issue()), issue({ ttlMs: 5_000 }))).toBe('idempotency.key-reused')
  })

  it('is cancelled only while it is queued', () => {
    const cancel: Step = { type: 'cancel', atMs }
    const [event] = eventsOf(queued(), cancel)
    expect(event?.type).toBe('cancelled')
    expect(refusalOf(after(issue()), cancel)).toBe('command.sent-already')
    expect(refusalOf({ status: 'none' }, cancel)).toBe('command.unknown')
  })

  it('is unknown once its drone is written off, unless it had ended', () => {
    expect(after(issue(), { type: 'write-off', atMs }).status).toBe('unknown')
    expect(after(issue(), finish, { type: 'write-off', atMs }).status).toBe('succeeded')
  })

  it('is not moved by another drone', () => {
    const other = DroneId.parse('drn_b')
    expect(after(issue(), { ...finish, droneId: other }, { ...acknowledge, droneId: other }).status).toBe('sent')
  })
})
