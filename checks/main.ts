/**
 * `npm test`: types, format, lint, import rules, dead code, house rules, workflows, then the tests on the real broker
 * and database. Counts all of them, and prints `N passed, N failed` last.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startTestInfrastructureServer } from '@fleet/local/test-infrastructure-server'
import { z } from 'zod'
import { dockerChecks } from './docker.ts'
import { generatedFaults } from './generated.ts'
import { tidyFaults } from './tidy.ts'
import { workflowFaults } from './workflows.ts'

// biome-ignore lint/style/noProcessEnv: this is the composition root of a test run.
const env = process.env

type Counts = { passed: number; failed: number; skipped: number }

const say = (line: string) => process.stdout.write(`${line}\n`)

async function command(name: string, file: string, args: string[]): Promise<Counts> {
  const startedMs = performance.now()
  const [status] = await once(spawn(file, args, { stdio: 'inherit' }), 'exit')
  say(`${status === 0 ? 'ok  ' : 'FAIL'} ${name} (${((performance.now() - startedMs) / 1_000).toFixed(1)} s)`)
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 }
}

function faults(name: string, found: readonly string[]): Counts {
  for (const fault of found) say(fault)
  say(`${found.length === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  return { passed: found.length === 0 ? 1 : 0, failed: found.length === 0 ? 0 : 1, skipped: 0 }
}

/** The Docker files, as far as the tools that read them are here. */
async function docker(): Promise<Counts> {
  const { passed, skipped, faults: found } = await dockerChecks(say)
  for (const fault of found) say(fault)
  say(
    `${found.length === 0 ? 'ok  ' : 'FAIL'} Docker files (${passed} read, ${skipped} skipped: their tool is not here)`,
  )
  return { passed, failed: found.length === 0 ? 0 : 1, skipped }
}

const JestResult = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numFailedTestSuites: z.int(),
  success: z.boolean(),
})

/** Runs jest with `args`; a suite that could not run counts as a failure, and so does a run without a result. */
async function jest(args: string[], environment: Record<string, string> = {}): Promise<Counts> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'))
  const outputFile = join(folder, 'result.json')
  try {
    const child = spawn(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        'node_modules/jest/bin/jest.js',
        '--json',
        `--outputFile=${outputFile}`,
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'], env: { ...env, ...environment } },
    )
    await once(child, 'exit')
    const result = JestResult.parse(JSON.parse(readFileSync(outputFile, 'utf8')))
    const failed = Math.max(result.numFailedTests, result.numFailedTestSuites, result.success ? 0 : 1)
    return { passed: result.numPassedTests, failed, skipped: result.numPendingTests }
  } catch (error) {
    say(`FAIL jest gave no result: ${error instanceof Error ? error.message : String(error)}`)
    return { passed: 0, failed: 1, skipped: 0 }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function statics(): Promise<Counts[]> {
  return [
    await command('types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']),
    // A browser has other types than Node.
    await command("the pages' types", 'tsc', ['--noEmit', '-p', 'gateway/dashboard/tsconfig.json']),
    await command("the pages' tests' types", 'tsc', ['--noEmit', '-p', 'gateway/dashboard/testing/tsconfig.json']),
    await command('format, lint, import rules', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
    await command('dead code', 'knip', ['--no-progress']),
    faults('house rules', tidyFaults()),
    faults('generated files', await generatedFaults()),
    faults('workflows', await workflowFaults()),
    await docker(),
  ]
}

/** Runs jest once for each of `configs`. */
const of =
  (...configs: string[]) =>
  async (jestArgs: string[]): Promise<Counts[]> => {
    const counts: Counts[] = []
    for (const config of configs) counts.push(await jest(['--config', config, ...jestArgs]))
    return counts
  }

/**
 * The static checks, and the tests on brokers and database that start meanwhile; then those that start whole stacks.
 * Rejects where brokers or database do not start.
 */
async function all(jestArgs: string[]): Promise<Counts[]> {
  const infrastructure = await startTestInfrastructureServer(env, Date.now, say)
  const shared = { TEST_INFRA_URL: infrastructure.url }
  const counts: Counts[] = []
  try {
    const [checked] = await Promise.all([statics(), infrastructure.start()])
    counts.push(...checked)
    counts.push(await jest(jestArgs, shared))
    counts.push(await jest(['--config', 'jest.outages.config.mjs', ...jestArgs], shared))
  } finally {
    await infrastructure.stop()
  }
  return [...counts, ...(await of('jest.e2e.config.mjs', 'jest.browser.config.mjs')(jestArgs))]
}

/** What each command runs. */
const runs: Record<string, (jestArgs: string[]) => Promise<Counts[]>> = {
  all,
  static: statics,
  faults: of('jest.long-outages.config.mjs', 'jest.faults.config.mjs'),
  trials: of('jest.trials.config.mjs'),
  browser: of('jest.browser.config.mjs'),
  // With TEST_INFRA=containers: the same tests, on the brokers and the database of a Docker engine.
  containers: (jestArgs) => of('jest.outages.config.mjs')(['packages/messaging', ...jestArgs]),
}

const [what = 'all', ...jestArgs] = process.argv.slice(2)
const run = runs[what]
if (run === undefined) throw new Error(`what to check is ${Object.keys(runs).join(' | ')}, and not ${what}`)
const total = (await run(jestArgs)).reduce((sum, each) => ({
  passed: sum.passed + each.passed,
  failed: sum.failed + each.failed,
  skipped: sum.skipped + each.skipped,
}))
say(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed === 0 ? 0 : 1
