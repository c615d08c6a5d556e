/** How fast positions are stored from a backlog, by which shape of storage, at which cost. */
import { topics } from '@fleet/contracts/topics'
import type { Db } from 'mongodb'
import { checkSample, diskBytes, indexTracks, type Name, type Run, repackAll, runContender } from './backlog.ts'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { createFlights } from './flights.ts'
import { startBenchPlatform } from './platform.ts'
import { enrol, fill } from './positions-topic.ts'
import { median, spread } from './statistics.ts'

/** Each stores as much of the backlog as it gets to in some seconds. */
const shares: readonly { name: Name; words: string }[] = [
  { name: 'ceiling', words: 'consume and parse alone' },
  { name: 'ours', words: 'ours, every guarantee on' },
  { name: 'insert-many', words: 'insertMany a batch' },
  { name: 'time-series', words: 'time-series collection' },
  { name: 'connect', words: 'Kafka Connect sink' },
  { name: 'insert-one', words: 'insertOne a message' },
]
const backlogPositions = 1_000_000
const smallBacklog = 3_000
const drones = 1_000
const rounds = 3
/** The flights lie in the past, as a backlog does. */
const agoMs = 3_600_000

async function run({ say, small, size, stopped }: BenchmarkContext): Promise<Answer> {
  const nowMs = () => performance.timeOrigin + performance.now()
  await using platform = await startBenchPlatform({ nowMs })
  const { name: topic, partitions } = topics.dronePositions
  const most = small ? smallBacklog : (size ?? backlogPositions)
  const fleet = small ? 50 : drones
  await enrol(platform.kafka, createFlights(fleet).ids)
  const startedMs = performance.now()
  const backlog = await fill(platform.kafka, {
    topic,
    partitions,
    drones: fleet,
    seconds: Math.ceil(most / fleet),
    fromMs: Math.round(nowMs() - agoMs),
    fleetSecret: platform.fleetSecret,
    stopped,
    sampleBelow: most,
  })
  say(
    `${backlog.count} positions of ${fleet} drones filled in, ${((performance.now() - startedMs) / 1_000).toFixed(0)} s`,
  )

  const runs = new Map<Name, Run[]>(shares.map(({ name }) => [name, []]))
  for (let round = 0; round < (small ? 1 : rounds); round++) {
    for (const share of round % 2 === 0 ? shares : shares.toReversed()) {
      const { name } = share
      const database = `bench_${name.replace('-', '_')}_${round}`
      const one = await runContender(name, {
        platform,
        backlog,
        count: small && name === 'insert-one' ? 200 : most,
        database,
        stopped,
      })
      const db = platform.mongo.db(database)
      if (name !== 'ceiling') {
        if (name !== 'ours') await indexTracks(db)
        const found = await checkSample(name, platform, backlog, database)
        if (found === 0) throw new Error(`${name} holds nothing of the sample`)
        const stored = name === 'ours' ? await storedPositions(db) : await db.collection('positions').countDocuments()
        if (name === 'ours') {
          one.bytesBefore = (await diskBytes(db)) / stored
          const repacked = await repackAll(platform, { database, partitions, nowMs })
          one.repackProcessorS = repacked.processorS
          if (repacked.positions !== stored) throw new Error(`${repacked.positions} of ${stored} positions re-packed`)
          await checkSample(name, platform, backlog, database)
        }
        one.bytes = (await diskBytes(db)) / stored
      }
      await db.dropDatabase()
      runs.get(name)?.push(one)
      say(
        `round ${round + 1}, ${name}: ${Math.round(one.positionsPerS)}/s, ${one.ownProcessorS.toFixed(1)} s own and ` +
          `${one.allProcessorS.toFixed(1)} s in all a million, ${one.bytes.toFixed(1)} bytes, ${one.peakMiB.toFixed(0)} MiB`,
      )
    }
  }
  return answer(runs)
}

/** What the packed batches say that they hold. */
async function storedPositions(db: Db): Promise<number> {
  const [sum] = await db
    .collection('position_batches')
    .aggregate([{ $group: { _id: null, n: { $sum: '$n' } } }])
    .toArray()
  return Number(sum?.n ?? 0)
}

function answer(runs: ReadonlyMap<Name, Run[]>): Answer {
  const figures: Record<string, number> = {}
  const rows = shares.map(({ name, words }) => {
    const all = runs.get(name) ?? []
    const of = (key: keyof Run) => median(all.map((one) => one[key] ?? Number.NaN))
    const rates = all.map(({ positionsPerS }) => positionsPerS)
    const key = name.replace('-', '_')
    figures[`${key}_positions_per_s`] = median(rates)
    figures[`${key}_spread`] = spread(rates)
    for (const [i, rate] of rates.entries()) figures[`${key}_positions_per_s_round_${i + 1}`] = rate
    figures[`${key}_own_processor_s_per_million`] = of('ownProcessorS')
    figures[`${key}_all_processor_s_per_million`] = of('allProcessorS')
    figures[`${key}_peak_mib`] = Math.max(...all.map((one) => one.peakMiB))
    if (name !== 'ceiling') figures[`${key}_bytes_per_position`] = of('bytes')
    return {
      contender: words,
      'positions/s': median(rates),
      spread: spread(rates),
      'own CPU s/million': of('ownProcessorS'),
      'all CPU s/million': of('allProcessorS'),
      'peak MiB': Math.max(...all.map((one) => one.peakMiB)),
      'bytes/position': name === 'ceiling' ? '' : of('bytes'),
    }
  })
  const rate = (key: string) => figures[`${key}_positions_per_s`] ?? Number.NaN
  const ratios = {
    ours_per_connect: rate('ours') / rate('connect'),
    ours_per_insert_many: rate('ours') / rate('insert_many'),
    ours_per_ceiling: rate('ours') / rate('ceiling'),
  }
  const own = runs.get('ours') ?? []
  figures.ours_bytes_per_position_before_repacking = median(own.flatMap(({ bytesBefore }) => bytesBefore ?? []))
  figures.ours_repacking_processor_s_per_million = median(own.flatMap(({ repackProcessorS }) => repackProcessorS ?? []))
  return {
    tables: [{ title: 'a backlog of 1,000 drones, median of three', rows }],
    figures,
    ratios,
    bars: [
      { name: 'ours_per_connect', value: ratios.ours_per_connect, limit: 6, must: 'be-at-least' },
      { name: 'ours_per_insert_many', value: ratios.ours_per_insert_many, limit: 1.5, must: 'be-at-least' },
      {
        name: 'ours_bytes_per_position',
        value: figures.ours_bytes_per_position ?? Number.NaN,
        limit: 16,
        must: 'be-at-most',
      },
    ],
    drawing: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: 'Positions stored a second, from a backlog of 1,000 drones',
      width: 480,
      data: { values: shares.map(({ name, words }) => ({ contender: words, rate: rate(name.replace('-', '_')) })) },
      mark: 'bar',
      encoding: {
        y: { field: 'contender', type: 'nominal', sort: null, title: null },
        x: { field: 'rate', type: 'quantitative', title: 'positions/s' },
      },
    },
  }
}

export const telemetry: Benchmark = {
  name: 'telemetry',
  question: 'How fast is a backlog of positions stored, by which shape of storage, at which cost?',
  run,
}
