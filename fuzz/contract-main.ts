/** `npm run contract`: every operation and every documented status, on the running stack. */
import { LocalConfig } from '@fleet/local/launch'
import { readStackInfo } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { holdContract } from './contract.ts'

const { faults, unseen, calls } = await holdContract(readStackInfo(readConfig(LocalConfig).LOCAL_DIR))
for (const fault of faults) console.log(`FAIL ${fault}`)
for (const one of unseen) console.log(`FAIL ${one}: documented, and not seen`)
const failed = faults.length + unseen.length
console.log(`${calls} calls; ${Math.max(0, calls - faults.length)} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
