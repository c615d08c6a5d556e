/** Promise 3: a command that was acknowledged is durable, is not executed once it has expired, and has one outcome. */
import type { CommandStatus } from '@fleet/contracts/rest'
import type { Evidence } from './evidence.ts'
import { type Findings, nothingFound } from './findings.ts'
import type { History } from './history.ts'

const over: ReadonlySet<CommandStatus> = new Set(['succeeded', 'failed', 'refused', 'expired', 'cancelled', 'unknown'])
/** Issuer and drone stamp by the same clock of one machine, and each rounds to a tick of the simulator. World milliseconds. */
const stampsMs = 2_000

export function judgeCommands({ commands }: History, evidence: Evidence): Findings {
  const found = nothingFound()
  const stored = new Map(evidence.commands.map((command) => [command.commandId, command]))
  const reports = Map.groupBy(evidence.commandReports, ({ commandId }) => commandId)

  for (const { commandId, told } of commands) {
    if (commandId === null) continue
    const command = stored.get(commandId)
    if (command === undefined) {
      found.lost.push({ subject: commandId, what: 'was acknowledged, and the database does not have it' })
      continue
    }
    for (const { status } of told) {
      if (!over.has(status) || status === command.status) continue
      found.doubled.push({ subject: commandId, what: `the operator was told ${status}, and it is ${command.status}` })
    }
  }
  for (const { commandId: subject, status, ttlMs, issuedAtMs } of stored.values()) {
    const own = reports.get(subject) ?? []
    const outcomes = [...new Set(own.flatMap(({ outcome }) => (outcome === null ? [] : [outcome])))]
    if (outcomes.length > 1) found.doubled.push({ subject, what: `its drone reported ${outcomes.join(' and ')}` })
    if (!over.has(status)) found.lost.push({ subject, what: `stands still as ${status} after the quiet` })
    const [told] = outcomes
    if (told !== undefined && over.has(status) && status !== 'unknown' && status !== told) {
      found.doubled.push({ subject, what: `its drone reported ${told}, and it is ${status}` })
    }
    for (const { outcome, atMs } of own) {
      const ageMs = atMs - issuedAtMs
      if (outcome !== null || ageMs <= ttlMs + stampsMs) continue
      found.unexpected.push({
        subject,
        what: `was taken ${ageMs} ms after it was issued, and expires after ${ttlMs} ms`,
      })
    }
  }
  for (const subject of reports.keys()) {
    if (!stored.has(subject)) found.unexpected.push({ subject, what: 'was reported by a drone, and nobody issued it' })
  }
  return found
}
