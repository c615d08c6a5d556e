/** What could stand in for MongoDB: the history of positions behind one port, written and read the same way. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneId } from '@fleet/contracts/ids'
import { membersByRole } from '@fleet/local/mongo-primary'
import { createPortPicker } from '@fleet/local/ports'
import { openDatabase } from '@fleet/messaging/database'
import { createStoredOffsets } from '@fleet/messaging/stored-offsets'
import { partitionOf } from '@fleet/messaging/topic'
import { quantised } from '../services/position/packed.ts'
import { createPositionStore } from '../services/position/store.ts'
import { diskBytes } from './backlog.ts'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { createFlights } from './flights.ts'
import { type Platform, startBenchPlatform } from './platform.ts'
import { postgresPacked, postgresRows, startPostgres } from './postgres.ts'
import { median, percentile, spread } from './statistics.ts'

export type HistoryBatch = { partition: number; from: number; to: number; positions: DronePosition[] }
export type HistoryStore = {
  name: string
  /** Stores a batch and the offset after it, together and for good. */
  save(batch: HistoryBatch): Promise<void>
  track(window: { partition: number; droneId: DroneId; fromMs: number; toMs: number }): Promise<DronePosition[]>
  count(): Promise<number>
  bytes(): Promise<number>
}

const partitions = 12
const drones = 1_000
const rounds = 3
const tracksRead = 200
const trackMs = 300_000
const atOnce = 4

/** The store of the product, by majority on three members, before any re-packing. */
async function mongoStore({ mongoUri, mongo }: Platform, database: string): Promise<HistoryStore & AsyncDisposable> {
  const db = await openDatabase(mongoUri(database))
  const store = await createPositionStore(db.connection)
  const offsets = await createStoredOffsets(db.connection, 'bench')
  const idOf = (partition: number) => ({ topic: 'bench', partition })
  for (let partition = 0; partition < partitions; partition++)
    await offsets.begin(idOf(partition), { next: 0, clusterId: 'bench' })
  const numbers = new Map<number, number>()
  return {
    name: 'MongoDB, packed batches (ours)',
    save: async ({ partition, from, to, positions }) => {
      const number = (numbers.get(partition) ?? 0) + 1
      const effect = { stored: positions.map(quantised), refused: [], copies: [], refusedMessages: {} }
      await db.transact(async (tx) => {
        await offsets.advance(idOf(partition), { from, to }, tx)
        await store.saveBatch(
          { partition, number, fromOffset: from, toOffset: to, effect, storedAt: new Date(performance.timeOrigin) },
          tx,
        )
      })
      numbers.set(partition, number)
    },
    track: async (window) => {
      const found: DronePosition[] = []
      for await (const some of store.positionsOf(window)) found.push(...some)
      return found
    },
    count: async () => {
      const group = { $group: { _id: null, n: { $sum: '$n' } } }
      const [sum] = await mongo.db(database).collection('position_batches').aggregate([group]).toArray()
      return Number(sum?.n ?? 0)
    },
    bytes: () => diskBytes(mongo.db(database)),
    [Symbol.asyncDispose]: () => db.close(),
  }
}

/** The backlog of each partition, in batches as a fetch brings them. */
function backlogOf(seconds: number, fleet: number, fromMs: number): HistoryBatch[][] {
  const flights = createFlights(fleet)
  const queues = Array.from({ length: partitions }, (): HistoryBatch[] => [])
  const open = Array.from({ length: partitions }, (): DronePosition[] => [])
  const offsets = new Array<number>(partitions).fill(0)
  const close = (partition: number) => {
    const positions = open[partition]?.splice(0) ?? []
    const from = offsets[partition] ?? 0
    if (positions.length === 0) return
    offsets[partition] = from + positions.length
    queues[partition]?.push({ partition, from, to: from + positions.length, positions })
  }
  for (let second = 0; second < seconds; second++) {
    for (const position of flights.second(fromMs + second * 1_000)) {
      const partition = partitionOf(position.droneId, partitions)
      open[partition]?.push(position)
      if ((open[partition]?.length ?? 0) >= 3_000) close(partition)
    }
  }
  for (let partition = 0; partition < partitions; partition++) close(partition)
  return queues
}

