/**
 * One drone's health, and what follows from what the rules find. Pure: findings, durations and ids come with the command.
 *
 *   healthy ──a rule speaks──▶ suspect ──it goes on──▶ unresponsive | defective ──reboot──▶ rebooting ──next boot──▶ recovering
 *      ▲ ◀──── it stops ────────┘ ◀─ it stops ──────────────┘    ▲  │                          │                   │   │
 *      │                                                         │  └─ladder ends─▶ grounded   └─────too late──────┤   │
 *      │                                                         └────────────────────────────────────────not well─┘   │
 *      └── good readings ────────────────────────────────────────────────────────────────────────────────────────────┘
 *
 * From `grounded` only an operator's release leads back, with a note and a passed self-check. The ladder of policy.ts says
 * what is done on each rung. Which rung was taken is part of the state, and a command's id follows from drone, boot,
 * incident and rung: whoever comes to the same decision again, after a restart or beside another instance, makes the same
 * command, and the state's version lets one of them write it.
 */
import { createHash } from 'node:crypto'
import type { CommandKind } from '@fleet/contracts/drone-commands'
import { CommandId, type DroneId } from '@fleet/contracts/ids'
import { accept, type Decision, refuse } from '@fleet/contracts/problems'
import type { UnixMs } from '@fleet/contracts/units'
import { type Policy, type RulePolicy, ruleNamed } from './policy.ts'
import type { Evidence, RuleName } from './rules/scene.ts'

/** `incident` counts the drone's troubles; `rung` is the next of the ladder to take. */
type Trouble = { incident: number; evidence: Evidence; rung: number; sinceMs: UnixMs }

export type Health =
  | {
      status: 'healthy'
      incident: number
      sinceMs: UnixMs | null
      /** The last trouble, and how far its ladder was climbed. */
      last: { rung: number; endedAtMs: UnixMs } | null
    }
  | (Trouble & { status: 'suspect' })
  | (Trouble & { status: 'unresponsive' | 'defective' })
  | (Trouble & { status: 'rebooting'; endsBoot: number })
  | (Trouble & { status: 'recovering'; boot: number })
  | (Trouble & { status: 'grounded' })

/** What a rule says, and for how long it has been saying it. */
export type Finding = Evidence & { rule: RuleName; heldMs: number }

export type HealthCommand =
  | {
      type: 'look'
      droneId: DroneId
      /** The gravest first. */
      findings: readonly Finding[]
      /** How long the state and its rung have lasted, and for how long no rule spoke; monotonic, anew after our restart. */
      lastedMs: number
      calmMs: number
      /** Readings of the newest boot since the last that was not good. */
      good: number
      boot: number | null
      atMs: UnixMs
    }
  | { type: 'ground'; note: string; by: string; atMs: UnixMs }
  /** `fault`: what the self-check found, or null where the drone passed. */
  | { type: 'release'; note: string; by: string; fault: string | null; atMs: UnixMs }

/** The new state, why, and what the drone is ordered in the same transaction. */
export type HealthEvent = {
  to: Health
  evidence: Evidence
  order: { commandId: CommandId; kind: CommandKind; ttlMs: number } | null
  atMs: UnixMs
}

export const newHealth: Health = { status: 'healthy', incident: 0, sinceMs: null, last: null }

/** `health` after `event`. */
export const evolve = (_health: Health, event: HealthEvent): Health => event.to

