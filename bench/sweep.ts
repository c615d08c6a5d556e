/** How ours fares with few and many drones, and with few and many partitions. */
import { type Run, runContender } from './backlog.ts'
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { createFlights } from './flights.ts'
import { startBenchPlatform } from './platform.ts'
import { enrol, fill } from './positions-topic.ts'

const count = 100_000
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
  const rows: { drones: number; partitions: number; run: Run }[] = []
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
    const database = `sweep_${drones}_${partitions}`
    const one = await runContender('ours', { platform, backlog, count: positions, database, stopped })
    await platform.mongo.db(database).dropDatabase()
    rows.push({ drones, partitions, run: one })
    say(`${drones} drones, ${partitions} partitions: ${Math.round(one.positionsPerS)}/s`)
  }
  const figures = Object.fromEntries(
    rows.flatMap(({ drones, partitions, run: one }) => [
      [`drones_${drones}_partitions_${partitions}_positions_per_s`, one.positionsPerS],
      [`drones_${drones}_partitions_${partitions}_own_processor_s_per_million`, one.ownProcessorS],
    ]),
  )
  return {
    tables: [
      {
        title: `a backlog of ${positions} positions, ours`,
        rows: rows.map(({ drones, partitions, run: one }) => ({
          drones,
          partitions,
          'positions/s': one.positionsPerS,
          'own CPU s/million': one.ownProcessorS,
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
        values: rows.map(({ drones, partitions, run: one }) => ({
          drones,
          partitions: `${partitions} partitions`,
          rate: one.positionsPerS,
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
