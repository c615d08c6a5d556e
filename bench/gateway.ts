/** Benchmark `gateway`: what the front door costs, against what stands behind it and against nearly nothing. */
import type { Answer, Benchmark, BenchmarkContext } from './benchmark.ts'
import { childAnswer } from './child-answer.ts'
import { processorS } from './contender.ts'
import { withCoresApart } from './cores.ts'
import type { VisualizationSpec } from './drawing.ts'
import { type FanOut, fanOut } from './fan-out.ts'
import { LoadResult, type LoadSpec } from './load.ts'
import { type Contender, type OrderContenders, startOrderContenders } from './order-contenders.ts'
import { median, spread } from './statistics.ts'

const contenders: readonly Contender[] = ['bare endpoint', 'order service', 'gateway']
/** At which the bars are. */
const barConnections = 32
const sizes = {
  full: {
    connections: [1, 8, 32, 64],
    rounds: 3,
    warmUpMs: 700,
    measureMs: 3_500,
    pairs: 7,
    viewers: [10, 100, 500],
    events: 50,
  },
  small: { connections: [2], rounds: 1, warmUpMs: 200, measureMs: 500, pairs: 1, viewers: [3], events: 3 },
}
type Size = (typeof sizes)['full']

type Run = Pick<LoadResult, 'perS' | 'p50Ms' | 'p99Ms'> & {
  contender: Contender
  connections: number
  /** What the gateway used for each order that was accepted. */
  gatewayProcessorMs: number
}
/** Both loaded at the same time, each by half the connections, the gateway on a core of its own (decision 0028). */
type Pair = { connections: number; service_p50_ms: number; gateway_p50_ms: number }

const barAt = ({ connections: levels }: Size) => (levels.includes(barConnections) ? barConnections : (levels[0] ?? 1))

/** Loads one contender, which must accept all of it. */
async function loaded(
  stage: OrderContenders,
  contender: Contender,
  connections: number,
  { warmUpMs, measureMs, stopped }: Size & { stopped: AbortSignal },
) {
  const spec: LoadSpec = {
    origin: stage.origins[contender],
    path: '/v1/orders',
    headers: { authorization: stage.bearer },
    body: JSON.stringify(stage.body),
    connections,
    warmUpMs,
    measureMs,
  }
  const { failures, ...told } = await childAnswer('load-main.ts', spec, { answer: LoadResult, stopped })
  if (failures.count > 0) throw new Error(`${contender}: ${failures.count} failed: ${failures.first.join('; ')}`)
  return told
}

async function runAll(stage: OrderContenders, size: Size, { say, stopped }: BenchmarkContext) {
  const runs: Run[] = []
  const pairs: Pair[] = []
  const accepted: Record<Contender, string[]> = { gateway: [], 'order service': [], 'bare endpoint': [] }
  const before = await countsOf(stage, accepted)
  for (let round = 0; round < size.rounds; round += 1) {
    for (const connections of size.connections) {
      for (const contender of round % 2 === 0 ? contenders : contenders.toReversed()) {
        const usedS = processorS(stage.pids.gateway)
        const { ids, ...told } = await loaded(stage, contender, connections, { ...size, stopped })
        accepted[contender].push(...ids)
        const gatewayProcessorMs = (1_000 * (processorS(stage.pids.gateway) - usedS)) / ids.length
        runs.push({ contender, connections, ...told, gatewayProcessorMs })
        const rate = `${told.perS.toFixed(0)}/s, median ${told.p50Ms.toFixed(1)} ms`
        say(`round ${round + 1}, ${connections} connections, ${contender}: ${rate}`)
      }
    }
  }
  await withCoresApart({ front: stage.pids.gateway, behind: stage.pids.behind }, async () => {
    const half = Math.max(1, barAt(size) / 2)
    for (let pair = 0; pair < size.pairs; pair += 1) {
      const [service, gateway] = await Promise.all([
        loaded(stage, 'order service', half, { ...size, stopped }),
        loaded(stage, 'gateway', half, { ...size, stopped }),
      ])
      accepted['order service'].push(...service.ids)
      accepted.gateway.push(...gateway.ids)
      pairs.push({ connections: 2 * half, service_p50_ms: service.p50Ms, gateway_p50_ms: gateway.p50Ms })
      const medians = `${gateway.p50Ms.toFixed(1)} and ${service.p50Ms.toFixed(1)} ms`
      say(`pair ${pair + 1}, ${half} connections through the gateway and ${half} at the service at once: ${medians}`)
    }
  })
  const after = await countsOf(stage, accepted)
  for (const [place, { all, found, asked }] of Object.entries(after)) {
    const added = all - (before[place]?.all ?? 0)
    if (found === asked && added === asked) say(`${place}: ${asked} accepted, each found once`)
    else throw new Error(`${place}: ${asked} accepted, ${found} of them found, ${added} added`)
  }
  return { runs, pairs }
}

