/** How soon a position can be read, while a whole fleet reports once a second. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { openDatabase } from '@fleet/messaging/database'
import { partitionOf } from '@fleet/messaging/topic'
import { createPositionStore } from '../services/position/store.ts'
import { indexTracks, type Name, start } from './backlog.ts'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { documentsCollection, processorS } from './contender.ts'
import { createFlights } from './flights.ts'
import { type Platform, startBenchPlatform } from './platform.ts'
import { createSigner, enrol } from './positions-topic.ts'
import { percentile } from './statistics.ts'

const dronesByDefault = 10_000
const measuredS = 30
const warmS = 5
/** The drones of a second are spread over it in so many sends; one position of every fifth is looked for. */
const sendsPerS = 20
const probeEvery = 5
/** One after the other, the oldest first: readers that crowd would be what is measured. */
const askEveryMs = 20
const readableMsMax = 20_000
const contenders: readonly { name: Name; words: string }[] = [
  { name: 'ours', words: 'ours, every guarantee on' },
  { name: 'insert-many', words: 'insertMany a batch' },
  { name: 'connect', words: 'Kafka Connect sink' },
]

type Reader = { has(position: DronePosition): Promise<boolean>; close(): Promise<void> }

async function openReader(name: Name, platform: Platform, database: string, partitions: number): Promise<Reader> {
  if (name !== 'ours') {
    const rows = platform.mongo.db(database).collection(documentsCollection)
    const has = async ({ droneId, takenAtMs }: DronePosition) =>
      (await rows.findOne({ droneId, takenAtMs }, { readConcern: 'majority' })) !== null
    return { has, close: async () => undefined }
  }
  const db = await openDatabase(platform.mongoUri(database))
  const store = await createPositionStore(db.connection)
  return {
    has: async ({ droneId, takenAtMs }) => {
      const window = { partition: partitionOf(droneId, partitions), droneId, fromMs: takenAtMs, toMs: takenAtMs }
      for await (const some of store.positionsOf(window)) if (some.length > 0) return true
      return false
    },
    close: () => db.close(),
  }
}

async function measure(
  name: Name,
  { platform, drones, seconds, stopped }: { platform: Platform; drones: number; seconds: number; stopped: AbortSignal },
) {
  const { partitions } = topics.dronePositions
  const topic = `live-${name}`
  const database = `live_${name.replace('-', '_')}`
  await platform.createTopic(topic, partitions)
  const signed = createSigner(platform.fleetSecret, topic)
  const contender = await start(name, platform, { topic, partitions }, { database, processes: 1 })
  if (name !== 'ours') await indexTracks(platform.mongo.db(database))
  const reader = await openReader(name, platform, database, partitions)
  const producer = platform.kafka.producer({ maxInFlightRequests: 5 })
  await producer.connect()
  const flights = createFlights(drones)
  const nowMs = () => performance.timeOrigin + performance.now()
  const latencies: number[] = []
  const sends: Promise<unknown>[] = []
  let looking = Promise.resolve()
  /** Further than is waited for: then nothing more is looked for. */
  let isBehind = false
  let failed: unknown
  const lookFor = async (probe: DronePosition, sentMs: number) => {
    if (isBehind || failed !== undefined) return
    try {
      while (!(await reader.has(probe))) {
        isBehind = performance.now() - sentMs > readableMsMax
        if (isBehind) return
        await sleep(askEveryMs)
      }
      latencies.push(performance.now() - sentMs)
    } catch (error) {
      failed = error
    }
  }
  let used = 0
  let second: DronePosition[] = []
  try {
    const startedMs = performance.now()
    for (let send = 0; send < (warmS + seconds) * sendsPerS; send++) {
      stopped.throwIfAborted()
      contender.check()
      if (failed !== undefined) throw failed
      const dueMs = startedMs + (send * 1_000) / sendsPerS
      if (dueMs > performance.now()) await sleep(dueMs - performance.now())
      if (send === warmS * sendsPerS) used = processorS(contender.pids)
      const takenAtMs = UnixMs.parse(Math.round(nowMs()))
      // Every drone's turn comes once a second.
      const slot = send % sendsPerS
      if (slot === 0) second = flights.second(takenAtMs)
      const positions = second.filter((_, i) => i % sendsPerS === slot).map((one) => ({ ...one, takenAtMs }))
      const [probe] = positions
      const sentMs = performance.now()
      sends.push(producer.send({ topic, acks: -1, messages: positions.map(signed) }))
      if (probe === undefined || send < warmS * sendsPerS || send % probeEvery !== 0) continue
      looking = looking.then(() => lookFor(probe, sentMs))
    }
    const tookS = (performance.now() - startedMs) / 1_000 - warmS
    const cores = (processorS(contender.pids) - used) / tookS
    await Promise.all([...sends, looking])
    if (failed !== undefined) throw failed
    return { latencies, isBehind, cores, perS: (seconds * drones) / tookS }
  } finally {
    await Promise.allSettled([...sends, looking])
    await contender.stop()
    await producer.disconnect()
    await reader.close()
    await platform.mongo.db(database).dropDatabase()
  }
}

async function run({ say, small, size, stopped }: BenchmarkContext): Promise<Answer> {
  const nowMs = () => performance.timeOrigin + performance.now()
  const drones = small ? 100 : (size ?? dronesByDefault)
  await using platform = await startBenchPlatform({ nowMs })
  await enrol(platform.kafka, createFlights(drones).ids)
  const figures: Record<string, number> = { drones }
  const rows = []
  for (const { name, words } of contenders) {
    const { latencies, isBehind, cores, perS } = await measure(name, {
      platform,
      drones,
      seconds: small ? 2 : measuredS,
      stopped,
    })
    const key = name.replace('-', '_')
    // Of one that falls behind, what is known is that it takes longer than was waited for.
    const at = (share: number) => (isBehind ? readableMsMax : percentile(latencies, share))
    const [p50, p99] = [at(0.5), at(0.99)]
    Object.assign(figures, {
      [`${key}_readable_p50_ms`]: p50,
      [`${key}_readable_p99_ms`]: p99,
      [`${key}_falls_behind`]: Number(isBehind),
      [`${key}_cores`]: cores,
      [`${key}_sent_per_s`]: perS,
    })
    rows.push({
      contender: words,
      'sent/s': perS,
      'readable p50, ms': p50,
      'p99, ms': p99,
      'falls behind': isBehind ? 'yes' : 'no',
      'own cores': cores,
    })
    say(`${words}: readable after ${p50.toFixed(0)} ms (p50), ${p99.toFixed(0)} ms (p99)${isBehind ? ' and more' : ''}`)
  }
  return {
    tables: [{ title: `${drones} drones at 1 Hz, from producer.send to readable`, rows }],
    figures,
    ratios: {},
    bars: [],
    drawing: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: `From producer.send to readable, ${drones} drones at 1 Hz`,
      width: 480,
      data: {
        values: rows.flatMap((row) => [
          { contender: row.contender, what: 'p50', ms: row['readable p50, ms'] },
          { contender: row.contender, what: 'p99', ms: row['p99, ms'] },
        ]),
      },
      mark: 'bar',
      encoding: {
        y: { field: 'contender', type: 'nominal', sort: null, title: null },
        yOffset: { field: 'what' },
        x: { field: 'ms', type: 'quantitative', title: 'ms' },
        color: { field: 'what', type: 'nominal', title: null },
      },
    },
  }
}

export const live: Benchmark = {
  name: 'telemetry-live',
  question: 'How soon can a position be read, while ten thousand drones report once a second?',
  run,
}
