/** The simulator as a process, on real brokers by mutual TLS; the test speaks as the itinerary and drone-health services. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from '@jest/globals'
import { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneReport } from '@fleet/contracts/drone-reports'
import { topics } from '@fleet/contracts/topics'
import { distanceM } from '@fleet/geo/distance'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { isDroneMac } from '@fleet/messaging/drone-mac'
import { type Consumer, Kafka, logLevel, type Producer } from 'kafkajs'
import { readLedger } from './ledger.ts'
import { base, itinerary } from './rig.ts'

const hostId = 'host-sim-test'
const droneIds = ['drn_simtest1', 'drn_simtest2', 'drn_simtest3'] as const
const [droneId] = droneIds
const key = Buffer.alloc(32, 7)
const main = new URL('./main.ts', import.meta.url).pathname
const folder = mkdtempSync(join(tmpdir(), 'fleet-sim-test-'))
const identities = join(folder, 'identities.host')
const store = join(folder, 'store')

let infra: TestInfrastructure
let producer: Producer
let consumer: Consumer
let sim: ChildProcess
const reports: DroneReport[] = []
const positions: DronePosition[] = []
const forged: string[] = []

beforeAll(async () => {
  infra = await testInfrastructure()
  await createTopics(infra.kafkaInner)
  const { ca, certificate, key: hostKey } = await infra.issueHost(hostId, { acls: true })
  const { mkdirSync } = await import('node:fs')
  mkdirSync(identities)
  writeFileSync(join(identities, 'ca.crt'), ca)
  writeFileSync(join(identities, 'host.crt'), certificate)
  writeFileSync(join(identities, 'host.key'), hostKey, { mode: 0o600 })
  writeFileSync(join(identities, 'drone.key'), key.toString('hex'), { mode: 0o600 })
  const drones = droneIds.map((id) => ({
    droneId: id,
    name: id.slice(4),
    keyVersion: 1,
    keyFile: 'drone.key',
    base: { baseId: 'bas_1', ...base },
  }))
  writeFileSync(join(identities, 'host.json'), JSON.stringify({ hostId, drones }))

  const kafka = new Kafka({ brokers: infra.kafkaInner, logLevel: logLevel.NOTHING })
  producer = kafka.producer()
  await producer.connect()
  consumer = kafka.consumer({ groupId: 'drone-sim-test' })
  await consumer.connect()
  await consumer.subscribe({ topics: [topics.droneReports.name, topics.dronePositions.name], fromBeginning: true })
  await consumer.run({ eachMessage: async ({ topic, message }) => take(topic, message) })
  sim = start()
}, 60_000)

afterAll(async () => {
  await stop('SIGKILL')
  await Promise.all([consumer?.disconnect(), producer?.disconnect()])
  rmSync(folder, { recursive: true })
})

function take(topic: string, message: { key: Buffer | null; value: Buffer | null; headers?: object | undefined }) {
  const from = message.key?.toString() ?? ''
  if (!droneIds.some((id) => id === from)) return
  const value = message.value ?? Buffer.alloc(0)
  const headers = new Map(Object.entries(message.headers ?? {}))
  if (!isDroneMac(key, { topic, key: from, value }, String(headers.get('mac')))) forged.push(value.toString())
  const body: unknown = JSON.parse(value.toString())
  if (topic === topics.droneReports.name) reports.push(DroneReport.parse(body))
  else positions.push(DronePosition.parse(body))
}

function start(): ChildProcess {
  const env = {
    HTTP_PORT: '0',
    LOG_LEVEL: 'warn',
    WORLD_SPEED: '20',
    DRONE_BROKERS: infra.kafkaDrone.join(','),
    DRONE_IDENTITIES: identities,
    DRONE_STORE: store,
    SEED: 'test',
  }
  return spawn(process.execPath, [main], { env, stdio: ['ignore', 'inherit', 'inherit'] })
}
async function stop(signal: NodeJS.Signals) {
  if (sim === undefined || sim.exitCode !== null || sim.signalCode !== null) return
  sim.kill(signal)
  await once(sim, 'exit')
}

let seq = 0
const say = async (topic: string, type: string, data: object) => {
  seq += 1
  const value = { id: `msg_say${seq}`, type, version: 1, at: 0, key: droneId, seq, correlationId: 'c', causationId: 't', data: { droneId, ...data } }
  await producer.send({ topic, acks: -1, messages: [{ key: droneId, value: JSON.stringify(value) }] })
}
const assign = (order: number) => say(topics.itineraries.name, 'itinerary.assigned', itinerary({ order, distanceM: 200 }))
const own = () => reports.filter(({ key: from }) => from === droneId)
/** Waits for the next report of a type, after the first `after` reports. */
const heard = async <Type extends DroneReport['type']>(type: Type, after = 0) => {
  const found = () => own().slice(after).find((one): one is Extract<DroneReport, { type: Type }> => one.type === type)
  await waitUntil(`${type} of ${droneId}`, async () => found() !== undefined, { timeoutMs: 30_000 })
  const report = found()
  if (report === undefined) throw new Error(`no ${type}`)
  return report
}
const answer = async (type: 'permit.granted', after: number) => {
  const { data } = await heard('permit.requested', after)
  const { permitRequestId, itineraryId, orderId, epoch, boot } = data
  await say(topics.itineraries.name, type, { permitRequestId, itineraryId, orderId, epoch, boot, permitMs: 60_000 })
}

