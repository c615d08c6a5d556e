/** `npm run scenario -- NAME | --list | --all`: on the stack that runs in LOCAL_DIR, or on one that is started for it and stopped again. */
import { parseArgs } from 'node:util'
import { LocalConfig, launchStack } from '@fleet/local/launch'
import { isRunning } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { demonstration } from './demonstration.ts'
import { play } from './runner.ts'
import type { Scenario } from './scenario.ts'
import { createStage } from './stage.ts'

const say = (line: string) => console.log(line)
const nowMs = () => performance.now()

const usage = 'npm run scenario -- NAME | --list | --all'
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { list: { type: 'boolean', default: false }, all: { type: 'boolean', default: false } },
})

async function run(scenarios: readonly Scenario[]): Promise<void> {
  const folder = readConfig(LocalConfig).LOCAL_DIR
  const playOn = async (stopped: AbortSignal) => {
    const { passed, failed } = await play(scenarios, createStage(folder, stopped), { say, nowMs, stopped })
    return failed === 0 && passed > 0 && !stopped.aborted ? 0 : 1
  }
  if (!(await isRunning(folder))) {
    say('no stack runs: starting one')
    const quietly = (line: string) => console.error(line)
    // All of them together play on a stack of the usual size, and tell which were skipped for that.
    const drones = values.all ? 0 : Math.max(0, ...scenarios.map((scenario) => scenario.drones ?? 0))
    await launchStack({
      drones,
      keep: false,
      nowMs: Date.now,
      say: quietly,
      work: (_stack, stopped) => playOn(stopped),
    })
    return
  }
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort())
  process.once('SIGTERM', () => stop.abort())
  process.exit(await playOn(stop.signal))
}

if (values.list) {
  for (const { name, watch } of demonstration) say(`${name.padEnd(20)} ${watch}`)
} else {
  const chosen = values.all ? demonstration : demonstration.filter(({ name }) => positionals.includes(name))
  const unknown = positionals.filter((wanted) => !demonstration.some(({ name }) => name === wanted))
  if (chosen.length === 0 || unknown.length > 0) {
    say(unknown.length > 0 ? `there is no scenario ${unknown.join(', ')}; see --list` : usage)
    process.exit(2)
  }
  await run(chosen)
}
