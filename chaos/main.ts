/**
 * `npm run chaos -- --seconds N --seed S [--seeds A,B,C] [--running] [--record]`: the fault campaign; exit 0 only where valid.
 */
import { cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LocalConfig } from '@fleet/local/launch'
import { readConfig } from '@fleet/runtime/config'
import { availabilityOf, recoveriesOf } from './availability.ts'
import { type CampaignResult, runCampaign } from './campaign.ts'
import { startOwnStack } from './own-stack.ts'
import { faultLines, verdictLines } from './table.ts'
import { ownTarget, runningTarget } from './target.ts'

const say = (line: string) => console.log(line)
const results = join(import.meta.dirname, 'results')
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    running: { type: 'boolean', default: false },
  },
})

// kafkajs sets a timer to a negative time, which does no harm: that one warning is not for whoever reads these lines.
process.removeAllListeners('warning').on('warning', (warning) => {
  if (warning.name !== 'TimeoutNegativeWarning') console.error(warning)
})
const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130)
    say(`chaos: ${signal}, ending (again: at once)`)
    stop.abort()
  })
}

function keep({ history, verdict, evidence, quietMs }: CampaignResult, logs: string): void {
  mkdirSync(results, { recursive: true })
  const summary = {
    name: 'chaos',
    machine,
    at: new Date().toISOString(),
    load: loadavg().map((load) => Number(load.toFixed(1))),
    seed: history.seed,
    seconds: history.seconds,
    quietS: Number((quietMs / 1_000).toFixed(1)),
    ...verdict,
    availability: availabilityOf(history),
    faults: recoveriesOf(history),
  }
  writeFileSync(join(results, 'latest.json'), `${JSON.stringify(summary, null, 2)}\n`)
  if (verdict.verdict === 'valid') return
  const folder = join(results, `failed-${history.seed}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history, null, 2))
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidence))
  writeFileSync(join(folder, 'verdict.json'), JSON.stringify(summary, null, 2))
  cpSync(logs, join(folder, 'logs'), { recursive: true })
  say(`the history, the evidence and the logs are kept in ${folder}`)
}

async function campaign(seed: number, seconds: number): Promise<boolean> {
  const tell = (result: CampaignResult, logs: string) => {
    for (const line of ['', ...faultLines(result.history), '', ...verdictLines(result.history, result.verdict)])
      say(line)
    keep(result, logs)
    return result.verdict.verdict === 'valid'
  }
  if (values.running) {
    const target = runningTarget(readConfig(LocalConfig).LOCAL_DIR)
    say(`chaos: seed ${seed}, on the running stack`)
    return tell(await runCampaign({ target, seed, seconds, say, stopped: stop.signal }), target.info().folders.logs)
  }
  say(`chaos: seed ${seed}, starting a stack`)
  await using stack = await startOwnStack({ seed, nowMs: Date.now, say: (line) => console.error(line) })
  const target = ownTarget(stack, null)
  return tell(await runCampaign({ target, seed, seconds, say, stopped: stop.signal }), target.info().folders.logs)
}

const seconds = Number(values.seconds)
const seeds = (values.seeds ?? values.seed).split(',').map(Number)
let valid = true
for (const seed of seeds) {
  if (stop.signal.aborted) break
  valid = (await campaign(seed, seconds)) && valid
}
process.exit(valid && !stop.signal.aborted ? 0 : 1)
