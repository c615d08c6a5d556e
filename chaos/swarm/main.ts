/** `npm run swarm -- up | down [--leave] | join`: the stack on a swarm of this machine, or the words that another one joins with. */
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { LocalConfig } from '@fleet/local/launch'
import { Missing } from '@fleet/local/provision'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { joinCommand, swarmDown, swarmUp } from './swarm.ts'

const say = (line: string) => console.log(line)
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { leave: { type: 'boolean', default: false } },
})
const config = readConfig(
  LocalConfig.extend({
    FLEET_IMAGE: z.string().default('drone-delivery-fleet:0.1.0'),
    GATEWAY_PORT: z.coerce.number().int().min(1).max(65_535).default(8080),
    WORLD_SPEED: z.coerce.number().min(0.1).max(1_000).default(10),
  }),
)
const options = {
  folder: join(config.LOCAL_DIR, 'swarm'),
  image: config.FLEET_IMAGE,
  gatewayPort: config.GATEWAY_PORT,
  worldSpeed: config.WORLD_SPEED,
  droneContainers: 2,
  dronesPerHost: 3,
  say,
}

const acts: Record<string, () => Promise<void>> = {
  up: () => swarmUp(options),
  down: () => swarmDown(options, { leave: values.leave }),
  join: async () => say(joinCommand()),
}
const [name = ''] = positionals
const act = acts[name]
if (act === undefined) {
  say(`npm run swarm -- ${Object.keys(acts).join(' | ')} [--leave]`)
  process.exit(2)
}
try {
  await act()
} catch (error) {
  say(error instanceof Missing ? error.message : String(error instanceof Error ? error.stack : error))
  process.exit(1)
}
