import { createSecretKey } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AccountingReply } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { seededRandom } from '@fleet/drone-sim/random'
import { withAdmin } from '@fleet/local/kafka-admin'
import { LocalConfig } from '@fleet/local/launch'
import { membersByRole } from '@fleet/local/mongo-primary'
import { createPortPicker } from '@fleet/local/ports'
import { type NodePart, startNodePart } from '@fleet/local/processes'
import { startReaper } from '@fleet/local/reaper'
import { type Stack, startStack } from '@fleet/local/stack'
import { databaseUri, environmentOf } from '@fleet/local/stack-environment'
import { stackPaths } from '@fleet/local/stack-folder'
import { waitUntil } from '@fleet/local/wait'
import { openDatabase } from '@fleet/messaging/database'
import { deriveDroneKey, droneMac, keyVersionHeader, macHeader } from '@fleet/messaging/drone-mac'
import { createKafka } from '@fleet/messaging/kafka'
import { connectSender, type Sender } from '@fleet/messaging/sender'
import { partitionOf } from '@fleet/messaging/topic'
import { readConfig } from '@fleet/runtime/config'
import { silentLog } from '@fleet/runtime/log'
import { signToken } from '@fleet/runtime/tokens'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Message } from 'kafkajs'
import { createPositionStore } from './store.ts'
import { drone, position, registryMessage } from './testing/drones.ts'

const seed = '8'
const drones = Array.from({ length: 200 }, (_, i) => drone(`load${i}`))
const positionsEach = 5_000
const sent = drones.length * positionsEach
/** One of so many is spoilt, and must be refused; none of a drone's last ones, since nothing authentic then tells that it was given out. */
const spoiltEvery = 500
const perRequest = 2_000
const topic = topics.dronePositions

let folder: string
let stack: Stack
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'fleet-positions-'))
  stack = await startStack({
    folder,
    provisioning: readConfig(LocalConfig),
    brokers: 3,
    mongo: 3,
    drones: 0,
    run: ['position'],
    worldSpeed: 1,
    worldEpochMs: Math.round(performance.timeOrigin),
    seed: 1,
    logLevel: 'info',
    ports: 'any',
    keep: false,
    disposable: true,
    nowMs: Date.now,
    say: () => undefined,
  })
}, 120_000)
afterAll(async () => {
  await stack.stop()
  rmSync(folder, { recursive: true, force: true })
}, 60_000)

/** One more process of the service, beside the stack's own. */
async function addMember(number: number): Promise<NodePart & AsyncDisposable> {
  const { info } = stack
  const paths = stackPaths(folder)
  const own = mkdtempSync(join(tmpdir(), 'fleet-member-'))
  const reaper = startReaper(own)
  const env = environmentOf('position', {
    kafkaInner: info.kafka.internal.split(','),
    kafkaDrone: [],
    mongoHosts: /^mongodb:\/\/([^/?]+)/.exec(info.mongo)?.[1]?.split(',') ?? [],
    secrets: {
      tokenPrivateKeyFile: join(paths.secrets, 'token.key'),
      tokenPublicKeyFile: join(paths.secrets, 'token.pub'),
      fleetSecretFile: join(paths.secrets, 'fleet-secret'),
    },
    paths,
    world: info.world,
    addressOf: () => '',
    hostFolder: '',
    seed: 1,
    logLevel: 'info',
  })
  const part = await startNodePart({
    name: `position-${number}`,
    entry: 'services/position/main.ts',
    port: await createPortPicker(process.pid + number)(),
    env,
    logFolder: paths.logs,
    compileCache: join(own, 'compiled'),
    reaper,
    say: () => undefined,
    onRestart: () => undefined,
  })
  const stop = async () => {
    await part.stop()
    reaper.close()
    rmSync(own, { recursive: true, force: true })
  }
  return Object.assign(part, { [Symbol.asyncDispose]: stop })
}

const partNamed = (name: string) => {
  const part = stack.parts.get(name)
  if (part === undefined) throw new Error(`the stack has no ${name}`)
  return part
}

