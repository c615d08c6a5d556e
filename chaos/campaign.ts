/**
 * A campaign: orders placed and drones flying while faults are made, then quiet, then the evidence and its verdict.
 * What breaks is decided before it begins (`plan.ts`, or a script that provokes one defect); what happened is judged after it
 * ended (`checker.ts`).
 */
import { setTimeout as pause } from 'node:timers/promises'
import { topics } from '@fleet/contracts/topics'
import { seededRandom } from '@fleet/drone-sim/random'
import { inContainers } from '@fleet/local/part-control'
import { waitUntil } from '@fleet/local/wait'
import { type Caller, createCaller } from './caller.ts'
import { judge, type Verdict } from './checker.ts'
import { collectEvidence, ledgerOf, unsettled, withDatabases } from './collect.ts'
import type { Evidence } from './evidence.ts'
import { emptyHistory, type History } from './history.ts'
import { type Breakable, planFaults } from './plan.ts'
import { createSaboteur, type Saboteur } from './saboteur.ts'
import type { Target } from './target.ts'
import { createTraffic, type Traffic } from './traffic.ts'

/** How long the stack gets, once everything is whole again, to bring every order and command to its end. */
const quietMsMax = 180_000
/** Where commands still stand open after that, operators speak to their drones again. */
const speakEveryMs = 45_000
/** An order at rest may still have a drone on its way home whose last reports matter. */
const settledForMs = 3_000

const services = ['order', 'itinerary', 'position', 'drone-health', 'gateway', 'sim'] as const
/** Late copies of what our services write; of compacted topics a late copy is a known limit. */
const copied = [
  topics.orders,
  topics.deliveries,
  topics.itineraries,
  topics.droneCommands,
  topics.droneHealth,
  topics.droneReports,
]

export type CampaignOptions = {
  target: Target
  seed: number
  seconds: number
  /** In place of the seeded faults: makes those that provoke a certain defect. */
  provoke?: ((stage: ProvokingStage) => Promise<void>) | undefined
  say: (line: string) => void
  stopped: AbortSignal
}

export type ProvokingStage = {
  target: Target
  traffic: Traffic
  saboteur: Saboteur
  history: History
  operator: Caller
  /** Real milliseconds since the campaign began. */
  nowMs: () => number
  stopped: AbortSignal
}

export type CampaignResult = {
  history: History
  evidence: Evidence | { missing: string }
  verdict: Verdict
  quietMs: number
}

export async function runCampaign(options: CampaignOptions): Promise<CampaignResult> {
  const { target, seed, seconds, provoke, say, stopped } = options
  const { gateway, accounts } = target.info()
  if (gateway === undefined || accounts === undefined) throw new Error('the stack has no gateway')
  const startedMs = performance.now()
  const nowMs = () => performance.now() - startedMs
  const history = emptyHistory(seed, seconds)
  const customer = createCaller({ gateway, account: accounts.customer, nowMs })
  const operator = createCaller({ gateway, account: accounts.operator, nowMs })
  const traffic = await createTraffic({
    customer,
    operator,
    history,
    random: seededRandom(String(seed), 'traffic'),
    nowMs,
    heardOnly: inContainers(target.info()),
  })
  const saboteur = createSaboteur({ target, log: history.faults, nowMs, say, stopped })

  const over = new AbortController()
  const running = traffic.run(AbortSignal.any([over.signal, stopped]))
  // What it throws is thrown below, once what was broken is mended.
  running.catch(() => over.abort())
  if (provoke === undefined) await breakByPlan(options, traffic, saboteur, nowMs)
  else await provoke({ target, traffic, saboteur, history, operator, nowMs, stopped })
  over.abort()
  say('  quiet: what was broken is mended, no new orders')
  await saboteur.heal()
  await running

  const quietFromMs = nowMs()
  await comeToRest({ target, traffic, customer, say, stopped })
  const quietMs = nowMs() - quietFromMs
  const evidence = await gather(target, operator, performance.timeOrigin + startedMs)
  return { history, evidence, verdict: judge(history, evidence), quietMs }
}

