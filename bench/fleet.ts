/** How large a fleet the whole product holds on this machine: simulator over TLS, brokers, services, live stream. */
import { setTimeout as sleep } from 'node:timers/promises'
import { droneModel } from '@fleet/contracts/drone-model'
import { AccountingReply, LatestPosition } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { withAdmin } from '@fleet/local/kafka-admin'
import { serverSentEvents } from '@fleet/local/server-sent-events'
import { type Bearer, createBearer } from '@fleet/local/sign-in'
import { databases } from '@fleet/local/stack-environment'
import { waitUntil } from '@fleet/local/wait'
import { z } from 'zod'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { peakMiB, processorS } from './contender.ts'
import { type Platform, startBenchPlatform } from './platform.ts'
import { percentile } from './statistics.ts'

const dronesByDefault = 10_000
const measuredS = 60
/** Ten thousand drones boot, and each writes its memory, before all of them report. */
const readyMsMax = 600_000
/** What they all reported at once is then worked off, or it is measured as it is. */
const settledMsMax = 600_000
const eventCharactersMax = 20_000_000
const freshnessMsMax = 1_000

const Positions = z.object({ items: z.array(LatestPosition.pick({ takenAt: true })) })

/** Adds every position that the live stream shows to `ages`, as milliseconds from when it was taken to when it was here. */
async function watchFreshness(
  url: string,
  { bearer, until, nowMs, ages }: { bearer: Bearer; until: AbortSignal; nowMs: () => number; ages: number[] },
): Promise<void> {
  try {
    const headers = { authorization: await bearer() }
    for await (const { event, data } of serverSentEvents(url, headers, until, eventCharactersMax)) {
      if (event !== 'positions') continue
      const atMs = nowMs()
      for (const { takenAt } of Positions.parse(data).items) ages.push(atMs - Date.parse(takenAt))
    }
  } catch (error) {
    if (!until.aborted) throw error
  }
}

const sumOf = (numbers: readonly number[]) => numbers.reduce((sum, each) => sum + each, 0)

/** Who reads what drones send, and where it says how far it is. */
const readers = [
  { service: 'position', group: 'position', topic: topics.dronePositions.name },
  { service: 'position', group: 'position-boots', topic: topics.droneReports.name },
  { service: 'itinerary', group: 'itinerary', topic: topics.droneReports.name },
  { service: 'drone-health', group: 'drone-health', topic: topics.droneReports.name },
] as const
type Reader = (typeof readers)[number]

async function ends(
  { brokers, mongo }: Platform,
  { service, group, topic }: Reader,
): Promise<{ written: number; stored: number }> {
  const ofTopic = { _id: { $gte: `${group}/${topic}/`, $lt: `${group}/${topic}0` } }
  const rows = await mongo
    .db(databases[service])
    .collection<{ _id: string; next: number }>('consumer_offsets')
    .find(ofTopic)
    .toArray()
  const offsets = await withAdmin(brokers, (admin) => admin.fetchTopicOffsets(topic))
  return {
    written: sumOf(offsets.map(({ high }) => Number(high))),
    stored: sumOf(rows.map(({ next }) => Number(next))),
  }
}

/** Whether no report is left unread and no more positions than those of two moments. */
async function isSettled(platform: Platform, drones: number): Promise<boolean> {
  const lags = await Promise.all(
    readers.map(async (reader) => {
      const { written, stored } = await ends(platform, reader)
      return { reader, lag: written - stored }
    }),
  )
  return lags.every(({ reader, lag }) => lag <= (reader.topic === topics.dronePositions.name ? 2 * drones : 0))
}

