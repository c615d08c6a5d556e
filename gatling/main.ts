/** `npm run gatling -- PROFILE`: real Gatling against the running stack, or against one of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LocalConfig, launchStack, type StackSizes } from '@fleet/local/launch'
import { isRunning } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { lendCredentials } from './credentials.ts'
import { missingMaven } from './maven.ts'
import { saturated } from './saturation.ts'
import { kneeOf, type LoadStep, Second, stepsOf } from './steps.ts'
import { throttlePart } from './throttle-part.ts'
import { handedOverPerS, meanOf, missingFigures, type Sample, startWatch } from './watch.ts'

const say = (line: string) => console.log(line)
const profiles = ['smoke', 'load', 'stress', 'spike', 'soak'] as const
const usage = `npm run gatling -- ${profiles.join(' | ')} [--minutes 10 (soak)] [--step 5 --steps 14 --step-s 8 (stress)] [--throttle PART=SHARE] [--gateway URL]`

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    minutes: { type: 'string', default: '10' },
    step: { type: 'string', default: '5' },
    steps: { type: 'string', default: '14' },
    'step-s': { type: 'string', default: '8' },
    throttle: { type: 'string' },
    gateway: { type: 'string' },
  },
})
const Options = z.object({
  profile: z.enum(profiles),
  minutes: z.coerce.number().int().min(1).max(480),
  step: z.coerce.number().min(1).max(200),
  steps: z.coerce.number().int().min(2).max(30),
  stepS: z.coerce.number().int().min(4).max(60),
  /** In place of the stack's own: a second one, that is attacked meanwhile. */
  gateway: z.url().optional(),
  throttle: z
    .string()
    .regex(/^[\w-]+=0\.[1-9]\d?$/, 'must be PART=SHARE, such as gateway=0.5')
    .optional(),
})
const parsed = Options.safeParse({ ...values, profile: positionals[0], stepS: values['step-s'] })
if (!parsed.success) {
  for (const { path, message } of parsed.error.issues) say(`${path.join('.')}: ${message}`)
  say(usage)
  process.exit(2)
}
const options = parsed.data
const config = readConfig(LocalConfig)

/** One broker and one database member: on two cores, replication would be most of what is measured. */
const small = { brokers: 1, mongo: 1 } as const
const sizes: Record<(typeof profiles)[number], StackSizes> = {
  smoke: { ...small, drones: 8, worldSpeed: 40 },
  load: { ...small, drones: 10, worldSpeed: 40 },
  stress: { ...small, drones: 6, worldSpeed: 20 },
  spike: { ...small, drones: 10, worldSpeed: 40 },
  soak: { ...small, drones: 8, worldSpeed: 40 },
}
/** Before the steps of `stress`: what has just started is slow in its first thousand requests, the load itself as well. */
const warmUpS = options.profile === 'stress' ? 24 : 0
/** Load shedding keeps the accepted fast at so many times what is carried. */
const overload = 3
const project = import.meta.dirname

/** Writes what the simulation is told, with credentials that `stack` takes back; gives the file. */
async function prepare(folder: string, runFolder: string, stack: AsyncDisposableStack): Promise<string> {
  const name = `gatling-${Date.now().toString(36)}`
  const lent = await lendCredentials({ folder, runFolder, name, nowMs: Date.now, say }, stack)
  const told: Record<string, string | number> = {
    gateway: options.gateway ?? lent.gateway,
    apiKey: lent.apiKey,
    operatorTokenFile: lent.operatorTokenFile,
    baseLat: lent.place.lat,
    baseLon: lent.place.lon,
    droneBrokers: lent.droneBrokers,
    droneHost: lent.droneHost,
    profile: options.profile,
    record: join(runFolder, 'record.jsonl'),
    soakMinutes: options.minutes,
    stressStep: options.step,
    stressSteps: options.steps,
    stressStepS: options.stepS,
    stressWarmUpS: warmUpS,
    attacked: options.gateway === undefined ? 'false' : 'true',
  }
  const file = join(runFolder, 'settings.properties')
  const lines = Object.entries(told).map(([setting, value]) => `${setting}=${`${value}`.replaceAll('\\', '\\\\')}`)
  stack.defer(() => rmSync(file, { force: true })) // It holds a key; what is kept is the report.
  writeFileSync(file, lines.join('\n'), { mode: 0o600 })
  return file
}

