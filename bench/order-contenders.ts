/** Who takes orders in `bench/gateway`: the gateway, the order service without it, and a bare endpoint, on one set of brokers and databases. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type FirstOrder, firstOrder } from '@fleet/local/first-calls'
import { LocalConfig } from '@fleet/local/launch'
import { createPortPicker } from '@fleet/local/ports'
import { REPOSITORY } from '@fleet/local/processes'
import { createBearer } from '@fleet/local/sign-in'
import { startStack } from '@fleet/local/stack'
import { databases } from '@fleet/local/stack-environment'
import { waitUntil } from '@fleet/local/wait'
import { readConfig } from '@fleet/runtime/config'
import { MongoClient } from 'mongodb'

export type Contender = 'gateway' | 'order service' | 'bare endpoint'

export type OrderContenders = {
  origins: Record<Contender, string>
  /** The Authorization header, good for gateway and service alike. */
  bearer: string
  body: FirstOrder
  /** Bootstrap list of the brokers. */
  kafka: string
  /** Process ids: the gateway's, and those of the order service and all that it stands on. */
  pids: { gateway: number[]; behind: number[] }
  /** How many orders each contender's database holds, and how many of `ids` are among them. */
  stored(contender: Contender, ids: readonly string[]): Promise<{ all: number; found: number }>
  close(): Promise<void>
}

const readyMsMax = 30_000
const bareDatabase = 'bench_bare'
const idsAtOnce = 5_000
/** As good as none: limits are not what is measured. */
const unlimited = '10000000'

/**
 * Starts brokers, databases, order service and gateway as the stack runs them, without drones. Dispatch tells where the bases
 * are and is then stopped: what happens to an order once it was accepted is not part of the question.
 */
export async function startOrderContenders(say: (line: string) => void): Promise<OrderContenders> {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-bench-'))
  const stack = await startStack({
    folder,
    provisioning: readConfig(LocalConfig),
    brokers: 3,
    mongo: 3,
    drones: 0,
    worldSpeed: 1,
    worldEpochMs: 0,
    seed: 1,
    logLevel: 'warn',
    ports: 'any',
    keep: false,
    disposable: true,
    run: ['order', 'itinerary', 'gateway'],
    environment: {
      // Turning away what it is late with would flatter the gateway: here it takes all that comes.
      gateway: {
        RATE_PER_ADDRESS: unlimited,
        RATE_PER_CREDENTIAL: unlimited,
        RATE_ORDERS: unlimited,
        ACCEPTED_MS_TARGET: '10000',
      },
    },
    nowMs: Date.now,
    say,
  })
  const { gateway = '', services, accounts, mongo, kafka } = stack.info
  const { order = '' } = services
  const port = await createPortPicker(process.pid)()
  const bare = `http://127.0.0.1:${port}`
  const child = spawn(process.execPath, [join(import.meta.dirname, 'bare-main.ts')], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'ignore', 'inherit'],
    env: { HTTP_PORT: `${port}`, MONGO_URI: mongo, DATABASE: bareDatabase, NODE_NO_WARNINGS: '1' },
  })
  const client = await new MongoClient(mongo).connect()
  const close = async () => {
    await client.close()
    if (child.exitCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      await ended
    }
    await stack.stop()
    await rm(folder, { recursive: true, force: true })
  }
  try {
    if (accounts === undefined) throw new Error('The gateway has no accounts.')
    const sign = createBearer(gateway, accounts.customer, () => performance.now())
    const body = await firstOrder(gateway, sign)
    const headers = async () => ({ authorization: await sign(), 'content-type': 'application/json' })
    await waitUntil(
      'the order service to know the bases',
      async () => {
        const first = { ...(await headers()), 'idempotency-key': 'first' }
        return (await fetch(`${gateway}/v1/orders`, { method: 'POST', headers: first, body: JSON.stringify(body) })).ok
      },
      { timeoutMs: readyMsMax },
    )
    await waitUntil('the bare endpoint', async () => (await fetch(`${bare}/health/live`)).ok, { timeoutMs: readyMsMax })
    await stack.processes.get('itinerary')?.stop()
    const parts = [...stack.parts.values()].filter(({ name }) => name !== 'itinerary')
    return {
      origins: { gateway, 'order service': order, 'bare endpoint': bare },
      bearer: await sign(),
      body,
      kafka: kafka.internal,
      pids: {
        gateway: parts.filter(({ name }) => name === 'gateway').map(({ pid }) => pid),
        behind: parts.filter(({ name }) => name !== 'gateway').map(({ pid }) => pid),
      },
      stored: async (contender, ids) => {
        const database = contender === 'bare endpoint' ? bareDatabase : databases.order
        const orders = client.db(database).collection<{ _id: string }>('orders')
        let found = 0
        for (let from = 0; from < ids.length; from += idsAtOnce) {
          found += await orders.countDocuments({ _id: { $in: ids.slice(from, from + idsAtOnce) } })
        }
        return { all: await orders.countDocuments(), found }
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}