async function run({ say, small, size, stopped }: BenchmarkContext): Promise<Answer> {
  const nowMs = () => performance.timeOrigin + performance.now()
  const drones = small ? 20 : (size ?? dronesByDefault)
  const seconds = small ? 5 : measuredS
  const run = ['order', 'itinerary', 'position', 'drone-health', 'gateway', 'sim'] as const
  // Parked drones speak as often as flying ones: what is asked is what the product bears.
  const environment = { sim: { POSITION_PAD_PERIOD_MS: `${droneModel.positionPeriodMs}` } }
  await using platform = await startBenchPlatform({ nowMs, drones, run: [...run], environment, longLived: true, say })
  const { gateway = '', accounts } = platform.stack.info
  if (accounts === undefined) throw new Error('the stack has no accounts')
  const bearer = createBearer(gateway, accounts.operator, () => performance.now())
  const accounting = async () => {
    const headers = { authorization: await bearer() }
    const response = await fetch(`${gateway}/v1/fleet/accounting`, { headers, signal: AbortSignal.timeout(10_000) })
    return AccountingReply.parse(await response.json()).items
  }
  await waitUntil('every drone to report', async () => (await accounting()).length >= drones, {
    timeoutMs: readyMsMax,
    everyMs: 2_000,
    signal: stopped,
  })
  say(`${drones} drones report`)
  const settled = waitUntil('what the boots brought to be worked off', () => isSettled(platform, drones), {
    timeoutMs: settledMsMax,
    everyMs: 2_000,
    signal: stopped,
  })
  await settled.catch((error: unknown) => {
    stopped.throwIfAborted()
    say(`measured all the same: ${error instanceof Error ? error.message : String(error)}`)
  })

  const stream = new AbortController()
  const until = AbortSignal.any([stream.signal, stopped])
  const ages: number[] = []
  const watching = watchFreshness(`${gateway}/v1/fleet/stream`, { bearer, until, nowMs, ages })
  // A viewer begins with a snapshot of the fleet; what comes meanwhile is shown after it, and says nothing of the minute that follows.
  await waitUntil('the viewer to see what is live', () => ages.length > 2 * drones, {
    timeoutMs: 60_000,
    signal: until,
  })

  const parts = () => [...platform.stack.parts.values()].map(({ name, pid }) => ({ name, pid }))
  const before = new Map(parts().map(({ name, pid }) => [name, processorS([pid])]))
  const startedAt = await ends(platform, readers[0])
  const startedMs = performance.now()
  ages.length = 0
  const lags: number[] = []
  for (let second = 0; second < seconds; second++) {
    await sleep(1_000, undefined, { signal: stopped })
    const { written, stored } = await ends(platform, readers[0])
    lags.push(written - stored)
  }
  const tookS = (performance.now() - startedMs) / 1_000
  const endedAt = await ends(platform, readers[0])
  const used = parts().map(({ name, pid }) => ({
    part: name,
    'cores used': (processorS([pid]) - (before.get(name) ?? 0)) / tookS,
    'peak MiB': peakMiB([pid]),
  }))
  stream.abort()
  await watching
  // What was sent is stored soon after; what is missing then was lost.
  const items = await waitUntil(
    'the last positions to be stored',
    async () => {
      const { written, stored } = await ends(platform, readers[0])
      return written - stored <= 3 * drones && (await accounting())
    },
    { timeoutMs: 60_000, everyMs: 1_000, signal: stopped },
  )
  const figures: Record<string, number> = {
    drones,
    positions_per_s: (endedAt.written - startedAt.written) / tookS,
    shown_per_s: ages.length / tookS,
    freshness_p50_ms: percentile(ages, 0.5),
    freshness_p99_ms: percentile(ages, 0.99),
    lag_median_records: percentile(lags, 0.5),
    lag_max_records: Math.max(...lags),
    missing: sumOf(items.map(({ missing }) => missing)),
    refused: sumOf(items.map(({ refused }) => refused)),
  }
  for (const { part, ...row } of used) {
    figures[`${part.replaceAll('-', '_')}_cores`] = row['cores used']
    figures[`${part.replaceAll('-', '_')}_peak_mib`] = row['peak MiB']
  }
  return {
    tables: [
      { title: `${drones} drones for ${seconds} s`, rows: [figures] },
      { title: 'by process', rows: used },
    ],
    figures,
    ratios: { positions_per_drone_and_s: (figures.positions_per_s ?? 0) / drones },
    bars: [
      {
        name: 'freshness_p99_ms',
        value: figures.freshness_p99_ms ?? Number.NaN,
        limit: freshnessMsMax,
        must: 'be-at-most',
      },
      { name: 'missing', value: figures.missing ?? Number.NaN, limit: 0, must: 'be-at-most' },
    ],
    drawing: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: `Processor of each process, ${drones} drones at 1 Hz`,
      width: 480,
      data: { values: used.map((row) => ({ part: row.part, cores: row['cores used'] })) },
      mark: 'bar',
      encoding: {
        y: { field: 'part', type: 'nominal', sort: '-x', title: null },
        x: { field: 'cores', type: 'quantitative', title: 'cores used' },
      },
    },
  }
}

export const fleet: Benchmark = {
  name: 'fleet',
  question: 'Does the whole product hold ten thousand drones at 1 Hz on one machine?',
  run,
}