function readRecord(file: string): Second[] {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  return lines.slice(0, -1).map((line) => Second.parse(JSON.parse(line)))
}

const rate = (value: number) => value.toFixed(1).padStart(7)
/** Under `stress` few customers wait for their parcels: the product's own count says how many there were. */
const completedIn = ({ atS, delivered }: LoadStep, samples: readonly Sample[]) =>
  options.profile === 'stress' ? (handedOverPerS(samples, atS, atS + options.stepS) ?? 0) : delivered
const tellStep = (step: LoadStep, samples: readonly Sample[]) => {
  const { offered, accepted, shed, failed, p99Ms } = step
  say(
    `  offered ${rate(offered)}/s  accepted ${rate(accepted)}/s  shed ${rate(shed)}/s  failed ${rate(failed)}/s  completed ${rate(completedIn(step, samples))}/s  p99 ${p99Ms} ms`,
  )
}

/** Where Gatling itself puts its reports. */
const made = join(project, 'target/gatling')
const reportsIn = (folder: string) => (existsSync(folder) ? readdirSync(folder) : [])

/** Runs Gatling to its end, telling each step as it becomes whole; gives its exit code. */
async function runGatling(
  settings: string,
  { runFolder, samples, stopped }: { runFolder: string; samples: readonly Sample[]; stopped: AbortSignal },
): Promise<number> {
  const args = ['-B', '-q', 'gatling:test', '-Dgatling.simulationClass=fleet.FleetSimulation']
  const child = spawn('mvn', [...args, `-Dfleet.settings=${settings}`], {
    cwd: project,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const stop = () => void child.kill('SIGTERM')
  stopped.addEventListener('abort', stop, { once: true })
  let tail = ''
  const hear = (chunk: Buffer) => {
    tail = (tail + chunk.toString()).slice(-6_000)
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const stepS = options.profile === 'stress' ? options.stepS : 5
  let told = 0
  const progress = setInterval(() => {
    // The last step may still grow.
    for (const step of stepsOf(readRecord(join(runFolder, 'record.jsonl')), stepS, 10_000, warmUpS).slice(told, -1)) {
      tellStep(step, samples)
      told += 1
    }
  }, 1_000)
  const before = new Set(reportsIn(made))
  const [code] = await once(child, 'exit')
  clearInterval(progress)
  for (const name of reportsIn(made).filter((one) => !before.has(one)))
    cpSync(join(made, name), join(runFolder, 'report', name), { recursive: true })
  for (const step of stepsOf(readRecord(join(runFolder, 'record.jsonl')), stepS, 10_000, warmUpS).slice(told))
    tellStep(step, samples)
  stopped.removeEventListener('abort', stop)
  const assertions = tail.split('\n').filter((line) => / : (true|false) /.test(line))
  for (const line of assertions) say(`  ${line.trim()}`)
  if (code !== 0 && assertions.length === 0) say(tail.split('\n').slice(-25).join('\n'))
  return Number(code ?? 1)
}

function tellKnee(steps: LoadStep[], samples: readonly Sample[]): number {
  const knee = kneeOf(steps)
  if (knee === 'all healthy') {
    say('no knee: every step was accepted and fast; offer more by --step')
    return 1
  }
  if (knee === 'none healthy') {
    say('no knee: no step was accepted and fast; offer less by --step')
    return 1
  }
  const { step, firstAtS } = knee
  const between = (fromS: number, untilS: number) => meanOf(samples.filter(({ atS }) => atS >= fromS && atS < untilS))
  const past = between(step.atS, step.atS + options.stepS)
  const before = between(firstAtS, step.atS)
  say(
    `the knee: ${knee.atPerS.toFixed(1)} orders/s with all that customers do besides; past it, at ${step.offered.toFixed(1)}/s, ${step.accepted.toFixed(1)}/s were accepted, 99th percentile ${step.p99Ms} ms`,
  )
  const over = steps.find(({ offered }) => offered >= overload * knee.atPerS)
  if (over !== undefined)
    say(
      `at ${overload} times the knee: of ${over.offered.toFixed(1)}/s, ${over.accepted.toFixed(1)}/s were accepted, 99th percentile ${over.p99Ms} ms`,
    )
  if (past === null || before === null) {
    say('what saturated is not known: there are no figures of the steps around it')
    return 1
  }
  const { what, part, evidence } = saturated(before, past)
  say(`what saturated: ${what === part ? what : `${what}, ${part}`}: ${evidence}`)
  say(
    `  database ${Math.round(past.databaseMs)} ms, brokers ${Math.round(past.brokerMs)} ms for an answer; machine ${Math.round(past.machineBusy * 100)} % busy`,
  )
  return 0
}

/** Gatling, watched, and with what it needs, all of which is taken back whatever comes. */
async function load(folder: string, runFolder: string, stopped: AbortSignal) {
  await using stack = new AsyncDisposableStack()
  const settings = await prepare(folder, runFolder, stack)
  say(`${options.profile}: begins`)
  const watch = await startWatch(folder, Date.now)
  stack.defer(watch.close)
  const [part, share] = options.throttle?.split('=') ?? []
  if (part !== undefined) stack.defer(throttlePart(folder, part, Number(share)).close)
  const { samples } = watch
  return { ended: await runGatling(settings, { runFolder, samples, stopped }), samples }
}

async function run(stopped: AbortSignal): Promise<number> {
  const folder = config.LOCAL_DIR
  const runFolder = join(
    folder,
    'gatling',
    `${options.profile}-${new Date(Date.now()).toISOString().replaceAll(/[:.]/g, '-')}`,
  )
  mkdirSync(runFolder, { recursive: true, mode: 0o700 })
  const { ended, samples } = await load(folder, runFolder, stopped)
  const seconds = readRecord(join(runFolder, 'record.jsonl'))
  if (seconds.length === 0) return ended === 0 ? 1 : ended
  const knee =
    options.profile === 'stress' ? tellKnee(stepsOf(seconds, options.stepS, options.steps, warmUpS), samples) : 0
  const code = knee || ended
  const sum = (of: 'offered' | 'accepted' | 'shed' | 'failed' | 'delivered') =>
    seconds.reduce((all, one) => all + one[of], 0)
  const [whole] = stepsOf(seconds, 100_000, 1)
  const counts = samples.flatMap(({ handedOver }) => handedOver ?? [])
  const completed = options.profile === 'stress' ? (counts.at(-1) ?? 0) - (counts[0] ?? 0) : sum('delivered')
  const reports = join(runFolder, 'report')
  const [report] = existsSync(reports)
    ? readdirSync(reports).filter((name) => existsSync(join(reports, name, 'index.html')))
    : []
  say(
    `${options.profile}: ${code === 0 ? 'ok' : 'FAIL'}, ${sum('offered')} orders offered, ${sum('accepted')} accepted, ${sum('shed')} shed, ${sum('failed')} failed, ${completed} deliveries completed, p99 ${whole?.p99Ms ?? 0} ms, ${seconds.at(-1)?.positions ?? 0} positions sent; ${report === undefined ? 'no report' : join(reports, report, 'index.html')}`,
  )
  return code
}

const lack = missingFigures() ?? (await missingMaven())
if (lack !== null) {
  say(`${options.profile}: skipped, ${lack}`)
  say('0 passed, 0 failed, 1 skipped')
  process.exit(0)
}
if (await isRunning(config.LOCAL_DIR)) {
  const stop = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort())
  process.exit(await run(stop.signal))
}
say('no stack runs: starting one')
await launchStack({
  keep: false,
  sizes: sizes[options.profile],
  nowMs: Date.now,
  say: (line) => console.error(line),
  work: (_stack, stopped) => run(stopped),
})