/** Sends everything, however often brokers must be asked; calls `act` whenever its share has been sent. */
async function sendAll(sender: Sender, acts: readonly { afterShare: number; act: () => Promise<void> }[]) {
  const secret = Buffer.from(readFileSync(join(stackPaths(folder).secrets, 'fleet-secret'), 'utf8').trim(), 'hex')
  const keys = new Map(drones.map((droneId) => [droneId, createSecretKey(deriveDroneKey(secret, droneId, 1))]))
  const waiting = acts.toSorted((a, b) => a.afterShare - b.afterShare)
  const running: Promise<void>[] = []
  let count = 0
  const pending: Message[] = []
  const flush = async () => {
    const messages = pending.splice(0)
    await waitUntil(
      'the brokers to take it',
      async () => {
        await sender.send([{ topic: topic.name, messages }])
        return true
      },
      {
        timeoutMs: 60_000,
      },
    )
    while (waiting[0] !== undefined && count / sent >= waiting[0].afterShare) {
      const due = waiting.shift()
      if (due !== undefined) running.push(due.act())
    }
  }
  for (let seq = 1; seq <= positionsEach; seq++) {
    for (const key of drones) {
      count += 1
      const value = Buffer.from(JSON.stringify(position(key, { seq, lat: 43 + seq / 1_000 })))
      const spoilt = count % spoiltEvery === spoiltEvery / 2
      const mac = droneMac(keys.get(key) ?? secret, { topic: topic.name, key, value }).toString('hex')
      const headers = { [macHeader]: spoilt ? '00'.repeat(32) : mac, [keyVersionHeader]: '1' }
      pending.push({ key, value, headers, partition: partitionOf(key, topic.partitions) })
      if (pending.length >= perRequest) await flush()
    }
  }
  if (pending.length > 0) await flush()
  await Promise.all(running)
}

async function accounting() {
  const privateKey = readFileSync(join(stackPaths(folder).secrets, 'token.key'), 'utf8')
  const authorization = `Bearer ${signToken(privateKey, { role: 'operator', sub: 'test' }, 60)}`
  const { url } = stack.processes.get('position') ?? { url: '' }
  const response = await fetch(`${url}/v1/fleet/accounting`, {
    headers: { authorization },
    signal: AbortSignal.timeout(5_000),
  })
  const { items, refusedMessages } = AccountingReply.parse(await response.json())
  const sum = (key: 'givenOut' | 'stored' | 'refused' | 'missing' | 'copies') =>
    items.reduce((total, item) => total + item[key], 0)
  return {
    givenOut: sum('givenOut'),
    stored: sum('stored'),
    refused: sum('refused'),
    missing: sum('missing'),
    copies: sum('copies'),
    refusedMessages: Object.values(refusedMessages).reduce((total, n) => total + n, 0),
  }
}

/** How often each position stands in the store. */
async function countStored() {
  const db = await openDatabase(databaseUri(stack.info.mongo, 'position'))
  const store = await createPositionStore(db.connection)
  const seen = new Set<string>()
  let twice = 0
  for await (const some of store.positionsIn({ fromMs: 0, toMs: Date.UTC(2100, 0, 1) })) {
    for (const { droneId, boot, seq } of some) {
      const name = `${droneId}/${boot}/${seq}`
      if (seen.has(name)) twice += 1
      seen.add(name)
    }
  }
  await db.close()
  return { stored: seen.size, twice }
}

describe(`a load of ${sent} positions, killed by seed ${seed}`, () => {
  it('is stored or refused once each, while members come and are killed, and a broker and the primary die', async () => {
    const kafka = createKafka({ brokers: stack.info.kafka.internal.split(','), clientId: 'load', log: silentLog() })
    const sender = await connectSender(kafka, {})
    await sender.send([{ topic: topics.droneRegistry.name, messages: drones.map(registryMessage) }])
    const random = seededRandom(seed, 'kills')
    const broker = `kafka-${1 + Math.floor(random() * 3)}`
    await using members = new AsyncDisposableStack()
    const acts = [
      { name: 'a member joins', act: async () => void members.use(await addMember(2)) },
      { name: 'the service dies', act: async () => partNamed('position').kill('SIGKILL') },
      {
        name: 'a member joins and is killed',
        act: async () => {
          const member = members.use(await addMember(3))
          await waitUntil('it to join', () => member.ready().then(() => true), { timeoutMs: 60_000 })
          member.kill('SIGKILL')
        },
      },
      {
        name: 'a broker dies',
        act: async () => {
          partNamed(broker).kill('SIGKILL')
          await partNamed(broker).restart()
        },
      },
      {
        name: 'the primary dies',
        act: async () => {
          const name = (await membersByRole(stack.info)).primary
          partNamed(name).kill('SIGKILL')
          await partNamed(name).restart()
        },
      },
      { name: 'the service dies again', act: async () => partNamed('position').kill('SIGKILL') },
    ]

    await sendAll(
      sender,
      acts.map(({ act }) => ({ act, afterShare: 0.05 + 0.9 * random() })),
    )
    await sender.disconnect()
    const written = await withAdmin(stack.info.kafka.internal.split(','), async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic.name)
      return ends.reduce((total, { high }) => total + Number(high), 0)
    })

    const told = await waitUntil(
      'everything in the topic to be accounted for',
      async () => {
        const now = await accounting()
        return now.stored + now.copies + now.refusedMessages >= written && now
      },
      { timeoutMs: 300_000, everyMs: 500 },
    )
    const spoilt = sent / spoiltEvery
    expect(told).toMatchObject({ givenOut: sent, stored: sent - spoilt, refused: spoilt, missing: 0 })
    expect(told.stored + told.copies + told.refusedMessages).toBe(written)
    expect(await countStored()).toEqual({ stored: sent - spoilt, twice: 0 })
  }, 900_000)
})
