/**
 * `npm run chaos -- --seconds N --seed S`: the fault campaign on a stack of its own; exit 0 only where valid. Further:
 * `--seeds A,B,C` one after the other; `--direct` without proxies; `--running` on the stack that runs in LOCAL_DIR;
 * `--canary [NAME]` broken builds, which must be caught; `--provoke NAME` a canary's faults on the build as it is;
 * `--experiment [NAME]` experiments (`experiments/*.json`) on one stack; `--record` into docs/faults.md.
 */
import { cpSync, existsSync, mkdirSync, writeFileSync } from 'node:fs'
import { cpus, loadavg, totalmem } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LocalConfig } from '@fleet/local/launch'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { availabilityOf, recoveriesOf } from './availability.ts'
import { type CampaignResult, kindOf, runCampaign } from './campaign.ts'
import { canaries } from './canaries.ts'
import { type CanaryResult, runCanary } from './canary-run.ts'
import { broken, type Measured, readExperiments } from './experiment.ts'
import { measure, playExperiments, type Trial } from './experiment-run.ts'
import { startOwnStack } from './own-stack.ts'
import { provocations } from './provocations.ts'
import { PumbaConfig } from './pumba.ts'
import { record } from './record.ts'
import { faultLines, verdictLines } from './table.ts'
import { ownTarget, runningTarget, type Target } from './target.ts'

const say = (line: string) => console.log(line)
const results = join(import.meta.dirname, 'results')
const machine = `${cpus().length} × ${cpus()[0]?.model.trim()}, ${Math.round(totalmem() / 2 ** 30)} GiB`

const { values, positionals } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    seed: { type: 'string', default: '1' },
    seeds: { type: 'string' },
    running: { type: 'boolean', default: false },
    direct: { type: 'boolean', default: false },
    experiment: { type: 'boolean', default: false },
    canary: { type: 'boolean', default: false },
    provoke: { type: 'string' },
    record: { type: 'boolean', default: false },
  },
  allowPositionals: true,
})

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    if (stop.signal.aborted) process.exit(130)
    say(`chaos: ${signal}, ending (again: at once)`)
    stop.abort()
  })
}

/** What of a campaign goes into the table. */
function rowOf({
  seed,
  seconds,
  at,
  load,
  quietS,
  verdict,
  counts,
  lost,
  doubled,
  unexpected,
  availability,
  faults,
}: Summary) {
  const noticed = faults.flatMap(({ recoveredAfterMs }) =>
    recoveredAfterMs === null || recoveredAfterMs === 0 ? [] : [recoveredAfterMs],
  )
  const sorted = noticed.toSorted((a, b) => a - b)
  const asSeconds = (ms: number) => Number((ms / 1_000).toFixed(1))
  return {
    seed,
    seconds,
    at,
    machine,
    load: load[0] ?? 0,
    verdict,
    findings: lost.length + doubled.length + unexpected.length,
    ...counts,
    sharePct: availability.sharePct,
    recoveryMedianS: asSeconds(sorted[Math.floor(sorted.length / 2)] ?? 0),
    recoveryMaxS: asSeconds(sorted.at(-1) ?? 0),
    quietS,
    byFault: [...Map.groupBy(faults, ({ kind }) => kind)].map(([kind, own]) => ({
      kind,
      made: own.filter(({ failed }) => failed === null).length,
      backAfterS: own
        .filter(({ recoveredAfterMs }) => recoveredAfterMs !== 0)
        .map(({ recoveredAfterMs }) => (recoveredAfterMs === null ? null : asSeconds(recoveredAfterMs))),
    })),
  }
}

function summaryOf({ history, verdict, quietMs }: CampaignResult) {
  return {
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
}
type Summary = ReturnType<typeof summaryOf>

function keep(result: CampaignResult, logs: string): void {
  const { history, verdict, evidence } = result
  mkdirSync(results, { recursive: true })
  const summary = summaryOf(result)
  writeFileSync(join(results, 'latest.json'), `${JSON.stringify(summary, null, 2)}\n`)
  if (values.record && values.provoke === undefined && !values.experiment) record({ campaigns: [rowOf(summary)] })
  if (verdict.verdict === 'valid') return
  const folder = join(results, `failed-${history.seed}`)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'history.json'), JSON.stringify(history, null, 2))
  writeFileSync(join(folder, 'evidence.json'), JSON.stringify(evidence))
  writeFileSync(join(folder, 'verdict.json'), JSON.stringify(summary, null, 2))
  // Containers keep theirs themselves.
  if (existsSync(logs)) cpSync(logs, join(folder, 'logs'), { recursive: true })
  say(`the history, the evidence and the logs are kept in ${folder}`)
}

const provokeNamed = (name: string) => Object.entries(provocations).find(([known]) => known === name)?.[1]