/** What `command` makes of `health`: at most one event. Refuses to release what is not grounded, or fails its self-check. */
export function decide(health: Health, command: HealthCommand, policy: Policy): Decision<HealthEvent> {
  switch (command.type) {
    case 'look':
      return look(health, command, policy)
    case 'ground': {
      if (health.status === 'grounded') return accept()
      const evidence: Evidence = {
        rule: 'operator',
        readings: { note: command.note, by: command.by },
        thresholds: {},
      }
      return accept(grounded({ ...troubleOf(health, evidence, command.atMs), evidence }, command.atMs))
    }
    case 'release': {
      if (health.status !== 'grounded') return refuse('drone.not-grounded', { field: 'id', value: health.status })
      if (command.fault !== null) return refuse('drone.self-check-failed', { field: 'id', value: command.fault })
      const { note, by, atMs } = command
      const evidence: Evidence = { rule: 'operator', readings: { note, by, selfCheck: 'passed' }, thresholds: {} }
      // A release wipes the slate: the operator has seen to it.
      const to: Health = { status: 'healthy', incident: health.incident, sinceMs: atMs, last: null }
      return accept({ to, evidence, order: null, atMs })
    }
  }
}

type Look = Extract<HealthCommand, { type: 'look' }>

function look(health: Health, command: Look, policy: Policy): Decision<HealthEvent> {
  switch (health.status) {
    case 'healthy':
      return suspectIt(health, command, policy)
    case 'suspect':
      return weigh(health, command, policy)
    case 'unresponsive':
    case 'defective':
      return act(health, command, policy)
    case 'rebooting': {
      const { boot, lastedMs, atMs } = command
      if (boot !== null && boot > health.endsBoot) {
        const { incident, evidence, rung } = health
        return changed({ status: 'recovering', incident, evidence, rung, boot, sinceMs: atMs }, atMs)
      }
      return lastedMs > rebootMsMax(health, policy) ? fallBack(health, command, policy) : accept()
    }
    case 'recovering':
      return recover(health, command, policy)
    case 'grounded':
      return accept()
  }
}

function suspectIt(health: Extract<Health, { status: 'healthy' }>, command: Look, policy: Policy) {
  const [finding] = command.findings
  if (finding === undefined) return accept<HealthEvent>()
  const { atMs } = command
  const again = health.last !== null && atMs - health.last.endedAtMs < policy.relapseMs
  const rung = again && health.last !== null ? health.last.rung : 0
  const evidence = plain(finding)
  return changed({ status: 'suspect', incident: health.incident + 1, evidence, rung, sinceMs: atMs }, atMs)
}

/** A suspicion ends when nothing speaks for it any more, and is confirmed by whichever rule goes on for long enough. */
function weigh(health: Extract<Health, { status: 'suspect' }>, command: Look, policy: Policy) {
  const { findings, calmMs, atMs } = command
  const confirmed = findings.find((finding) => isConfirmed(finding, policy))
  if (confirmed !== undefined) {
    const { blames } = policy.rules[confirmed.rule]
    return changed({ ...health, status: blames, evidence: plain(confirmed), sinceMs: atMs }, atMs)
  }
  if (findings.length > 0 || calmMs < policy.calmMs) return accept<HealthEvent>()
  return healthyAgain(health, atMs)
}

/** Takes the next rung, once the one before had its time; where a rung has helped, or none is left and all is calm, it is over. */
function act(
  health: Extract<Health, { status: 'unresponsive' | 'defective' }>,
  command: Look,
  policy: Policy,
): Decision<HealthEvent> {
  const { ladder } = policyOf(health, policy)
  const before = ladder[health.rung - 1]
  const { atMs, calmMs, lastedMs } = command
  const next = ladder[health.rung]
  if (before !== undefined && before.act !== 'ground' && before.act !== 'reboot') {
    const final = before.msMax === 0
    if (!final && calmMs >= policy.calmMs) return healthyAgain(health, atMs)
    if (next === undefined || lastedMs < before.msMax) return accept()
  }
  if (next === undefined) return calmMs >= policy.calmMs ? healthyAgain(health, atMs) : accept()
  // It has come to itself before anything was done about it: that may be all.
  if (health.rung === 0 && command.findings.length === 0) {
    return calmMs >= policy.calmMs ? healthyAgain(health, atMs) : accept()
  }
  if (next.act === 'ground') return accept(grounded(health, atMs))
  const rung = health.rung + 1
  const order = {
    commandId: commandIdFor({ droneId: command.droneId, boot: command.boot, incident: health.incident, rung }),
    kind: next.act,
    ttlMs: policy.ttlMs,
  }
  if (next.act === 'reboot') {
    const { incident, evidence } = health
    // A drone that never told its boot cannot be told which one to end: the rung passes, with its time.
    const endsBoot = command.boot ?? 0
    const to: Health = { status: 'rebooting', incident, evidence, rung, endsBoot, sinceMs: atMs }
    return accept({ to, evidence, order: command.boot === null ? null : order, atMs })
  }
  return accept({ to: { ...health, rung }, evidence: health.evidence, order, atMs })
}

