/** `npm run stack [-- --keep] [-- --docker]`: the stack and the fleet alone, until Ctrl-C. */
import { parseArgs } from 'node:util'
import { describeStack } from './first-calls.ts'
import { aborted, launchStack } from './launch.ts'

const { values } = parseArgs({
  options: { keep: { type: 'boolean', default: false }, docker: { type: 'boolean', default: false } },
})
const startedMs = performance.now()
const say = (line: string) => console.log(line)

await launchStack({
  keep: values.keep,
  docker: values.docker,
  nowMs: Date.now,
  say,
  async work(stack, stopped) {
    say(`stack: ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
    for (const line of await describeStack(stack.info)) say(line)
    say('Ctrl-C stops everything.')
    await aborted(stopped)
    return 0
  },
})
