/**
 * `npm test`: types, format, lint, import rules, dead code, house rules, workflows, then the tests on the real broker
 * and database. Counts all of them, and prints `N passed, N failed` last.
 */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { dockerChecks } from './docker.ts'
import { generatedFaults } from './generated.ts'
import { tidyFaults } from './tidy.ts'
import { workflowFaults } from './workflows.ts'

type Counts = { passed: number; failed: number; skipped: number }

const say = (line: string) => process.stdout.write(`${line}\n`)

function command(name: string, file: string, args: string[]): Counts {
  const startedMs = performance.now()
  const { status } = spawnSync(file, args, { stdio: 'inherit' })
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
function jest(args: string[]): Counts {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-test-'))
  const outputFile = join(folder, 'result.json')
  try {
    spawnSync(
      process.execPath,
      [
        '--experimental-vm-modules',
        '--no-warnings',
        'node_modules/jest/bin/jest.js',
        '--json',
        `--outputFile=${outputFile}`,
        ...args,
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    )
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
    command('types', 'tsc', ['--noEmit', '-p', 'tsconfig.json']),
    // A browser has other types than Node.
    command("the pages' types", 'tsc', ['--noEmit', '-p', 'gateway/dashboard/tsconfig.json']),
    command("the pages' tests' types", 'tsc', ['--noEmit', '-p', 'gateway/dashboard/testing/tsconfig.json']),
    command('format, lint, import rules', 'biome', ['ci', '--colors=off', '--error-on-warnings', '.']),
    command('dead code', 'knip', ['--no-progress']),
    faults('house rules', tidyFaults()),
    faults('generated files', await generatedFaults()),
    faults('workflows', await workflowFaults()),
    await docker(),
  ]
}

/** Which tests each command runs; each row is one run of jest. */
const runs: Record<string, string[][]> = {
  all: [
    [],
    ['--config', 'jest.outages.config.mjs'],
    ['--config', 'jest.e2e.config.mjs'],
    ['--config', 'jest.browser.config.mjs'],
  ],
  static: [],
  faults: [
    ['--config', 'jest.long-outages.config.mjs'],
    ['--config', 'jest.faults.config.mjs'],
  ],
  trials: [['--config', 'jest.trials.config.mjs']],
  browser: [['--config', 'jest.browser.config.mjs']],
  // With TEST_INFRA=containers: the same tests, on the brokers and the database of a Docker engine.
  containers: [['--config', 'jest.outages.config.mjs', 'packages/messaging']],
}

/** The static checks say the same whatever the tests run on. */
const withStatics: readonly string[] = ['all', 'static']

const [what = 'all', ...jestArgs] = process.argv.slice(2)
const rows = runs[what]
if (rows === undefined) throw new Error(`what to check is ${Object.keys(runs).join(' | ')}, and not ${what}`)
const counts = [
  ...(withStatics.includes(what) ? await statics() : []),
  ...rows.map((args) => jest([...args, ...jestArgs])),
]
const total = counts.reduce((sum, each) => ({
  passed: sum.passed + each.passed,
  failed: sum.failed + each.failed,
  skipped: sum.skipped + each.skipped,
}))
say(`${total.passed} passed, ${total.failed} failed${total.skipped > 0 ? `, ${total.skipped} skipped` : ''}`)
process.exitCode = total.failed === 0 ? 0 : 1