/** Well after so many good readings of the new boot; not well where a rule speaks for long enough, or time runs out. */
function recover(health: Extract<Health, { status: 'recovering' }>, command: Look, policy: Policy) {
  const { findings, good, boot, lastedMs, atMs } = command
  if (findings.length === 0 && good >= policy.goodReadings && boot !== null && boot >= health.boot) {
    return healthyAgain(health, atMs)
  }
  const confirmed = findings.find((finding) => isConfirmed(finding, policy))
  if (confirmed !== undefined) return fallBack({ ...health, evidence: plain(confirmed) }, command, policy)
  return lastedMs > policy.recoverMsMax ? fallBack(health, command, policy) : accept<HealthEvent>()
}

/** Back to the fault, on the rung that was reached: the next look takes the next. */
function fallBack(health: Extract<Health, { status: 'rebooting' | 'recovering' }>, { atMs }: Look, policy: Policy) {
  const { incident, evidence, rung } = health
  const status = policyOf(health, policy).blames
  return changed({ status, incident, evidence, rung, sinceMs: atMs }, atMs)
}

const isConfirmed = ({ rule, heldMs }: Finding, policy: Policy) => {
  const { confirmMs } = policy.rules[rule]
  return confirmMs !== null && heldMs >= confirmMs
}

/** An operator's grounding has no ladder: whoever was released from it begins anew. */
const policyOf = ({ evidence }: { evidence: Evidence }, policy: Policy): RulePolicy => {
  const rule = ruleNamed(evidence.rule)
  return rule === null ? { confirmMs: null, blames: 'defective', ladder: [] } : policy.rules[rule]
}

function rebootMsMax(health: Trouble, policy: Policy): number {
  const rung = policyOf(health, policy).ladder[health.rung - 1]
  return rung?.act === 'reboot' ? rung.msMax : policy.recoverMsMax
}

const plain = ({ rule, readings, thresholds }: Evidence): Evidence => ({ rule, readings, thresholds })

const changed = (to: Exclude<Health, { status: 'healthy' }>, atMs: UnixMs): Decision<HealthEvent> =>
  accept({ to, evidence: to.evidence, order: null, atMs })

const healthyAgain = ({ incident, evidence, rung }: Trouble, atMs: UnixMs): Decision<HealthEvent> =>
  accept({
    to: { status: 'healthy', incident, sinceMs: atMs, last: rung === 0 ? null : { rung, endedAtMs: atMs } },
    evidence,
    order: null,
    atMs,
  })

const grounded = ({ incident, evidence, rung }: Trouble, atMs: UnixMs): HealthEvent => ({
  to: { status: 'grounded', incident, evidence, rung, sinceMs: atMs },
  evidence,
  order: null,
  atMs,
})

const troubleOf = (health: Health, evidence: Evidence, atMs: UnixMs): Trouble =>
  health.status === 'healthy' ? { incident: health.incident + 1, evidence, rung: 0, sinceMs: atMs } : health

/** One command a drone, boot, incident and rung: however often it is decided. */
function commandIdFor(of: { droneId: DroneId; boot: number | null; incident: number; rung: number }): CommandId {
  const text = `${of.droneId}\0boot ${of.boot ?? 0}\0incident ${of.incident}\0rung ${of.rung}`
  return CommandId.parse(`cmd_${createHash('sha256').update(text).digest('hex').slice(0, 32)}`)
}
