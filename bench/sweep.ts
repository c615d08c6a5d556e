/** How ours fares with few and many drones, and with few and many partitions. */
import { runContender } from './backlog.ts'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { createFlights } from './flights.ts'
import { startBenchPlatform } from './platform.ts'
import { enrol, fill } from './positions-topic.ts'
import { median, spread } from './statistics.ts'

/** Several seconds' worth, so that a run lasts longer than its warm-up. */
const count = 600_000
const repeats = 3
const sizes: readonly { drones: number; partitions: number }[] = [
  { drones: 10, partitions: 12 },
  { drones: 100, partitions: 12 },
  { drones: 1_000, partitions: 12 },
  { drones: 10_000, partitions: 12 },
  { drones: 100_000, partitions: 12 },
  { drones: 1_000, partitions: 1 },
  { drones: 1_000, partitions: 3 },
]
const smallSizes: typeof sizes = [
  { drones: 10, partitions: 3 },
  { drones: 200, partitions: 1 },
]

async function run({ say, small, stopped }: BenchmarkContext): Promise<Answer> {
  const nowMs = () => performance.timeOrigin + performance.now()
  await using platform = await startBenchPlatform({ nowMs })
  const wanted = small ? smallSizes : sizes
  const positions = small ? 2_000 : count
  await enrol(platform.kafka, createFlights(Math.max(...wanted.map(({ drones }) => drones))).ids)
  const rows: { drones: number; partitions: number; rates: number[]; costs: number[] }[] = []
  for (const { drones, partitions } of wanted) {
    const topic = `sweep-${drones}-${partitions}`
    await platform.createTopic(topic, partitions)
    const backlog = await fill(platform.kafka, {
      topic,
      partitions,
      drones,
      seconds: Math.ceil(positions / drones),
      fromMs: Math.round(nowMs() - 4 * 3_600_000),
      fleetSecret: platform.fleetSecret,
      stopped,
      sampleBelow: 0,
    })
    const rates: number[] = []
    const costs: number[] = []
    for (let repeat = 1; repeat <= (small ? 1 : repeats); repeat++) {
      const database = `sweep_${drones}_${partitions}_${repeat}`
      const one = await runContender('ours', { platform, backlog, count: positions, database, stopped })
      await platform.mongo.db(database).dropDatabase()
      rates.push(one.positionsPerS)
      costs.push(one.ownProcessorS)
    }
    rows.push({ drones, partitions, rates, costs })
    say(`${drones} drones, ${partitions} partitions: ${rates.map(Math.round).join(', ')}/s`)
  }
  const figures = Object.fromEntries(
    rows.flatMap(({ drones, partitions, rates, costs }) => [
      [`drones_${drones}_partitions_${partitions}_positions_per_s`, median(rates)],
      [`drones_${drones}_partitions_${partitions}_positions_per_s_spread`, spread(rates)],
      [`drones_${drones}_partitions_${partitions}_own_processor_s_per_million`, median(costs)],
    ]),
  )
  return {
    tables: [
      {
        title: `a backlog of ${positions} positions, ours`,
        rows: rows.map(({ drones, partitions, rates, costs }) => ({
          drones,
          partitions,
          'positions/s': median(rates),
          spread: spread(rates),
          'own CPU s/million': median(costs),
        })),
      },
    ],
    figures,
    ratios: {},
    bars: [],
    drawing: {
      $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
      title: 'Positions stored a second, by drones and partitions',
      width: 480,
      data: {
        values: rows.map(({ drones, partitions, rates }) => ({
          drones,
          partitions: `${partitions} partitions`,
          rate: median(rates),
        })),
      },
      mark: { type: 'line', point: true },
      encoding: {
        x: { field: 'drones', type: 'quantitative', scale: { type: 'log' } },
        y: { field: 'rate', type: 'quantitative', title: 'positions/s' },
        color: { field: 'partitions', type: 'nominal', title: null },
      },
    },
  }
}

export const sweep: Benchmark = {
  name: 'telemetry-sweep',
  question: 'How does the rate of storing depend on how many drones and partitions there are?',
  run,
}
