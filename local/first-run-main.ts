/**
 * The one-shot jobs of docker-compose.server.yml: `keys` before anything starts, `platform` once brokers and members
 * serve, `enrol` once the services do. Each may be run again at any time, and then changes nothing that is there.
 */
import { totalmem } from 'node:os'
import { join } from 'node:path'
import { createAccounts } from '@fleet/gateway/accounts'
import { openDatabase } from '@fleet/messaging/database'
import { HostPorts, readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { enrolAndExport } from './docker-enrol.ts'
import { ACCOUNTS_FILE, MONGO_SETUP_FILE, MongoSetup, makeKeys } from './docker-keys.ts'
import { OWN_KEYS } from './docker-layout.ts'
import { setUpReplicaSet } from './docker-mongo.ts'
import { mongoUri } from './mongo-uri.ts'
import { readSecret } from './secrets.ts'
import { createTopics } from './topics.ts'
import { waitUntil } from './wait.ts'

const MEMORY_BYTES_MIN = 3.5e9
const TOPICS_TIMEOUT_MS = 60_000
const say = (line: string) => console.log(line)

const Count = z.coerce.number().int().min(1).max(100)
const config = readConfig(
  z.object({
    KAFKA_INNER: HostPorts,
    DRONE_BROKERS: HostPorts,
    MONGO_HOSTS: HostPorts,
    WORLD_SPEED: z.coerce.number().min(0.1).max(1_000),
    LOG_LEVEL: z.string(),
    DRONE_HOSTS: Count,
    DRONES_PER_HOST: Count,
    DRONE_CONTAINERS: Count,
    GATEWAY_URL: z.url(),
    INNER_NET: z.string().regex(/^\d+\.\d+\.\d+$/),
    SERVER_PROJECT: z.string().min(1),
    DRONES_PROJECT: z.string().min(1),
  }),
)

const jobs: Record<string, () => Promise<void>> = {
  async keys() {
    if (totalmem() < MEMORY_BYTES_MIN)
      throw new Error(
        `this Docker engine has ${gigabytes(totalmem())} GB of memory and the stack needs ${gigabytes(MEMORY_BYTES_MIN)} GB: give the engine more, or start one on a larger machine.`,
      )
    await makeKeys({
      kafkaInner: config.KAFKA_INNER,
      kafkaDrone: config.DRONE_BROKERS,
      mongoHosts: config.MONGO_HOSTS,
      worldSpeed: config.WORLD_SPEED,
      logLevel: config.LOG_LEVEL,
      nowMs: Date.now,
    })
    say('keys, certificates, passwords and settings are in place')
  },
  async platform() {
    const setup = MongoSetup.parse(JSON.parse(await readSecret(`${OWN_KEYS}/${MONGO_SETUP_FILE}`)))
    await Promise.all([
      setUpReplicaSet(config.MONGO_HOSTS, setup),
      waitUntil('the brokers to make the topics', async () => (await createTopics(config.KAFKA_INNER)) ?? true, {
        timeoutMs: TOPICS_TIMEOUT_MS,
        everyMs: 500,
      }),
    ])
    await makeAccounts(setup)
    say('replica set, database users, topics and accounts are in place')
  },
  async enrol() {
    await enrolAndExport({
      kafkaInner: config.KAFKA_INNER,
      kafkaDrone: config.DRONE_BROKERS,
      mongoHosts: config.MONGO_HOSTS,
      droneHosts: config.DRONE_HOSTS,
      dronesPerHost: config.DRONES_PER_HOST,
      droneContainers: config.DRONE_CONTAINERS,
      gatewayUrl: config.GATEWAY_URL,
      innerNet: config.INNER_NET,
      serverProject: config.SERVER_PROJECT,
      dronesProject: config.DRONES_PROJECT,
      checkoutFile: '/checkout/package.json',
      nowMs: Date.now,
    })
    say(`drones of ${config.DRONE_HOSTS} hosts are enrolled; stack.json says where everything is`)
  },
}

/** As the gateway would at its first start; here they can be told to whoever started the stack. */
async function makeAccounts({ users }: z.infer<typeof MongoSetup>): Promise<void> {
  const gateway = users.find(({ user }) => user === 'gateway')
  if (gateway === undefined) throw new Error('the gateway has no database user')
  const db = await openDatabase(mongoUri(config.MONGO_HOSTS, gateway.database, gateway))
  try {
    await (await createAccounts(db)).makeFirst(join(OWN_KEYS, ACCOUNTS_FILE))
  } finally {
    await db.close()
  }
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1)

const [name = ''] = process.argv.slice(2)
const job = jobs[name]
try {
  if (job === undefined) throw new Error(`the job is ${Object.keys(jobs).join(', ')}, and not '${name}'`)
  await job()
} catch (error) {
  console.error(`first-run ${name}: ${error instanceof Error ? error.message : String(error)}`)
  if (error instanceof Error && error.cause !== undefined) console.error(error.cause)
  process.exitCode = 1
}
