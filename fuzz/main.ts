/** `npm run fuzz -- --cases N --seed S [--only TEXT]`: the fuzzer against the running stack. */
import { parseArgs } from 'node:util'
import { LocalConfig } from '@fleet/local/launch'
import { createBearer } from '@fleet/local/sign-in'
import { readStackInfo } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { readApi } from './document.ts'
import { fuzz } from './fuzz.ts'

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

const { gateway, accounts } = readStackInfo(readConfig(LocalConfig).LOCAL_DIR)
if (gateway === undefined || accounts === undefined) throw new Error('The stack has no gateway.')
const nowMs = () => performance.now()
const startedMs = nowMs()
console.log(`${cases} cases a route, seed ${seed}`)
const api = readApi(await (await fetch(`${gateway}/openapi.json`)).json())
const report = await fuzz({
  api,
  gateway,
  credentials: {
    customer: createBearer(gateway, accounts.customer, nowMs),
    operator: createBearer(gateway, accounts.operator, nowMs),
  },
  cases,
  seed,
  atOnce: Count.max(64).parse(values['at-once']),
  only: ({ at }) => at.includes(values.only),
})
for (const [at, counts] of Object.entries(report.counts)) {
  console.log(
    `${at.padEnd(60)} ${Object.entries(counts)
      .map(([status, count]) => `${status}: ${count}`)
      .join('  ')}`,
  )
}
for (const { at, because, request } of report.findings) console.log(`\n${at}\n  ${because}\n  ${request}`)
console.log(`${report.cases} cases in ${((nowMs() - startedMs) / 1_000).toFixed(0)} s, seed ${seed}`)
const { length: found } = report.findings
console.log(`${Object.keys(report.counts).length - found} passed, ${found} failed`)
process.exitCode = found === 0 ? 0 : 1
