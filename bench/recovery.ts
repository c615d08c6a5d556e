/**
 * Benchmark `recovery`: how soon a drone that fails is found out, rebooted, relaunched or replaced, and whether any that
 * does not fail is accused. The whole product, its drones under way with real orders; a tenth of them fail by a seed.
 *
 * The world runs at real speed: what tells a silent drone from a broker's failover takes seconds of real time (3.5 and what
 * follows), which at ten times the speed are 35 of the world's. All figures are in world time, counted from the injection.
 */
import type { DroneHistoryReply } from '@fleet/contracts/flight-record'
import type { DroneId, OrderId } from '@fleet/contracts/ids'
import { type OrderReply, OrdersReply } from '@fleet/contracts/rest'
import type { UnixMs } from '@fleet/contracts/units'
import { seededRandom } from '@fleet/drone-sim/random'
import { serviceNames } from '@fleet/local/stack-environment'
import { fillSky, passReal } from '@fleet/scenarios/full-sky'
import { createStage, type Stage } from '@fleet/scenarios/stage'
import { recordOf, troubleOf } from '@fleet/scenarios/trouble'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { type Failure, failuresOf } from './failures.ts'
import { startBenchPlatform } from './platform.ts'
import { median, percentile } from './statistics.ts'

const sizes = {
  full: { drones: 500, seed: 'recovery 41', settleS: 20, overS: 90, afterS: 60, away: { minM: 6_000, maxM: 7_000 } },
  small: { drones: 12, seed: 'recovery 42', settleS: 1, overS: 10, afterS: 45, away: { minM: 3_500, maxM: 4_500 } },
} as const
const failing = 0.1
/** The others stand ready to take over. */
const flyingShare = 0.8
const pageMax = 100
/** A drone fails on its way out, with so much of it left: what becomes of a parcel is then part of the question. */
const leftS = 45
/** The bar, in seconds of the world. */
const detectionSMax = 5

type Struck = Failure & { droneId: DroneId; orderId: OrderId; atMs: UnixMs; takenAtMs: UnixMs }
/** World milliseconds after the injection; null where it did not come to that. */
type Seen = Struck & {
  rule: string | null
  /** What it was found by. */
  readings: unknown
  detectedMs: number | null
  acknowledgedMs: number | null
  relaunchedMs: number | null
  replacedMs: number | null
}

async function ordersOf({ get }: Stage): Promise<OrderReply[]> {
  const found: OrderReply[] = []
  for (let cursor = ''; ; ) {
    const { items, next } = OrdersReply.parse((await get(`/v1/orders?limit=${pageMax}${cursor}`)).body)
    found.push(...items)
    if (next === null || next === undefined) return found
    cursor = `&cursor=${next}`
  }
}

/** Strikes drones on their way out, one after the other, each once. */
async function strike(stage: Stage, failures: readonly Failure[], seed: string, say: (line: string) => void) {
  const random = seededRandom(seed, 'victims')
  const struck: Struck[] = []
  const startedMs = stage.clock.worldNow()
  for (const failure of failures) {
    const dueMs = startedMs + failure.afterMs
    await stage.until('the next failure to be due', 600, async () => stage.clock.worldNow() >= dueMs)
    const outMs = stage.clock.worldNow() + leftS * 1_000
    const out = (await ordersOf(stage)).flatMap(({ status, flight, orderId, estimatedHandOverAt }) => {
      const leaves = status === 'in-flight' && flight !== null && Date.parse(estimatedHandOverAt ?? '') > outMs
      return leaves && !struck.some(({ droneId }) => droneId === flight.droneId)
        ? [{ droneId: flight.droneId, orderId }]
        : []
    })
    const victim = out[Math.floor(random() * out.length)]
    if (victim === undefined) throw new Error('no drone is on its way out: the flights are too short for this machine')
    const atMs = stage.clock.worldNow()
    let takenAtMs = atMs
    for (const fault of failure.faults) takenAtMs = await stage.inflict({ droneId: victim.droneId, ...fault })
    struck.push({ ...failure, ...victim, atMs, takenAtMs })
  }
  say(`${struck.length} drones struck within ${Math.round((stage.clock.worldNow() - startedMs) / 1_000)} s`)
  return struck
}

const firstAt = (list: readonly { at: string }[], atMs: number): number | null => {
  const [first] = list
  return first === undefined ? null : Date.parse(first.at) - atMs
}

function seenOf(struck: Struck, { health, commands }: DroneHistoryReply, replacedMs: number | null): Seen {
  const { atMs } = struck
  const begun = health.filter(({ from }) => from === 'healthy')
  const reboots = commands.filter(({ kind }) => kind === 'reboot')
  const acknowledged = reboots.flatMap(({ steps }) => steps.filter(({ status }) => status === 'acknowledged'))
  const rebooted = health.some(({ to }) => to === 'rebooting')
  const sent = reboots.flatMap(({ steps }) => steps.filter(({ status }) => status === 'sent'))
  const [acknowledgedMs, sentMs] = [firstAt(acknowledged, atMs), firstAt(sent, atMs)]
  return {
    ...struck,
    rule: begun[0]?.evidence.rule ?? null,
    readings: begun[0]?.evidence.readings ?? null,
    detectedMs: firstAt(begun, atMs),
    acknowledgedMs: acknowledgedMs === null || sentMs === null ? null : acknowledgedMs - sentMs,
    relaunchedMs: rebooted
      ? firstAt(
          health.filter(({ to }) => to === 'healthy'),
          atMs,
        )
      : null,
    replacedMs,
  }
}

