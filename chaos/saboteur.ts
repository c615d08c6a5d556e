/** Makes the planned faults on a target and mends them again, one a lane at a time, and writes down what it did when. */
import { setTimeout as pause } from 'node:timers/promises'
import { withAdmin } from '@fleet/local/kafka-admin'
import { membersByRole } from '@fleet/local/mongo-primary'
import { waitUntil } from '@fleet/local/wait'
import type { FaultLog } from './history.ts'
import { publishLateCopies } from './late-copies.ts'
import { laneOf, type PlannedFault } from './plan.ts'
import type { Target } from './target.ts'

const requestMsMax = 5_000
/** A broker that starts on a busy machine takes a minute by itself. */
const wholeMsMax = 180_000
/** World milliseconds: how long a power cut's drone takes to come back is the simulator's to say. */
const droneFaults = ['link-down', 'power-cut', 'silent', 'deaf', 'corrupt'] as const

/** Bad, and yet within what clients put up with. */
const toxics = {
  latency: { kind: 'latency', ms: 400 },
  bandwidth: { kind: 'bandwidth', kBps: 100 },
  reset: { kind: 'reset', ms: 200 },
  cut: { kind: 'cut' },
} as const

export type Saboteur = {
  /** Makes the fault, waits until it is over and what it broke is whole again. Never throws: the log says what failed. */
  inflict(fault: Omit<PlannedFault, 'atMs'>): Promise<void>
  /** Lets everything go on that stands still, and starts what is dead. */
  heal(): Promise<void>
}

export function createSaboteur({
  target,
  log,
  nowMs,
  say,
  stopped,
}: {
  target: Target
  log: FaultLog[]
  /** Real milliseconds since the campaign began. */
  nowMs: () => number
  say: (line: string) => void
  stopped: AbortSignal
}): Saboteur {
  const lanes = new Map<string, Promise<void>>()
  const standing = new Map<string, string>()
  const dead = new Set<string>()
  /** A part that was started again is another one. */
  const identity = (part: string) => JSON.stringify(target.info().parts[part])

  const wait = async (ms: number) => {
    try {
      await pause(ms, undefined, { signal: stopped })
    } catch {
      // The campaign is stopped: what was broken is mended now.
    }
  }

  const tellSlow = (error: unknown) => say(`  slow to mend: ${error instanceof Error ? error.message : String(error)}`)

  const goOn = (part: string) => {
    if (standing.get(part) === identity(part)) target.signal(part, 'SIGCONT')
    standing.delete(part)
  }
  const standStill = async (part: string, forMs: number) => {
    target.signal(part, 'SIGSTOP')
    standing.set(part, identity(part))
    await wait(forMs)
    goOn(part)
  }
  const revive = async (part: string) => {
    if (target.revive === null) throw new Error(`nobody here can start ${part} again`)
    dead.delete(part)
    // It is started in any case; where it does not serve in time, the fault was made, and mending goes on by itself.
    await target.revive(part).catch(tellSlow)
  }
  const killFor = async (part: string, forMs: number) => {
    target.signal(part, 'SIGKILL')
    dead.add(part)
    await wait(forMs)
    await revive(part)
  }
  const brokersWhole = () =>
    waitUntil('all partitions to have all their replicas', () => isFullyReplicated(target), {
      timeoutMs: wholeMsMax,
      everyMs: 1_000,
      signal: stopped,
    }).catch(tellSlow)
  const memberOf = async (kind: PlannedFault['kind']) => {
    const { primary, secondaries } = await membersByRole(target.info())
    return kind.endsWith('primary') ? primary : (secondaries[0] ?? primary)
  }

  const tellDrone = async (droneId: string, kind: string, forMs: number) => {
    const worldMs = Math.max(1, Math.round(forMs * target.info().world.speed))
    const body = { droneId, fault: kind, ...(kind === 'power-cut' ? {} : { forMs: worldMs }) }
    const response = await fetch(`${target.simulator}/faults`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(requestMsMax),
    })
    if (!response.ok) throw new Error(`the simulator answered ${response.status}`)
    await wait(forMs)
  }

  const act = async ({ kind, target: name, forMs }: Omit<PlannedFault, 'atMs'>, entry: FaultLog) => {
    switch (kind) {
      case 'kill':
        return target.signal(name, 'SIGKILL')
      case 'pause':
        return standStill(name, forMs)
      case 'kill-broker':
        await killFor(name, forMs)
        return brokersWhole()
      case 'pause-broker':
        await standStill(name, forMs)
        return brokersWhole()
      case 'kill-primary':
      case 'kill-secondary':
        entry.target = await memberOf(kind)
        return killFor(entry.target, forMs)
      case 'pause-primary':
      case 'pause-secondary':
        entry.target = await memberOf(kind)
        return standStill(entry.target, forMs)
      case 'late-copies':
        return publishLateCopies(target.info(), name)
      case 'latency':
      case 'bandwidth':
      case 'reset':
      case 'cut': {
        const mend = await target.toxics?.worsen(name, toxics[kind])
        await wait(forMs)
        return mend?.()
      }
      default:
        return tellDrone(name, droneFaults.find((fault) => fault === kind) ?? kind, forMs)
    }
  }

  const inflict = async (fault: Omit<PlannedFault, 'atMs'>) => {
    if (stopped.aborted) return
    const entry: FaultLog = { kind: fault.kind, target: fault.target, fromMs: nowMs(), toMs: null, failed: null }
    log.push(entry)
    try {
      await act(fault, entry)
    } catch (error) {
      entry.failed = error instanceof Error ? error.message : String(error)
    }
    entry.toMs = nowMs()
    const took = `${(entry.fromMs / 1_000).toFixed(1)} to ${(entry.toMs / 1_000).toFixed(1)} s`
    say(`  ${took}  ${entry.kind} ${entry.target}${entry.failed === null ? '' : ` — not made: ${entry.failed}`}`)
  }

  return {
    inflict: (fault) => {
      // Drones are many, and each is a lane of its own.
      const lane = laneOf(fault.kind) === 'drones' ? fault.target : laneOf(fault.kind)
      const done = (lanes.get(lane) ?? Promise.resolve()).then(() => inflict(fault))
      lanes.set(lane, done)
      return done
    },
    heal: async () => {
      await Promise.all(lanes.values())
      for (const part of standing.keys()) goOn(part)
      for (const part of [...dead]) await revive(part)
      await target.toxics?.reset()
      await brokersWhole()
    },
  }
}

/** Whether every partition has all its replicas. */
export async function isFullyReplicated(target: Target): Promise<boolean> {
  return withAdmin(target.info().kafka.internal.split(','), async (admin) => {
    const { topics } = await admin.fetchTopicMetadata()
    return topics.every(({ partitions }) => partitions.every(({ isr, replicas }) => isr.length === replicas.length))
  })
}
