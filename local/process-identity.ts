/** Which process a number means: a pid alone is reused by the system, a pid with its start time is not. */
import { readFileSync } from 'node:fs'

export type ProcessIdentity = { pid: number; startTime: string }

/** `pid` with its start time (clock ticks since boot, as /proc tells it; empty where there is no /proc). */
export function identityOf(pid: number): ProcessIdentity {
  return { pid, startTime: startTimeOf(pid) ?? '' }
}

/** Whether the very process of `identity` still runs. A zombie has ended. */
export function isRunning({ pid, startTime }: ProcessIdentity): boolean {
  try {
    process.kill(pid, 0)
  } catch {
    return false // No such process, or another user's: not ours in either case.
  }
  const now = startTimeOf(pid)
  return now !== undefined && (startTime === '' || now === startTime)
}

/** Sends `signal` to the process of `identity`, unless it has ended or its number now means another. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  if (!isRunning(identity)) return false
  try {
    return process.kill(identity.pid, signal)
  } catch {
    return false // It ended between the look and the signal.
  }
}

/** Who started `pid`, or who adopted it since; undefined where that cannot be told. */
export const parentOf = (pid: number): number | undefined => {
  const parent = statFields(pid)?.[1]
  return parent === undefined ? undefined : Number(parent)
}

function startTimeOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return ''
  const fields = statFields(pid)
  return fields === undefined || fields[0] === 'Z' ? undefined : fields[19]
}

/** The fields of /proc/pid/stat from the third on: state, parent, ..., start time as the 20th of these. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The command name may hold spaces and brackets, so count from the last bracket.
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return undefined // It has ended, or this system has no /proc.
  }
}