async function look(stage: Stage, struck: Struck): Promise<Seen> {
  const history = await troubleOf(stage, struck.droneId, struck.atMs).history()
  const { flights } = await recordOf(stage, struck.orderId)
  const own = flights.findIndex(({ droneId }) => droneId === struck.droneId)
  const next = own < 0 ? undefined : flights[own + 1]
  return seenOf(struck, history, next === undefined ? null : Date.parse(next.from) - struck.atMs)
}

const half = (values: readonly number[]) => (values.length === 0 ? Number.NaN : median(values) / 1_000)
const worst = (values: readonly number[]) => (values.length === 0 ? Number.NaN : percentile(values, 0.99) / 1_000)
const known = (values: readonly (number | null)[]): number[] => values.filter((value) => value !== null)

function answerOf(seen: readonly Seen[], falselyAccused: number, flying: { drones: number; inFlight: number }): Answer {
  const found = seen.filter(({ detectedMs }) => detectedMs !== null)
  const detected = known(seen.map(({ detectedMs }) => detectedMs))
  const acknowledged = known(seen.map(({ acknowledgedMs }) => acknowledgedMs))
  const relaunched = known(seen.map(({ relaunchedMs }) => relaunchedMs))
  const replaced = known(seen.map(({ replacedMs }) => replacedMs))
  const ended = seen.flatMap(({ relaunchedMs, replacedMs }) => known([relaunchedMs, replacedMs]).slice(0, 1))
  const recall = found.length / seen.length
  const precision = found.length === 0 ? 0 : found.length / (found.length + falselyAccused)
  const rules = [...new Set(found.flatMap(({ rule }) => rule ?? []))].toSorted()
  const byRule = rules.map((rule) => {
    const of = found.filter((one) => one.rule === rule)
    const times = known(of.map(({ detectedMs }) => detectedMs))
    const from = [...new Set(of.map(({ kind }) => kind))].join(', ')
    return { rule, found: of.length, 'median s': half(times), 'p99 s': worst(times), failures: from }
  })
  const row = (what: string, times: readonly number[]) => ({
    what,
    count: times.length,
    'median s': half(times),
    'p99 s': worst(times),
  })
  const figures = {
    drones: flying.drones,
    in_flight: flying.inFlight,
    failed: seen.length,
    falsely_accused: falselyAccused,
    detection_median_s: half(detected),
    detection_p99_s: worst(detected),
    ...Object.fromEntries(byRule.map((one) => [`detection_${one.rule}_p99_s`, one['p99 s']])),
    reboot_acknowledged_p99_s: worst(acknowledged),
    relaunch_p99_s: worst(relaunched),
    replacement_p99_s: worst(replaced),
    relaunch_or_replacement_p99_s: worst(ended),
  }
  return {
    tables: [
      { title: 'Detection, in seconds of the world from the injection, by the rule that spoke first', rows: byRule },
      {
        title: 'What followed, in seconds of the world',
        rows: [
          row('detection', detected),
          row('reboot sent to acknowledged', acknowledged),
          row('defect to relaunch', relaunched),
          row('defect to replacement', replaced),
        ],
      },
    ],
    figures,
    ratios: { recall, precision },
    bars: [
      { name: 'recall', value: recall, limit: 1, must: 'be-at-least' },
      { name: 'falsely_accused', value: falselyAccused, limit: 0, must: 'be-at-most' },
      { name: 'detection_p99_s', value: figures.detection_p99_s, limit: detectionSMax, must: 'be-at-most' },
      {
        name: 'relaunch_or_replacement_p99_s',
        value: figures.relaunch_or_replacement_p99_s,
        limit: 30,
        must: 'be-at-most',
      },
    ],
  }
}

async function run({ say, small, stopped, ...given }: BenchmarkContext): Promise<Answer> {
  const { settleS, overS, afterS, away, ...own } = small ? sizes.small : sizes.full
  const [drones, seed] = [given.size ?? own.drones, given.seed ?? own.seed]
  const nowMs = () => Math.round(performance.timeOrigin + performance.now())
  await using platform = await startBenchPlatform({ nowMs, drones, run: [...serviceNames, 'sim'], worldSpeed: 1, say })
  const stage = createStage(platform.folder, stopped)
  const count = Math.max(2, Math.round(drones * failing))
  const sky = await fillSky(stage, Math.round(drones * flyingShare), seed, away)
  // Hundreds of orders at once, and their take-offs, are a load that a fleet under way does not have.
  await passReal(stage, settleS)
  const inFlight = await sky.inFlight()
  say(`${inFlight} of ${drones} drones in the air, ${count} are going to fail`)
  const struck = await strike(stage, failuresOf(seed, count, overS * 1_000), seed, say)
  await passReal(stage, afterS)
  const seen: Seen[] = []
  for (const one of struck) seen.push(await look(stage, one))
  for (const { kind, faults, droneId, detectedMs, relaunchedMs, replacedMs, atMs, takenAtMs, readings } of seen) {
    const what = `${kind} ${JSON.stringify(faults)} of ${droneId} at ${new Date(atMs).toISOString()}`
    if (detectedMs === null) say(`not found: ${what}`)
    else if (detectedMs > detectionSMax * 1_000)
      say(
        `late by its bar: ${what}, taken after ${takenAtMs - atMs} ms, found after ${detectedMs} ms by ${JSON.stringify(readings)}`,
      )
    else if (relaunchedMs === null && replacedMs === null) say(`found, and not ended yet: ${kind} of ${droneId}`)
  }
  const failed = new Set(struck.map(({ droneId }) => droneId))
  const accused = (await sky.accused()).filter((text) => ![...failed].some((droneId) => text.startsWith(droneId)))
  for (const text of accused) say(`falsely accused: ${text}`)
  return answerOf(seen, accused.length, { drones, inFlight })
}

export const recovery: Benchmark = {
  name: 'recovery',
  question: 'How soon are drones that fail found out, rebooted, relaunched or replaced, and is any other accused?',
  run,
}