type Run = { positionsPerS: number; trackMs: number[]; bytes: number }

async function measure(store: HistoryStore, queues: readonly HistoryBatch[][], fromMs: number): Promise<Run> {
  const waiting = queues.map((queue) => [...queue])
  const startedMs = performance.now()
  const work = async () => {
    for (let queue = waiting.pop(); queue !== undefined; queue = waiting.pop()) {
      for (const batch of queue) await store.save(batch)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  const tookMs = performance.now() - startedMs
  const all = queues.flat()
  const count = all.reduce((sum, { positions }) => sum + positions.length, 0)
  if ((await store.count()) !== count) throw new Error(`${store.name} holds ${await store.count()} of ${count}`)
  const firsts = all.slice(0, 1).flatMap(({ positions }) => positions.slice(0, 40))
  const times: number[] = []
  for (let i = 0; i < tracksRead; i++) {
    const one = firsts[i % firsts.length]
    if (one === undefined) break
    const window = {
      partition: partitionOf(one.droneId, partitions),
      droneId: one.droneId,
      fromMs,
      toMs: fromMs + trackMs,
    }
    const askedMs = performance.now()
    const found = await store.track(window)
    times.push(performance.now() - askedMs)
    const due = all
      .flatMap(({ positions }) => (i === 0 ? positions : []))
      .filter(({ droneId, takenAtMs }) => droneId === one.droneId && takenAtMs <= window.toMs)
    if (i > 0) continue
    const inOrder = (a: DronePosition, b: DronePosition) => a.takenAtMs - b.takenAtMs
    const [stored, sent] = [found, due].map((some) => JSON.stringify(some.toSorted(inOrder).map(quantised)))
    if (stored !== sent) throw new Error(`${store.name} gave another track than it was given`)
  }
  return { positionsPerS: (count * 1_000) / tookMs, trackMs: times, bytes: (await store.bytes()) / count }
}

/** Kills the primary; what is asked next waits for the new one. */
async function killPrimary({ stack }: Platform): Promise<void> {
  const { primary } = await membersByRole(stack.info)
  stack.parts.get(primary)?.kill('SIGKILL')
}

/** Kills the server while it stores, and compares what it had confirmed with what it holds afterwards. */
async function crashLoss(
  store: HistoryStore,
  queues: readonly HistoryBatch[][],
  crash: () => Promise<void>,
): Promise<{ confirmed: number; lost: number }> {
  let confirmed = 0
  let crashing: Promise<void> | undefined
  const total = queues.flat().reduce((sum, { positions }) => sum + positions.length, 0)
  await Promise.all(
    queues.slice(0, atOnce * 2).map(async (queue) => {
      for (const batch of queue) {
        try {
          await store.save(batch)
        } catch {
          return // The crash; what was not confirmed is sent again in production.
        }
        confirmed += batch.positions.length
        if (confirmed > total / 5) crashing ??= crash()
        if (crashing !== undefined) return
      }
    }),
  )
  await crashing
  return { confirmed, lost: Math.max(0, confirmed - (await store.count())) }
}

async function run({ say, small, stopped }: BenchmarkContext): Promise<Answer> {
  const nowMs = () => performance.timeOrigin + performance.now()
  const fleet = small ? 60 : drones
  const seconds = small ? 60 : 400
  const fromMs = Math.round(nowMs() - 2 * 3_600_000)
  const span = { fromMs, toMs: fromMs + seconds * 1_000 + 2_000 }
  const queues = backlogOf(seconds, fleet, fromMs)
  await using platform = await startBenchPlatform({ nowMs })
  const pickPort = createPortPicker(process.pid)
  const runs = new Map<string, Run[]>()
  const note = (name: string, one: Run) => {
    runs.set(name, [...(runs.get(name) ?? []), one])
    say(`${name}: ${Math.round(one.positionsPerS)}/s, ${one.bytes.toFixed(1)} bytes a position`)
  }
  const losses: Record<string, string | number>[] = []

  const withMongo = async (round: number) => {
    const database = `stores_${round}`
    await using store = await mongoStore(platform, database)
    note(store.name, await measure(store, queues, fromMs))
    await platform.mongo.db(database).dropDatabase()
  }
  const withPostgres = async (make: typeof postgresRows, crashes: boolean) => {
    const folder = mkdtempSync(join(tmpdir(), 'fleet-postgres-'))
    const postgres = await startPostgres(folder, await pickPort())
    if (postgres === null) return false
    try {
      const store = await make(postgres, span)
      if (crashes) losses.push({ store: store.name, ...(await crashLoss(store, queues, postgres.crash)) })
      else note(store.name, await measure(store, queues, fromMs))
    } finally {
      await postgres.stop()
      rmSync(folder, { recursive: true, force: true })
    }
    return true
  }
  let there = true
  for (let round = 0; round < (small ? 1 : rounds) && !stopped.aborted; round++) {
    const contenders = [
      () => withMongo(round),
      async () => {
        there = await withPostgres(postgresRows, false)
      },
      async () => {
        there = await withPostgres(postgresPacked, false)
      },
    ]
    for (const contend of round % 2 === 0 ? contenders : contenders.toReversed()) await contend()
  }
  {
    // Last of its members' work: afterwards there are two.
    await using store = await mongoStore(platform, 'stores_crash')
    losses.push({ store: store.name, ...(await crashLoss(store, queues, () => killPrimary(platform))) })
  }
  if (there) {
    await withPostgres(postgresRows, true)
    await withPostgres(postgresPacked, true)
  } else say('there is no postgres on this machine: only MongoDB was measured')

  const figures: Record<string, number> = {}
  const rows = [...runs].map(([name, all]) => {
    const key = name
      .replace(/ .*,/, '')
      .replaceAll(/[^a-zA-Z]+/g, '_')
      .replace(/_$/, '')
      .toLowerCase()
    const rates = all.map(({ positionsPerS }) => positionsPerS)
    const tracks = all.flatMap(({ trackMs: times }) => times)
    figures[`${key}_positions_per_s`] = median(rates)
    figures[`${key}_spread`] = spread(rates)
    figures[`${key}_track_p50_ms`] = percentile(tracks, 0.5)
    figures[`${key}_track_p99_ms`] = percentile(tracks, 0.99)
    figures[`${key}_bytes_per_position`] = median(all.map(({ bytes }) => bytes))
    return {
      store: name,
      'positions/s': median(rates),
      spread: spread(rates),
      'track of 5 min, p50 ms': percentile(tracks, 0.5),
      'p99 ms': percentile(tracks, 0.99),
      'bytes/position': median(all.map(({ bytes }) => bytes)),
    }
  })
  for (const { store, confirmed, lost } of losses) {
    const name = `${store}`
    const key = name.startsWith('MongoDB')
      ? 'mongodb'
      : name.includes('packed')
        ? 'postgresql_packed'
        : 'postgresql_rows'
    figures[`${key}_confirmed_before_crash`] = Number(confirmed)
    figures[`${key}_lost_in_crash`] = Number(lost)
  }
  return {
    tables: [
      { title: `${seconds * fleet} positions of ${fleet} drones, straight into the store`, rows },
      ...(losses.length > 0 ? [{ title: 'a crash while storing', rows: losses }] : []),
    ],
    figures,
    ratios: {},
    bars: [],
    drawing: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: 'Positions stored a second, straight into the store',
      width: 480,
      data: { values: rows.map((row) => ({ store: row.store, rate: row['positions/s'] })) },
      mark: 'bar',
      encoding: {
        y: { field: 'store', type: 'nominal', sort: null, title: null, axis: { labelLimit: 260 } },
        x: { field: 'rate', type: 'quantitative', title: 'positions/s' },
      },
    },
  }
}

export const stores: Benchmark = {
  name: 'stores',
  question: 'What could stand in for MongoDB as the store of positions, at which rate, latency, size and loss?',
  run,
}