it('flies a delivery, on orders from Kafka, and writes what happened into its ledger', async () => {
  await heard('booted')
  await assign(1)
  await answer('permit.granted', 0)
  const { data } = await heard('landed')

  expect(data.parcelAboard).toBe(false)
  const events = readLedger(join(store, 'ledger.jsonl'))
  expect(events.map(({ event }) => event)).toEqual(['loaded', 'handed-over'])
  expect(distanceM(events[1] ?? base, itinerary({ distanceM: 200 }).dropOff)).toBeLessThan(1)
})

it('sends every position of every drone once or more, numbered without a gap, each signed', async () => {
  await waitUntil('positions of all drones', async () => new Set(positions.map((one) => one.droneId)).size === 3)
  const numbers = [...new Set(positions.filter((one) => one.droneId === droneId).map((one) => one.seq))]
  expect(numbers.length).toBeGreaterThan(50)
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1))
  expect(forged).toEqual([])
})

it('goes on with its flight where it was killed in the air, as a next boot', async () => {
  const before = own().length
  await assign(2)
  await heard('permit.requested', before)
  await stop('SIGKILL')
  sim = start()
  const { data: booted } = await heard('booted', before)
  const after = own().findIndex(({ type, data }) => type === 'booted' && data.boot === 2)
  await answer('permit.granted', after)
  await heard('landed', after)

  expect(booted).toMatchObject({ boot: 2, before: { boot: 1 }, landed: false, itinerary: { itineraryId: 'itn_2e1' } })
  const highest = Math.max(...positions.filter((one) => one.droneId === droneId && one.boot === 1).map((one) => one.seq))
  expect(booted.before?.positionSeqMax).toBeGreaterThanOrEqual(highest)
  expect(own().slice(after).map(({ type }) => type)).toContain('parcel.handed-over')
})

it('carries on after its link was away, with every report in order', async () => {
  await using _turn = await infra.takeFaultTurn()
  const before = own().length
  await assign(3)
  await heard('leg.started', before)
  const parts = ['kafka-1', 'kafka-2', 'kafka-3'] as const
  await Promise.all(parts.map(infra.pause))
  try {
    await new Promise((resolve) => setTimeout(resolve, 8_000)) // The outage itself.
  } finally {
    await Promise.all(parts.map(infra.resume))
  }
  await answer('permit.granted', before).catch(() => undefined)
  await heard('landed', before)

  const seqs = [...new Set(own().map((one) => one.seq))]
  expect(seqs).toEqual(seqs.map((_, index) => index + 1))
}, 90_000)

it('expires a command that was sent before the boot, and takes one that was sent after', async () => {
  seq = 0 // Its own topic, its own count.
  await stop('SIGTERM')
  const before = own().length
  const hold = (commandId: string) => say(topics.droneCommands.name, 'hold', { commandId, ttlMs: 60_000 })
  await hold('cmd_old')
  sim = start()
  const { data: old } = await heard('command.finished', before)
  expect(old).toMatchObject({ commandId: 'cmd_old', outcome: 'expired' })

  const after = own().length
  await hold('cmd_new')
  expect((await heard('command.finished', after)).data).toMatchObject({ commandId: 'cmd_new', outcome: 'succeeded' })
})
