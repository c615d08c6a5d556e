/** `npm run bench -- NAME [--small] [--size N] [--seed TEXT] | --list | --page`: a table on the terminal, the same figures in results/NAME.json, a picture beside it. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { z } from 'zod'
import { type Answer, type Bar, type Benchmark, isReached } from './benchmark.ts'
import { drawSvg } from './drawing.ts'
import { fleet } from './fleet.ts'
import { gateway } from './gateway.ts'
import { isolation } from './isolation.ts'
import { live } from './live.ts'
import { pageFile, pageOf, resultsFolder, round } from './page.ts'
import { recovery } from './recovery.ts'
import { stores } from './stores.ts'
import { sweep } from './sweep.ts'
import { telemetry } from './telemetry.ts'

const benchmarks: readonly Benchmark[] = [gateway, recovery, telemetry, live, sweep, isolation, fleet, stores]

const usage = 'npm run bench -- NAME [--small] [--size N] [--seed TEXT] | --list | --page'
const Size = z.coerce.number().int().min(1).max(10_000_000)
const say = (line: string) => console.log(line)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    list: { type: 'boolean', default: false },
    small: { type: 'boolean', default: false },
    size: { type: 'string' },
    seed: { type: 'string' },
    page: { type: 'boolean', default: false },
  },
})

function tell(bar: Bar): void {
  const words = bar.must === 'be-at-least' ? 'at least' : 'at most'
  say(`${isReached(bar) ? 'ok  ' : 'FAIL'} ${bar.name} = ${round(bar.value)} (${words} ${bar.limit})`)
}

async function keep({ name, question }: Benchmark, { figures, ratios, bars, drawing }: Answer): Promise<void> {
  const folder = resultsFolder
  mkdirSync(folder, { recursive: true })
  const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`
  const result = { name, question, machine, at: new Date().toISOString(), figures, ratios, bars }
  writeFileSync(join(folder, `${name}.json`), `${JSON.stringify(result, null, 2)}\n`)
  if (drawing !== undefined) writeFileSync(join(folder, `${name}.svg`), await drawSvg(drawing))
  writePage()
}

const writePage = () => writeFileSync(pageFile, pageOf(resultsFolder))

async function run(benchmark: Benchmark): Promise<number> {
  const { name, question, run: measure } = benchmark
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  say(`${name}: ${question}`)
  const size = values.size === undefined ? undefined : Size.parse(values.size)
  const answer = await measure({ say, small: values.small, size, seed: values.seed, stopped: stop.signal })
  for (const { title, rows } of answer.tables) {
    say(`\n${title}`)
    const shown = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([key, cell]) => [key, typeof cell === 'number' ? round(cell) : cell]),
      ),
    )
    console.table(shown)
  }
  if (values.small) {
    say('a small size: nothing was measured, no result is written')
    return 0
  }
  if (values.size === undefined && values.seed === undefined) await keep(benchmark, answer)
  else say('not its own size or seed: no result is written')
  for (const bar of answer.bars) tell(bar)
  return answer.bars.every(isReached) ? 0 : 1
}

if (values.page) {
  writePage()
} else if (values.list) {
  for (const { name, question } of benchmarks) say(`${name.padEnd(20)} ${question}`)
} else {
  const [wanted] = positionals
  const chosen = benchmarks.find(({ name }) => name === wanted)
  if (chosen === undefined) {
    say(wanted === undefined ? usage : `there is no benchmark ${wanted}; see --list`)
    process.exit(2)
  }
  process.exit(await run(chosen))
}
