/** What steps make of stored commands: what is written, and what the drone is sent. */
import type { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import type { Draft } from '@fleet/messaging/outbox'
import * as commands from './command.ts'
import type { Seen } from './drone.ts'
import type { CommandRow, CommandStep, KnownCommand, KnownDrone } from './rows.ts'

/** What is written of the command that stood at `version`, after `events`, and the steps that they were. */
export function after(before: commands.Command, version: number, events: readonly commands.CommandEvent[]) {
  let state = before
  const steps: CommandStep[] = []
  for (const event of events) {
    state = commands.evolve(state, event)
    if (state.status !== 'none') steps.push({ status: state.status, atMs: state.changedAtMs })
  }
  if (state.status === 'none') throw new Error('a command that never was cannot be saved')
  return { row: { version: version + 1, droneId: state.droneId, open: commands.isOpen(state), state }, steps }
}

/** A command as it was read, and what is to be written of it. */
export type Decided = { before: CommandRow; events: readonly commands.CommandEvent[] }

/** What `stepOf` makes happen to those of `rows` that can take it. */
export const decideAll = (rows: readonly CommandRow[], stepOf: (command: KnownCommand) => commands.Step): Decided[] =>
  rows.flatMap((before) => {
    const decision = commands.decide(before.state, stepOf(before.state))
    return decision.ok && decision.events.length > 0 ? [{ before, events: decision.events }] : []
  })

/** The message that sends the command. */
export function draftOf(
  { droneId, commandId, ttlMs, order }: KnownCommand,
  about: { correlationId: string; causationId: string; at: Seen['atMs'] },
): Draft<DroneCommandMessage> {
  const data = { droneId, commandId, ttlMs }
  if (order.kind !== 'reboot') return { type: order.kind, data, key: droneId, ...about }
  const { kind, endsBoot } = order
  return { type: kind, data: { ...data, endsBoot }, key: droneId, ...about }
}

/** What a command depends on of its drone. */
export const recipientOf = (drone: KnownDrone): commands.Recipient => ({
  revoked: drone.status === 'revoked',
  boot: drone.seen?.boot ?? null,
})
