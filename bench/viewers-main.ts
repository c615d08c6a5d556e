/** The viewers as a process of their own: a ViewersSpec in, a line once all of them watch, and a ViewersResult out. */
import { text } from 'node:stream/consumers'
import { ViewersSpec, watch } from './viewers.ts'

const spec = ViewersSpec.parse(JSON.parse(await text(process.stdin)))
const result = await watch(spec, () => process.stdout.write('watching\n'), Date.now)
process.stdout.write(JSON.stringify(result))
