/**
 * One command to a drone (promise 3): `queued → sent → acknowledged → in-progress → succeeded | failed | refused | expired`,
 * and from `queued` also `cancelled`. Once it is sent, only the drone ends it, or writing the drone off does (`unknown`).
 * The first end is the end: what comes later changes nothing.
 */
import type { CommandKind } from '@fleet/contracts/drone-commands'
import type { CommandOutcome } from '@fleet/contracts/drone-reports'
import type { CommandId, DroneId } from '@fleet/contracts/ids'
import { accept, type Decision, refuse } from '@fleet/contracts/problems'
import type { UnixMs } from '@fleet/contracts/units'

/** What the drone is to do. A reboot names the boot that it ends, so that a late copy cannot end the next one. */
export type Order = { kind: 'reboot'; endsBoot: number } | { kind: Exclude<CommandKind, 'reboot'> }

type Issued = {
  commandId: CommandId
  droneId: DroneId
  order: Order
  /** World milliseconds. */
  ttlMs: number
  issuedBy: string
  issuedAtMs: UnixMs
  changedAtMs: UnixMs
}

export type Command =
  | { status: 'none' }
  | (Issued & { status: 'queued' | 'sent' | 'acknowledged' | 'in-progress' | 'cancelled' | 'unknown' })
  | (Issued & { status: CommandOutcome; reason: string | null })

/** What the issuer must know of the drone. */
export type Recipient = { revoked: boolean; boot: number | null }

export type Step =
  | {
      type: 'issue'
      commandId: CommandId
      droneId: DroneId
      kind: CommandKind
      ttlMs: number
      issuedBy: string
      recipient: Recipient
      /** Leaves it queued: a command to many is sent in pieces, and can be cancelled until then. */
      queueOnly?: true
      atMs: UnixMs
    }
  /** What was queued goes out. */
  | { type: 'send'; recipient: Recipient; atMs: UnixMs }
  | { type: 'cancel'; atMs: UnixMs }
  | { type: 'acknowledge'; droneId: DroneId; atMs: UnixMs }
  /** The drone reported its next boot. */
  | { type: 'boot'; droneId: DroneId; boot: number; atMs: UnixMs }
  | { type: 'finish'; droneId: DroneId; outcome: CommandOutcome; reason: string | null; atMs: UnixMs }
  | { type: 'write-off'; atMs: UnixMs }

export type CommandEvent =
  | { type: 'queued'; issued: Issued }
  /** Its outbox row is written: whoever applies this event publishes it in the same transaction. */
  | { type: 'sent'; atMs: UnixMs }
  | { type: 'cancelled'; atMs: UnixMs }
  | { type: 'acknowledged'; atMs: UnixMs }
  | { type: 'progressed'; atMs: UnixMs }
  | { type: 'finished'; outcome: CommandOutcome; reason: string | null; atMs: UnixMs }
  | { type: 'written-off'; atMs: UnixMs }

/** Sent and not ended: `acknowledge`, `finish` and `write-off` still mean something. */
export const isOpen = ({ status }: Command): boolean =>
  status === 'sent' || status === 'acknowledged' || status === 'in-progress'

/**
 * What `step` makes of `command`. Refuses to issue to a revoked drone, to reboot one that never reported a boot, the same
 * idempotency key for something else, and to cancel what is sent. What a drone reports is never refused: it has happened.
 */
export function decide(command: Command, step: Step): Decision<CommandEvent> {
  switch (step.type) {
    case 'issue':
      return issue(command, step)
    case 'send':
      return send(command, step)
    case 'cancel':
      if (command.status === 'none') return refuse('command.unknown')
      if (command.status === 'cancelled') return accept()
      if (command.status !== 'queued') return refuse('command.sent-already', { value: command.status })
      return accept({ type: 'cancelled', atMs: step.atMs })
    case 'acknowledge':
      if (command.status !== 'sent' || command.droneId !== step.droneId) return accept()
      return accept({ type: 'acknowledged', atMs: step.atMs })
    case 'boot':
      return boot(command, step)
    case 'finish':
      if (!isOpen(command) || command.status === 'none' || command.droneId !== step.droneId) return accept()
      return accept({ type: 'finished', outcome: step.outcome, reason: step.reason, atMs: step.atMs })
    case 'write-off':
      return isOpen(command) ? accept({ type: 'written-off', atMs: step.atMs }) : accept()
  }
}

function issue(command: Command, step: Extract<Step, { type: 'issue' }>): Decision<CommandEvent> {
  const { commandId, droneId, kind, ttlMs, issuedBy, recipient, atMs } = step
  if (command.status !== 'none') {
    const same = command.order.kind === kind && command.ttlMs === ttlMs && command.droneId === droneId
    return same ? accept() : refuse('idempotency.key-reused', { field: 'Idempotency-Key', value: { kind, ttlMs } })
  }
  if (recipient.revoked) return refuse('drone.revoked', { field: 'id', value: droneId })
  const order = orderTo(kind, recipient)
  if (order === null) return refuse('drone.never-booted', { field: '/kind', limit: 'a boot to end', value: kind })
  const issued = { commandId, droneId, order, ttlMs, issuedBy, issuedAtMs: atMs, changedAtMs: atMs }
  const queued = { type: 'queued', issued } as const
  return step.queueOnly ? accept<CommandEvent>(queued) : accept<CommandEvent>(queued, { type: 'sent', atMs })
}

/** What waited for longer than the drone may take to hear it is expired unsent; a drone that was revoked meanwhile gets nothing. */
function send(command: Command, { recipient, atMs }: Extract<Step, { type: 'send' }>): Decision<CommandEvent> {
  if (command.status !== 'queued') return accept()
  if (recipient.revoked) {
    return accept({ type: 'finished', outcome: 'refused', reason: 'the drone was revoked', atMs })
  }
  if (atMs - command.issuedAtMs > command.ttlMs) {
    return accept({ type: 'finished', outcome: 'expired', reason: 'not sent in time', atMs })
  }
  return accept({ type: 'sent', atMs })
}

function orderTo(kind: CommandKind, { boot }: Recipient): Order | null {
  if (kind !== 'reboot') return { kind }
  return boot === null ? null : { kind, endsBoot: boot }
}

/** A reboot is under way once the next boot is heard of; its outcome is the drone's to tell. */
function boot(command: Command, step: Extract<Step, { type: 'boot' }>): Decision<CommandEvent> {
  if (command.status !== 'sent' && command.status !== 'acknowledged') return accept()
  const ended =
    command.order.kind === 'reboot' && command.droneId === step.droneId && step.boot > command.order.endsBoot
  return ended ? accept({ type: 'progressed', atMs: step.atMs }) : accept()
}

/** `command` after `event`. @throws where the event cannot follow: a bug of ours. */
export function evolve(command: Command, event: CommandEvent): Command {
  if (event.type === 'queued') return { ...event.issued, status: 'queued' }
  if (command.status === 'none') throw new Error(`a command that was never issued is ${event.type}`)
  const changed = { ...command, changedAtMs: event.atMs }
  switch (event.type) {
    case 'sent':
    case 'cancelled':
    case 'acknowledged':
      return { ...changed, status: event.type }
    case 'progressed':
      return { ...changed, status: 'in-progress' }
    case 'finished':
      return { ...changed, status: event.outcome, reason: event.reason }
    case 'written-off':
      return { ...changed, status: 'unknown' }
  }
}
