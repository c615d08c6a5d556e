/** Whether orders stay quick while the position service drains a backlog on the same machine, brokers and database. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { CustomerId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { destination } from '@fleet/geo/distance'
import { databases } from '@fleet/local/stack-environment'
import { waitUntil } from '@fleet/local/wait'
import { signToken } from '@fleet/runtime/tokens'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { createFlights } from './flights.ts'
import { type Platform, startBenchPlatform } from './platform.ts'
import { enrol, fill } from './positions-topic.ts'
import { median, percentile, spread } from './statistics.ts'

const ordersPerS = 20
const turns = 3
const drones = 1_000
const base = { lat: 43.6163, lon: 7.0552 }
const requestMsMax = 10_000
/** Of one window. */
const customers = 500
const tokenTtlS = 300
/** The position service joins its group, compiles what it does, and snapshots and re-packs what the turn before left: a start, and no drain. */
const settleMs = 15_000
/** Orders that are not counted: the first ones after a start take ten times as long, until the processes have compiled what they do. */
const warmUpS = 30
const drainPerSMin = 20_000

type Sizes = { seconds: number; backlog: number }

/** Places orders at a fixed rate, whatever the answers take, and gives how long each took, ms. Throws where one is not accepted. */
async function placeOrders(
  { stack }: Platform,
  seconds: number,
  name: string,
  stopped: AbortSignal,
): Promise<number[]> {
  const privateKey = readFileSync(join(stack.info.folders.secrets, 'token.key'), 'utf8')
  // A customer signs in once, and not for each order: what that costs is not measured here.
  const tokens = Array.from({ length: customers }, (_, i) =>
    signToken(privateKey, { role: 'customer', sub: CustomerId.parse(`cus_${name}${i}`) }, tokenTtlS),
  )
  const place = async (index: number): Promise<number> => {
    const { lat, lon } = destination(base, { bearingDeg: (index * 37) % 360, distanceM: 500 + (index % 100) * 10 })
    const dropOff = { lat: Number(lat.toFixed(7)), lon: Number(lon.toFixed(7)) }
    const headers = {
      authorization: `Bearer ${tokens[index % customers]}`,
      'content-type': 'application/json',
      'idempotency-key': `bench-${name}-${index}`,
    }
    const body = JSON.stringify({ dropOff, parcel: { weightG: 500 } })
    const startedMs = performance.now()
    const response = await fetch(`${stack.info.services.order}/v1/orders`, {
      method: 'POST',
      headers,
      body,
      signal: AbortSignal.any([stopped, AbortSignal.timeout(requestMsMax)]),
    })
    const text = await response.text()
    if (response.status !== 201) throw new Error(`order ${name}/${index}: ${response.status} ${text.slice(0, 300)}`)
    return performance.now() - startedMs
  }
  const answers: Promise<number>[] = []
  const startedMs = performance.now()
  for (let index = 0; index < seconds * ordersPerS; index++) {
    const waitMs = startedMs + (index * 1_000) / ordersPerS - performance.now()
    if (waitMs > 0) await sleep(waitMs, undefined, { signal: stopped })
    answers.push(place(index))
  }
  return Promise.all(answers)
}

async function drained({ mongo }: Platform): Promise<number> {
  const rows = await mongo.db(databases.position).collection('consumer_offsets').find().toArray()
  return rows.reduce((sum, { next }) => sum + Number(next), 0)
}