/** By database: how many orders there are, how many different ones were accepted, and how many of these are there. */
async function countsOf({ stored }: OrderContenders, accepted: Record<Contender, string[]>) {
  const count = async (contender: Contender, ids: string[]) => {
    const different = new Set(ids)
    if (different.size !== ids.length) throw new Error(`${contender}: one order was accepted twice`)
    return { ...(await stored(contender, ids)), asked: ids.length }
  }
  const services = [...accepted.gateway, ...accepted['order service']]
  const counts: Record<string, { all: number; found: number; asked: number }> = {
    services: await count('order service', services),
    'bare endpoint': await count('bare endpoint', accepted['bare endpoint']),
  }
  return counts
}

const keyOf = (contender: Contender) => contender.replace(' ', '_')

/** Medians over the rounds. */
function summed(runs: readonly Run[], contender: Contender, connections: number) {
  const own = runs.filter((run) => run.contender === contender && run.connections === connections)
  const rates = own.map(({ perS }) => perS)
  return {
    contender,
    connections,
    orders_per_s: median(rates),
    spread_pct: 100 * spread(rates),
    p50_ms: median(own.map(({ p50Ms }) => p50Ms)),
    p99_ms: median(own.map(({ p99Ms }) => p99Ms)),
  }
}

function answerOf({ runs, pairs }: { runs: Run[]; pairs: Pair[] }, fans: readonly FanOut[], size: Size): Answer {
  const { connections: levels } = size
  const rows = levels.flatMap((connections) => contenders.map((contender) => summed(runs, contender, connections)))
  const at = (contender: Contender, connections: number) => summed(runs, contender, connections)
  const bar = barAt(size)
  const added = pairs.map(({ service_p50_ms, gateway_p50_ms }) => gateway_p50_ms - service_p50_ms)
  const addsApartMs = median(added)
  const addsMs = (connections: number) => at('gateway', connections).p50_ms - at('order service', connections).p50_ms
  const figures: Record<string, number> = {}
  for (const { contender, connections, orders_per_s, p50_ms, p99_ms, spread_pct } of rows) {
    const key = `${keyOf(contender)}_at_${connections}`
    Object.assign(figures, {
      [`${key}_orders_per_s`]: orders_per_s,
      [`${key}_p50_ms`]: p50_ms,
      [`${key}_p99_ms`]: p99_ms,
      [`${key}_spread_pct`]: spread_pct,
    })
  }
  for (const connections of levels) figures[`gateway_adds_at_${connections}_on_shared_cores_ms`] = addsMs(connections)
  const ownMs = runs.flatMap((run) =>
    run.contender === 'gateway' && run.connections === bar ? [run.gatewayProcessorMs] : [],
  )
  Object.assign(figures, {
    [`gateway_adds_at_${bar}_ms`]: addsApartMs,
    [`gateway_adds_at_${bar}_least_ms`]: Math.min(...added),
    [`gateway_adds_at_${bar}_most_ms`]: Math.max(...added),
    [`gateway_processor_ms_per_order_at_${bar}`]: median(ownMs),
  })
  for (const { viewers, events_per_s, delay_p50_ms, delay_p99_ms } of fans) {
    Object.assign(figures, {
      [`fan_out_to_${viewers}_events_per_s`]: events_per_s,
      [`fan_out_to_${viewers}_delay_p50_ms`]: delay_p50_ms,
      [`fan_out_to_${viewers}_delay_p99_ms`]: delay_p99_ms,
    })
  }
  const per = (one: Contender, other: Contender) => at(one, bar).orders_per_s / at(other, bar).orders_per_s
  const ratios = {
    gateway_per_bare: per('gateway', 'bare endpoint'),
    gateway_per_service: per('gateway', 'order service'),
    service_per_bare: per('order service', 'bare endpoint'),
  }
  return {
    tables: [
      { title: 'Accepted orders, by connections (medians over the rounds)', rows },
      { title: 'What a request pays for the gateway: both loaded at once, the gateway on its own core', rows: pairs },
      { title: 'One order watched live: ten events a second', rows: fans.map((fan) => ({ ...fan })) },
    ],
    figures,
    ratios,
    bars: [
      { name: 'gateway_per_bare', value: ratios.gateway_per_bare, limit: 0.5, must: 'be-at-least' },
      { name: `gateway_adds_at_${bar}_ms`, value: addsApartMs, limit: 3, must: 'be-at-most' },
    ],
    drawing: drawingOf(rows),
  }
}

const drawingOf = (values: Record<string, unknown>[]): VisualizationSpec => ({
  $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
  title: 'Accepted orders per second, by connections',
  data: { values },
  width: 480,
  height: 300,
  mark: { type: 'line', point: true },
  encoding: {
    x: { field: 'connections', type: 'ordinal', title: 'connections, closed loop' },
    y: { field: 'orders_per_s', type: 'quantitative', title: 'orders per second' },
    color: { field: 'contender', type: 'nominal', title: null },
  },
})

export const gateway: Benchmark = {
  name: 'gateway',
  question: 'How many orders does the front door take, against the order service alone and against a bare endpoint?',
  run: async (context) => {
    const size = context.small ? sizes.small : sizes.full
    const stage = await startOrderContenders(context.say)
    try {
      const seen = await runAll(stage, size, context)
      const fans: FanOut[] = []
      for (const viewers of size.viewers) {
        fans.push(await fanOut(stage, { viewers, events: size.events, stopped: context.stopped }))
      }
      return answerOf(seen, fans, size)
    } finally {
      await stage.close()
    }
  },
}
