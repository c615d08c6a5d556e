/** Runs experiments one after the other on one stack, while orders are placed and drones fly; one verdict over all at the end. */
import { setTimeout as pause } from 'node:timers/promises'
import { topics } from '@fleet/contracts/topics'
import { withAdmin } from '@fleet/local/kafka-admin'
import { membersByRole } from '@fleet/local/mongo-primary'
import { inContainers } from '@fleet/local/part-control'
import { waitUntil } from '@fleet/local/wait'
import { isServed, looksOf } from './availability.ts'
import type { ProvokingStage } from './campaign.ts'
import type { Evidence } from './evidence.ts'
import type { Experiment, ExperimentFault, Measured } from './experiment.ts'
import type { History } from './history.ts'
import { runPumba } from './pumba.ts'
import { isFullyReplicated } from './saboteur.ts'
import type { Target } from './target.ts'

const before = 4_000
/** After the fault is over, the stack is watched for so long: what recovers late counts. */
const afterMs = 12_000
const wholeMsMax = 180_000

/** When an experiment broke what, real milliseconds since the campaign began. */
export type Trial = {
  experiment: Experiment
  fromMs: number
  overMs: number
  untilMs: number
  wholeAgainS: number | null
  failed: string | null
}

/** What a campaign plays in place of seeded faults; `trials` is filled as they end. */
export const playExperiments =
  (experiments: readonly Experiment[], trials: Trial[], say: (line: string) => void) =>
  async ({ target, history, nowMs, stopped }: ProvokingStage): Promise<void> => {
    for (const experiment of experiments) {
      await pause(before)
      if (stopped.aborted) return
      say(`  ${experiment.name}: ${experiment.hypothesis}`)
      const fromMs = nowMs()
      const made = await Promise.allSettled(experiment.faults.map((fault) => make(fault, target, history, nowMs)))
      const overMs = nowMs()
      const failed = made.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []))
      const wholeAgainS = await wholeAgain(target)
      await pause(afterMs)
      trials.push({ experiment, fromMs, overMs, untilMs: nowMs(), wholeAgainS, failed: failed[0] ?? null })
    }
  }

async function make(fault: ExperimentFault, target: Target, { faults }: History, nowMs: () => number): Promise<void> {
  const names = await resolve(fault.target, target)
  await Promise.all(
    names.map(async (name) => {
      const entry = { kind: fault.do, target: name, fromMs: nowMs(), toMs: nowMs(), failed: null }
      faults.push(entry)
      await (inContainers(target.info()) ? breakContainer(fault, name, target) : breakProcess(fault, name, target))
      entry.toMs = nowMs()
    }),
  )
}

async function breakContainer(fault: ExperimentFault, name: string, target: Target): Promise<void> {
  const part = target.info().parts[name]
  if (part === undefined || !('container' in part)) throw new Error(`${name} is no container`)
  runPumba(target.pumbaImage, fault, part.container)
  if (fault.do === 'pause' || fault.do === 'cut' || fault.do === 'delay') return
  await pause(fault.forS * 1_000)
  await target.revive?.(name)
}

async function breakProcess(fault: ExperimentFault, name: string, target: Target): Promise<void> {
  const forMs = fault.forS * 1_000
  const isPlatform = /^(kafka|mongo)-/.test(name)
  switch (fault.do) {
    case 'kill':
    case 'stop':
      target.signal(name, 'SIGKILL')
      await pause(forMs)
      if (isPlatform) await target.revive?.(name)
      return
    case 'pause':
      target.signal(name, 'SIGSTOP')
      await pause(forMs)
      target.signal(name, 'SIGCONT')
      return
    case 'lose-disk':
      if (target.loseDisk === null) throw new Error(`nobody here can take the disk of ${name}`)
      target.signal(name, 'SIGKILL')
      await pause(forMs)
      await target.loseDisk(name)
      await target.revive?.(name)
      return
    case 'cut':
    case 'delay': {
      if (target.toxics === null) throw new Error('there is no Toxiproxy: set TOXIPROXY_BIN, or install Go')
      const mend = await target.toxics.worsen(name, fault.do === 'cut' ? { kind: 'cut' } : { kind: 'latency', ms: 100 })
      await pause(forMs)
      await mend()
    }
  }
}

/** The parts that a role names at this moment. */
async function resolve(role: string, target: Target): Promise<string[]> {
  const info = target.info()
  switch (role) {
    case 'mongo-primary':
      return [(await membersByRole(info)).primary]
    case 'mongo-majority': {
      const { primary, secondaries } = await membersByRole(info)
      return [primary, ...secondaries.slice(0, 1)]
    }
    case 'broker-leader':
      return [await leaderOf(target, topics.dronePositions.name)]
    case 'two-brokers':
      return ['kafka-1', 'kafka-2']
    default:
      if (info.parts[role] === undefined) throw new Error(`the stack has no part ${role}`)
      return [role]
  }
}

/** The broker that leads most partitions of `topic`. */
const leaderOf = (target: Target, topic: string): Promise<string> =>
  withAdmin(target.info().kafka.internal.split(','), async (admin) => {
    const { topics: found } = await admin.fetchTopicMetadata({ topics: [topic] })
    const leaders = Map.groupBy(
      found.flatMap(({ partitions }) => partitions),
      ({ leader }) => leader,
    )
    const [most] = [...leaders].toSorted(([, a], [, b]) => b.length - a.length)
    return `kafka-${most?.[0] ?? 1}`
  })

async function wholeAgain(target: Target): Promise<number | null> {
  const startedMs = performance.now()
  try {
    await waitUntil('all replicas to be there', () => isFullyReplicated(target), {
      timeoutMs: wholeMsMax,
      everyMs: 500,
    })
    return (performance.now() - startedMs) / 1_000
  } catch {
    return null
  }
}

/** What customers and brokers noticed of a trial. Pure. */
export function measure(
  { fromMs, untilMs, wholeAgainS }: Trial,
  history: History,
  { appends }: Pick<Evidence, 'appends'>,
): Measured {
  const looks = looksOf(history).filter(({ sentAtMs }) => fromMs <= sentAtMs && sentAtMs < untilMs)
  const served = looks.filter(isServed)
  const firstFailed = looks.find((look) => !isServed(look))
  const back = firstFailed && served.find(({ sentAtMs }) => sentAtMs > firstFailed.sentAtMs)
  const refusals: Record<string, number> = {}
  for (const { answer, code } of looks) {
    if (answer !== 'acknowledged') refusals[code ?? 'none'] = (refusals[code ?? 'none'] ?? 0) + 1
  }
  const silences = appends.map(({ atMs }) => {
    const own = [fromMs, ...atMs.filter((at) => fromMs <= at && at <= untilMs), untilMs]
    return own.length < 3 ? 0 : Math.max(...own.slice(1).map((at, index) => at - (own[index] ?? at)))
  })
  return {
    ordersAgainS: firstFailed === undefined ? 0 : back === undefined ? null : (back.answeredAtMs - fromMs) / 1_000,
    servedPct: looks.length === 0 ? 0 : (100 * served.length) / looks.length,
    longestSilenceS: Math.max(0, ...silences) / 1_000,
    wholeAgainS,
    refusals,
  }
}