async function campaign(seed: number, seconds: number): Promise<boolean> {
  const provoke = values.provoke === undefined ? undefined : provokeNamed(values.provoke)
  if (values.provoke !== undefined && provoke === undefined) throw new Error(`there is no canary ${values.provoke}`)
  const tell = (result: CampaignResult, logs: string) => {
    for (const line of ['', ...faultLines(result.history), '', ...verdictLines(result.history, result.verdict)])
      say(line)
    keep(result, logs)
    return result.verdict.verdict === 'valid'
  }
  if (values.running) {
    const target = await running()
    say(`chaos: seed ${seed}, on the running stack`)
    return tell(
      await runCampaign({ target, seed, seconds, provoke, say, stopped: stop.signal }),
      target.info().folders.logs,
    )
  }
  say(`chaos: seed ${seed}, starting a stack`)
  await using stack = await startOwnStack({
    seed,
    links: provoke === undefined && !values.direct,
    nowMs: Date.now,
    say: (line) => console.error(line),
  })
  const target = ownTarget(stack, stack.folder)
  return tell(
    await runCampaign({ target, seed, seconds, provoke, say, stopped: stop.signal }),
    target.info().folders.logs,
  )
}

const RunningConfig = LocalConfig.extend({ TOXIPROXY_URL: z.url().default('http://127.0.0.1:8474') }).extend(
  PumbaConfig.shape,
)
async function running(): Promise<Target> {
  const { LOCAL_DIR, TOXIPROXY_URL, PUMBA_IMAGE } = readConfig(RunningConfig)
  return runningTarget({ folder: LOCAL_DIR, toxiproxyUrl: TOXIPROXY_URL, pumbaImage: PUMBA_IMAGE })
}

async function showCanaries(): Promise<boolean> {
  const chosen = canaries.filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  if (chosen.length === 0)
    say(`there is no canary ${positionals.join(', ')}: ${canaries.map(({ name }) => name).join(', ')}`)
  const shown: CanaryResult[] = []
  for (const canary of chosen) {
    if (stop.signal.aborted) break
    say(`\ncanary ${canary.name}: ${canary.defect}`)
    shown.push(await runCanary(canary, stop.signal))
  }
  say('')
  for (const { name, caught, found, tookS } of shown)
    say(`${caught ? 'caught' : 'MISSED'}  ${name} (${tookS} s): ${found}`)
  if (values.record) record({ canaries: shown.filter(({ judged }) => judged) })
  return chosen.length > 0 && shown.length === chosen.length && shown.every(({ caught }) => caught)
}

async function runExperiments(): Promise<boolean> {
  const chosen = readExperiments().filter(({ name }) => positionals.length === 0 || positionals.includes(name))
  if (chosen.length === 0) {
    say(
      `there is no such experiment: ${readExperiments()
        .map(({ name }) => name)
        .join(', ')}`,
    )
    return false
  }
  const on = async (target: Target): Promise<boolean> => {
    const trials: Trial[] = []
    const provoke = playExperiments(chosen, trials, say)
    const result = await runCampaign({ target, seed: 0, seconds: 0, provoke, say, stopped: stop.signal })
    const { history, evidence, verdict } = result
    for (const line of ['', ...verdictLines(history, verdict), '']) say(line)
    keep(result, target.info().folders.logs)
    if ('missing' in evidence) return false
    const on = kindOf(target)
    const rows = trials.map((trial) => ({
      ...experimentRow(trial, measure(trial, history, evidence), verdict.verdict),
      on,
    }))
    for (const { name, held, figures } of rows) say(`${held ? 'held ' : 'BROKE'}  ${name}: ${JSON.stringify(figures)}`)
    if (values.record) record({ experiments: rows })
    return verdict.verdict === 'valid' && trials.length === chosen.length && rows.every(({ held }) => held)
  }
  if (values.running) return on(await running())
  say(`chaos: ${chosen.length} experiments, starting a stack`)
  await using stack = await startOwnStack({ seed: 1, links: true, nowMs: Date.now, say: (line) => console.error(line) })
  // Awaited here: the stack stops when this returns.
  return await on(ownTarget(stack, stack.folder))
}

function experimentRow(trial: Trial, measured: Measured, verdict: string) {
  const { experiment, failed } = trial
  const { ordersAgainS, servedPct, longestSilenceS, wholeAgainS, refusals } = measured
  const faults = [...broken(experiment, measured), ...(failed === null ? [] : [failed])]
  const told = (value: number | null) => (value === null ? 'never' : `${value.toFixed(1)} s`)
  const codes = Object.entries(refusals).map(([code, count]) => `${count} ${code}`)
  return {
    name: experiment.name,
    hypothesis: experiment.hypothesis,
    held: faults.length === 0 && verdict === 'valid',
    figures: {
      'orders again after': told(ordersAgainS),
      served: `${servedPct.toFixed(0)} %`,
      'longest a partition took nothing': told(longestSilenceS),
      'whole again after': told(wholeAgainS),
      ...(codes.length === 0 ? {} : { refused: codes.join(', ') }),
      verdict,
      ...(faults.length === 0 ? {} : { broken: faults.join('; ') }),
    },
    at: new Date().toISOString(),
    load: Number((loadavg()[0] ?? 0).toFixed(1)),
  }
}

async function runCampaigns(): Promise<boolean> {
  const seconds = Number(values.seconds)
  let valid = true
  for (const seed of (values.seeds ?? values.seed).split(',').map(Number)) {
    if (stop.signal.aborted) break
    valid = (await campaign(seed, seconds)) && valid
  }
  return valid
}

const passed = values.canary ? await showCanaries() : values.experiment ? await runExperiments() : await runCampaigns()
process.exit(passed && !stop.signal.aborted ? 0 : 1)
