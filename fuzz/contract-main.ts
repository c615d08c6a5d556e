/** `npm run contract`: every operation and every documented status, on the running stack. */
import { LocalConfig } from '@fleet/local/launch'
import { readStackInfo } from '@fleet/local/stack-info'
import { readConfig } from '@fleet/runtime/config'
import { holdContract } from './contract.ts'

const info = readStackInfo(readConfig(LocalConfig).LOCAL_DIR)
const { faults, unseen, calls } = await holdContract(info, (line) => console.log(line))
for (const one of unseen) console.log(`FAIL ${one}: documented, and not seen`)
const failed = faults.length + unseen.length
console.log(`${calls} calls; ${Math.max(0, calls - faults.length)} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)