async function run({ say, small, size, stopped }: BenchmarkContext): Promise<Answer> {
  const nowMs = () => performance.timeOrigin + performance.now()
  const { seconds, backlog }: Sizes = small
    ? { seconds: 3, backlog: 20_000 }
    : { seconds: 60, backlog: size ?? 5_000_000 }
  await using platform = await startBenchPlatform({ nowMs, run: ['order', 'itinerary', 'position'] })
  const position = platform.stack.processes.get('position')
  if (position === undefined) throw new Error('the stack has no position service')
  const { name: topic, partitions } = topics.dronePositions
  const fleet = small ? 50 : drones
  await enrol(platform.kafka, createFlights(fleet).ids)
  await position.stop()
  const filled = await fill(platform.kafka, {
    topic,
    partitions,
    drones: fleet,
    seconds: Math.ceil(backlog / fleet),
    fromMs: Math.round(nowMs() - 4 * 3_600_000),
    fleetSecret: platform.fleetSecret,
    stopped,
    sampleBelow: 0,
  })
  say(`${filled.count} positions wait`)
  await waitUntil('orders to be accepted', async () => (await placeOrders(platform, 1, 'warm', stopped)).length > 0, {
    timeoutMs: 60_000,
    everyMs: 1_000,
  })
  await placeOrders(platform, small ? 1 : warmUpS, 'warmUp', stopped)

  const idle: number[] = []
  const busy: number[] = []
  const rates: number[] = []
  for (let turn = 1; turn <= (small ? 1 : turns); turn++) {
    await sleep(settleMs, undefined, { signal: stopped })
    idle.push(percentile(await placeOrders(platform, seconds, `idle${turn}`, stopped), 0.99))
    await position.restart()
    const before = await waitUntil('the backlog to drain', async () => (await drained(platform)) || undefined, {
      timeoutMs: 60_000,
    })
    await sleep(settleMs, undefined, { signal: stopped })
    const [from, fromMs] = [Math.max(before, await drained(platform)), performance.now()]
    busy.push(percentile(await placeOrders(platform, seconds, `busy${turn}`, stopped), 0.99))
    rates.push(((await drained(platform)) - from) / ((performance.now() - fromMs) / 1_000))
    await position.stop()
    say(
      `turn ${turn}: p99 of an order ${idle.at(-1)?.toFixed(1)} ms idle, ${busy.at(-1)?.toFixed(1)} ms while ` +
        `${Math.round(rates.at(-1) ?? 0)} positions/s drain`,
    )
  }
  const figures = {
    order_p99_idle_ms: median(idle),
    order_p99_backlog_ms: median(busy),
    order_p99_idle_spread: spread(idle),
    order_p99_backlog_spread: spread(busy),
    drained_positions_per_s: median(rates),
    backlog_positions: filled.count,
  }
  const ratios = { order_p99_backlog_per_idle: median(busy.map((ms, i) => ms / (idle[i] ?? Number.NaN))) }
  return {
    tables: [
      {
        title: `orders at ${ordersPerS}/s for ${seconds} s, in turn`,
        rows: idle.map((ms, i) => ({
          turn: i + 1,
          'p99 idle, ms': ms,
          'p99 backlog, ms': busy[i] ?? Number.NaN,
          'drained/s': rates[i] ?? Number.NaN,
        })),
      },
    ],
    figures,
    ratios,
    bars: [
      {
        name: 'order_p99_backlog_per_idle',
        value: ratios.order_p99_backlog_per_idle,
        limit: 1.5,
        must: 'be-at-most',
      },
      {
        name: 'drained_positions_per_s',
        value: figures.drained_positions_per_s,
        limit: drainPerSMin,
        must: 'be-at-least',
      },
    ],
    drawing: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: `p99 of an order at ${ordersPerS}/s`,
      width: 480,
      data: {
        values: idle.flatMap((ms, i) => [
          { turn: `turn ${i + 1}`, when: 'idle', ms },
          { turn: `turn ${i + 1}`, when: 'while a backlog drains', ms: busy[i] ?? Number.NaN },
        ]),
      },
      mark: 'bar',
      encoding: {
        y: { field: 'turn', type: 'nominal', title: null },
        yOffset: { field: 'when' },
        x: { field: 'ms', type: 'quantitative', title: 'ms' },
        color: { field: 'when', type: 'nominal', title: null },
      },
    },
  }
}

export const isolation: Benchmark = {
  name: 'isolation',
  question: 'Does an order take longer while the position service drains a backlog on the same machine?',
  run,
}
