/** `npm run fuzz -- --cases N --seed S [--only TEXT]`: the fuzzer against the running stack. */
import { parseArgs } from 'node:util'
import { LocalConfig } from '@fleet/local/launch'
import { readStackInfo } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { fuzzStack } from './fuzz-stack.ts'

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1000' },
    seed: { type: 'string', default: `${Date.now() % 1_000_000}` },
    only: { type: 'string', default: '' },
    'at-once': { type: 'string', default: '8' },
  },
})
const Count = z.coerce.number().int().min(1)
const cases = Count.max(100_000).parse(values.cases)
const seed = z.coerce.number().int().min(0).parse(values.seed)

const nowMs = () => performance.now()
const startedMs = nowMs()
console.log(`${cases} cases a route, seed ${seed}`)
const report = await fuzzStack(readStackInfo(readConfig(LocalConfig).LOCAL_DIR), {
  cases,
  seed,
  atOnce: Count.max(64).parse(values['at-once']),
  only: ({ at }) => at.includes(values.only),
  tried: (at, counts) => {
    const answers = Object.entries(counts).map(([status, count]) => `${status}: ${count}`)
    console.log(`${at.padEnd(60)} ${answers.join('  ')}`)
  },
})
for (const { at, because, request } of report.findings) console.log(`\n${at}\n  ${because}\n  ${request}`)
console.log(`${report.cases} cases in ${((nowMs() - startedMs) / 1_000).toFixed(0)} s, seed ${seed}`)
const { length: found } = report.findings
console.log(`${Object.keys(report.counts).length - found} passed, ${found} failed`)
process.exitCode = found === 0 ? 0 : 1
