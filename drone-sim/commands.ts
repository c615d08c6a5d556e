/**
 * Commands to the drone (promise 3): each is executed once at most and ends in one outcome. A command that is older than its
 * time to live, or whose age cannot be known, is not carried out. A newer command ends one that is still going on.
 */

import type { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import { droneModel } from '@fleet/contracts/drone-model'
import type { CommandOutcome } from '@fleet/contracts/drone-reports'
import { distanceM } from '@fleet/geo/distance'
import { batteryHomePct } from '@fleet/geo/flight-plan'
import { type Awake, type Computer, type Instant, type Outcome, outcome, type Sensed } from './computer.ts'
import { startLeg } from './hand-over.ts'
import { keepParcel, type LastCommand, type Memory, report } from './memory.ts'

/**
 * Takes a command. `absentAtMs` is the last monotonic moment at which the topic is known not to have held it yet, or null:
 * the command is no older than the time since then.
 */
export function takeCommand(
  drone: Awake,
  message: DroneCommandMessage,
  { at, sensed, absentAtMs }: { at: Instant; sensed: Sensed; absentAtMs: number | null },
): Outcome {
  const { commandId, ttlMs } = message.data
  const cause = { correlationId: message.correlationId, causationId: message.id }
  const command: LastCommand = { seq: message.seq, commandId, type: message.type, cause, outcome: null }

  const before = finishCommand(drone, at, 'failed', 'a newer command came')
  const heard: Memory = { ...before, heard: { ...before.heard, commands: message.seq }, lastCommand: command }
  const listening: Awake = { ...drone, memory: heard }
  const ageKnown = absentAtMs !== null && absentAtMs >= drone.computer.bootedAtMs
  if (!ageKnown || at.elapsedMs - absentAtMs > ttlMs) {
    return outcome(
      finishCommand(listening, at, 'expired', ageKnown ? 'older than its ttl' : 'sent before the last boot'),
      drone.computer,
    )
  }
  if (message.type === 'reboot' && message.data.endsBoot !== heard.boot) {
    return outcome(finishCommand(listening, at, 'refused', `boot is ${heard.boot}`), drone.computer)
  }
  const data = { droneId: heard.droneId, boot: heard.boot, commandId, commandSeq: message.seq }
  const acknowledged = report(heard, { type: 'command.acknowledged', data }, { atMs: at.worldMs, cause })
  return carryOut({ ...drone, memory: acknowledged }, message.type, at, sensed)
}

function carryOut({ memory, computer }: Awake, type: LastCommand['type'], at: Instant, sensed: Sensed): Outcome {
  const holds = (held: boolean) => {
    const after = { ...computer, held }
    return outcome(finishCommand({ memory, computer: after }, at, 'succeeded'), after)
  }
  switch (type) {
    case 'reboot':
      return outcome(memory, computer, { type: 'restart' }) // Finished by the boot that follows.
    case 'hold':
      return holds(true)
    case 'resume':
      return holds(false)
    case 'return':
      return goHome(memory, computer, at, sensed)
    case 'land':
      return goDown(memory, { ...computer, held: false }, at, sensed)
  }
}

function goHome(memory: Memory, computer: Computer, at: Instant, sensed: Sensed): Outcome {
  const { heightM, onGround } = sensed
  const awayM = distanceM(sensed.place, memory.base)
  const weightG = sensed.parcelAboard && memory.flight !== null ? memory.flight.itinerary.parcel.weightG : 0
  if (
    onGround &&
    awayM > droneModel.atBaseM &&
    sensed.batteryPct < batteryHomePct(droneModel, { distanceM: awayM, heightM, weightG })
  ) {
    return outcome(finishCommand({ memory, computer }, at, 'failed', 'the battery does not reach home'), computer)
  }
  const kept = keepIfOutbound(memory, at)
  const turned = kept === memory || onGround ? kept : startLeg(kept, 'inbound', at, sensed)
  return outcome({ ...turned, diversion: { kind: 'return' } }, { ...computer, held: false })
}

function goDown(memory: Memory, computer: Computer, at: Instant, sensed: Sensed): Outcome {
  return outcome({ ...keepIfOutbound(memory, at), diversion: { kind: 'land', at: sensed.place } }, computer)
}

/** A hand-over that has begun is not taken back: it ends by itself within the moment. */
function keepIfOutbound(memory: Memory, at: Instant): Memory {
  const { flight } = memory
  if (flight?.leg !== 'outbound' || flight.begun !== null) return memory
  return keepParcel(memory, flight, 'commanded', at.worldMs)
}

/** Gives the command in hand its outcome; no command in hand, no change. */
export function finishCommand(
  { memory, computer }: Awake,
  at: Instant,
  ending: CommandOutcome,
  reason?: string,
): Memory {
  const command = memory.lastCommand
  if (command === null || command.outcome !== null) return memory
  const data = {
    droneId: memory.droneId,
    boot: memory.boot,
    commandId: command.commandId,
    commandSeq: command.seq,
    outcome: ending,
    held: computer.held,
    ...(reason === undefined ? {} : { reason }),
  }
  const finished: Memory = { ...memory, lastCommand: { ...command, outcome: ending } }
  return report(finished, { type: 'command.finished', data }, { atMs: at.worldMs, cause: command.cause })
}