/** What the stack lets itself be done. */
export const breakableOf = (target: Target, drones: readonly string[], links: readonly string[]): Breakable => {
  const parts = Object.keys(target.info().parts)
  return {
    services: services.filter((name) => parts.includes(name)),
    brokers: parts.filter((name) => name.startsWith('kafka-')),
    members: parts.filter((name) => name.startsWith('mongo-')).length > 1,
    revivable: target.revive !== null,
    drones: target.simulator === null ? [] : drones,
    topics: copied.map(({ name }) => name),
    links,
  }
}

async function breakByPlan(
  { target, seed, seconds, say, stopped }: CampaignOptions,
  traffic: Traffic,
  saboteur: Saboteur,
  nowMs: () => number,
) {
  const links = (await target.toxics?.links()) ?? []
  const plan = planFaults({ seed, seconds, breakable: breakableOf(target, traffic.drones, links) })
  say(`  seed ${seed}: ${plan.length} faults in ${seconds} s`)
  const made: Promise<void>[] = []
  const until = (atMs: number) =>
    pause(Math.max(0, atMs - nowMs()), undefined, { signal: stopped }).catch(() => undefined)
  for (const fault of plan) {
    await until(fault.atMs)
    if (stopped.aborted) break
    made.push(saboteur.inflict(fault))
  }
  await until(seconds * 1_000)
  await Promise.all(made)
}

type Rest = Pick<CampaignOptions, 'target' | 'say' | 'stopped'> & { traffic: Traffic; customer: Caller }

/** Waits until nothing moves any more, or the bound; the checker then finds what still stands. */
async function comeToRest({ target, traffic, customer, say, stopped }: Rest) {
  const rested = new AbortController()
  const tending = traffic.tend(rested.signal)
  // As above.
  tending.catch(() => rested.abort())
  let quietSinceMs: number | null = null
  let speaksAtMs = performance.now() + speakEveryMs
  let left = ''
  try {
    await waitUntil(
      'every order and command to come to rest',
      async () => {
        await traffic.resumeHeld()
        await tellReceipts(target, customer)
        const { orders, commands, waiting } = await withDatabases(target.info(), unsettled)
        left = `${orders} orders, ${commands} commands, ${waiting} messages`
        if (commands > 0 && performance.now() > speaksAtMs) {
          // A drone that lost a command ends it by answering another.
          speaksAtMs += speakEveryMs
          await Promise.all(traffic.drones.map((droneId) => traffic.command(droneId, 'resume', 60_000)))
        }
        if (orders + commands + waiting > 0) {
          quietSinceMs = null
          return false
        }
        quietSinceMs ??= performance.now()
        return performance.now() - quietSinceMs >= settledForMs
      },
      { timeoutMs: quietMsMax, everyMs: 1_000, signal: stopped },
    )
  } catch (error) {
    const cause = error instanceof Error && error.cause instanceof Error ? `; ${error.cause.message}` : ''
    say(`  not at rest after ${quietMsMax / 1_000} s: ${left}${cause}`)
  } finally {
    rested.abort()
    await tending
  }
}

/** Recipients who have their parcel say so when the company does not know: they see it, and read no database. */
async function tellReceipts(target: Target, customer: Caller) {
  const came = new Set(
    ledgerOf(target.info()).flatMap(({ event, orderId }) => (event === 'handed-over' ? [orderId] : [])),
  )
  const undecided = await withDatabases(target.info(), ({ of }) =>
    of('order').collection<{ _id: string }>('orders').find({ status: 'undecided' }).toArray(),
  )
  for (const orderId of came) {
    if (!undecided.some(({ _id }) => _id === orderId)) continue
    await customer('POST', `/v1/orders/${orderId}/receipt`, { body: { came: true } })
  }
}

/** The drones stand still meanwhile, so that what is counted does not grow under the count. */
async function gather(target: Target, operator: Caller, startedAtMs: number): Promise<Evidence | { missing: string }> {
  const simulators = Object.keys(target.info().parts).filter((name) => name.startsWith('sim'))
  for (const name of simulators) target.signal(name, 'SIGSTOP')
  try {
    return await collectEvidence(target.info(), operator, startedAtMs)
  } catch (error) {
    return { missing: error instanceof Error ? error.message : String(error) }
  } finally {
    for (const name of simulators) target.signal(name, 'SIGCONT')
  }
}

/** Whether this stack is one of containers, for the table. */
export const kindOf = (target: Target) =>
  inContainers(target.info()) ? ('containers' as const) : ('processes' as const)
