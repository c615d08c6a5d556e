/** `npm run demo [-- --once] [-- --docker]`: the whole stack, one delivery told line by line; then it keeps running, or ends with `--once`. */
import { randomUUID } from 'node:crypto'
import { parseArgs } from 'node:util'
import { describeStack, firstOrder } from './first-calls.ts'
import { aborted, launchStack } from './launch.ts'
import { tellOrder } from './order-story.ts'
import { createBearer } from './sign-in.ts'

/** At WORLD_SPEED 10 the delivery takes about half a minute; a slow machine gets much more. */
const DELIVERY_TIMEOUT_MS = 10 * 60_000

const { values } = parseArgs({
  options: {
    once: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
    docker: { type: 'boolean', default: false },
  },
})
const startedMs = performance.now()
const seconds = () => `${((performance.now() - startedMs) / 1000).toFixed(1).padStart(5)} s  `
const say = (line: string) => console.log(`${seconds()}${line}`)

await launchStack({
  keep: values.keep,
  docker: values.docker,
  nowMs: Date.now,
  say,
  async work({ info }, stopped) {
    const { gateway, accounts, world } = info
    if (gateway === undefined || accounts === undefined) throw new Error('The stack has no gateway.')
    const bearer = createBearer(gateway, accounts.customer, () => performance.now())
    say(`stack: ready; world time runs ${world.speed} times as fast`)
    say(`watch the fleet fly: ${gateway}/ (as ${accounts.operator.user}, password ${accounts.operator.password})`)
    const order = await firstOrder(gateway, bearer)
    const status = await tellOrder({
      gateway,
      bearer,
      idempotencyKey: `demo-${randomUUID()}`,
      order,
      timeoutMs: DELIVERY_TIMEOUT_MS,
      signal: stopped,
      say,
    })
    const delivered = status === 'closed'
    say(delivered ? 'delivered: the parcel is at its drop point and the drone at its base' : `not delivered: ${status}`)
    if (values.once) return delivered ? 0 : 1
    for (const line of await describeStack(info)) console.log(line)
    console.log('Ctrl-C stops everything.')
    await aborted(stopped)
    return delivered ? 0 : 1
  },
})
