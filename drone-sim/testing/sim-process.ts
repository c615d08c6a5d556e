/** For tests: the simulator as a process on real brokers, and a voice and an ear that stand in for the services. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneReport } from '@fleet/contracts/drone-reports'
import { topics } from '@fleet/contracts/topics'
import type { TestInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { isDroneMac, macKeyOf } from '@fleet/messaging/drone-mac'
import { Kafka } from '@fleet/messaging/kafkajs'
import { type KafkaMessage, logLevel } from 'kafkajs'
import { base } from './rig.ts'

const key = Buffer.alloc(32, 7)
const main = new URL('../main.ts', import.meta.url).pathname
const heardMsMax = 45_000

type Report<Type extends DroneReport['type']> = Extract<DroneReport, { type: Type }>
export type SimProcess = Awaited<ReturnType<typeof startSimProcess>>

/** Starts a simulator of the drones of `host-<name>`, at 20 times real time; the first drone is the one that is spoken to. */
export async function startSimProcess(infra: TestInfrastructure, name: string) {
  const hostId = `host-${name}`
  const droneIds = [1, 2, 3].map((number) => `drn_${name}${number}`)
  const [droneId = ''] = droneIds
  const folder = mkdtempSync(join(tmpdir(), 'fleet-sim-'))
  const identities = join(folder, 'identities')
  const store = join(folder, 'store')
  await createTopics(infra.kafkaInner)
  writeIdentities(identities, { hostId, droneIds, ...(await infra.issueHost(hostId, { acls: true })) })

  const reports: DroneReport[] = []
  const positions: DronePosition[] = []
  let wronglySigned = 0
  let grants = true
  let itinerarySeq = 0
  let commandSeq = 0

  const kafka = new Kafka({ brokers: infra.kafkaInner, logLevel: logLevel.NOTHING })
  const producer = kafka.producer()
  await producer.connect()
  const say = async (topic: string, seq: number, type: string, data: object) => {
    const envelope = { id: `msg_say${seq}`, version: 1, at: 0, key: droneId, correlationId: 'c', causationId: 't' }
    const value = JSON.stringify({ ...envelope, type, seq, data: { droneId, ...data } })
    await producer.send({ topic, acks: -1, messages: [{ key: droneId, value }] })
  }
  const sayItinerary = (type: string, data: object) => {
    itinerarySeq += 1
    return say(topics.itineraries.name, itinerarySeq, type, data)
  }

  const take = async (topic: string, message: KafkaMessage) => {
    const from = message.key?.toString() ?? ''
    if (!droneIds.includes(from)) return
    const value = message.value ?? Buffer.alloc(0)
    if (!isDroneMac(macKeyOf(key, { topic, key: from }), value, String(message.headers?.mac))) wronglySigned += 1
    const body: unknown = JSON.parse(value.toString())
    if (topic === topics.dronePositions.name) {
      positions.push(DronePosition.parse(body))
      return
    }
    const report = DroneReport.parse(body)
    reports.push(report)
    if (report.type !== 'permit.requested' || !grants || from !== droneId) return
    const { permitRequestId, itineraryId, orderId, epoch, boot } = report.data
    await sayItinerary('permit.granted', { permitRequestId, itineraryId, orderId, epoch, boot, permitMs: 60_000 })
  }
  const consumer = kafka.consumer({ groupId: `test-${name}` })
  await consumer.connect()
  await consumer.subscribe({ topics: [topics.droneReports.name, topics.dronePositions.name], fromBeginning: true })
  await consumer.run({ eachMessage: ({ topic, message }) => take(topic, message) })

  const own = () => reports.filter((report) => report.key === droneId)
  const spawnSim = () => {
    const env = {
      HTTP_PORT: '0',
      LOG_LEVEL: 'error',
      WORLD_SPEED: '20',
      DRONE_BROKERS: infra.kafkaDrone.join(','),
      DRONE_IDENTITIES: identities,
      DRONE_STORE: store,
    }
    return spawn(process.execPath, [main], { env, stdio: ['ignore', 'inherit', 'inherit'] })
  }
  let sim: ChildProcess = spawnSim()
  const stop = async (signal: NodeJS.Signals) => {
    if (sim.exitCode !== null || sim.signalCode !== null) return
    sim.kill(signal)
    await once(sim, 'exit')
  }

  return {
    ledgerFile: join(store, 'ledger.jsonl'),
    /** Everything of the first drone, copies included. */
    own,
    positions: () => positions.filter((position) => position.droneId === droneId),
    dronesHeard: () => new Set(positions.map((position) => position.droneId)),
    wronglySigned: () => wronglySigned,
    stop,
    start: () => {
      sim = spawnSim()
    },
    /** Whether permits are granted as they are asked for. */
    grant: (does: boolean) => {
      grants = does
    },
    assign: (itinerary: object) => sayItinerary('itinerary.assigned', itinerary),
    command: (type: string, data: object) => {
      commandSeq += 1
      return say(topics.droneCommands.name, commandSeq, type, { commandId: `cmd_${commandSeq}`, ...data })
    },
    /** The next report of a type, after the first `after`. */
    heard: <Type extends DroneReport['type']>(type: Type, after = 0): Promise<Report<Type>> => {
      const isOne = (report: DroneReport): report is Report<Type> => report.type === type
      return waitUntil(`${type} of ${droneId}`, () => own().slice(after).find(isOne), { timeoutMs: heardMsMax })
    },
    async [Symbol.asyncDispose]() {
      await stop('SIGKILL')
      await Promise.all([consumer.disconnect(), producer.disconnect()])
      rmSync(folder, { recursive: true })
    },
  }
}

type Host = { hostId: string; droneIds: string[]; ca: string; certificate: string; key: string }

function writeIdentities(folder: string, host: Host) {
  mkdirSync(folder)
  const drones = host.droneIds.map((droneId) => ({
    droneId,
    name: droneId.slice(4),
    keyVersion: 1,
    keyFile: 'drone.key',
    base: { baseId: 'bas_1', ...base },
  }))
  const files = {
    'ca.crt': host.ca,
    'host.crt': host.certificate,
    'host.key': host.key,
    'drone.key': key.toString('hex'),
    'host.json': JSON.stringify({ hostId: host.hostId, drones }),
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text, { mode: 0o600 })
}
