/** `npm run postman`: the collection against the running stack. */
import { LocalConfig } from '@fleet/local/launch'
import { readStackInfo } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { walkWithNewman } from './run.ts'

const { gateway, accounts, launcher } = readStackInfo(readConfig(LocalConfig).LOCAL_DIR)
if (gateway === undefined || accounts === undefined) throw new Error('The stack has no gateway.')
const environment = launcher === undefined ? 'docker' : 'embedded'
const { requests, assertions, failures } = await walkWithNewman({
  gateway,
  ...accounts,
  environment,
  reporters: ['cli'],
})
console.log(`${requests} requests; ${assertions - failures.length} passed, ${failures.length} failed`)
process.exitCode = failures.length === 0 ? 0 : 1
