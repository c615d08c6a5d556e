/** Drones in the registry, and their signed positions in the topic: what every contender reads. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { BaseId, type DroneId, HostId, MessageId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { type Signer, sign, signerOf } from '@fleet/drone-sim/uplink'
import { deriveDroneKey } from '@fleet/messaging/drone-mac'
import { partitionOf } from '@fleet/messaging/topic'
import type { Kafka, Message } from 'kafkajs'
import { createFlights } from './flights.ts'

const keyVersion = 1
const registryBatch = 2_000
/** Under the brokers' limit of 1 MiB a partition and request, whatever the number of partitions. */
const messagesPerRequest = 2_000

/** Writes a registry entry of each drone, as the health service would. */
export async function enrol(kafka: Kafka, ids: readonly DroneId[]): Promise<void> {
  const producer = kafka.producer()
  await producer.connect()
  const entry = (droneId: DroneId, index: number): Message => ({
    key: droneId,
    value: JSON.stringify(
      topics.droneRegistry.schema.parse({
        id: MessageId.parse(`msg_${droneId.slice(4)}`),
        type: 'drone.enrolled',
        version: 1,
        at: UnixMs.parse(0),
        key: droneId,
        seq: 1,
        correlationId: 'bench',
        causationId: 'bench',
        data: {
          droneId,
          name: `bench-${index}`,
          hostId: HostId.parse('host-bench'),
          keyVersion,
          baseId: BaseId.parse('bas_sophia'),
          enrolledAtMs: UnixMs.parse(0),
        },
      }),
    ),
  })
  try {
    for (let from = 0; from < ids.length; from += registryBatch) {
      const messages = ids.slice(from, from + registryBatch).map((droneId, i) => entry(droneId, from + i))
      await producer.send({ topic: topics.droneRegistry.name, acks: -1, messages })
    }
  } finally {
    await producer.disconnect()
  }
}

/** Signs as a drone's uplink does, each drone's key derived once. */
export function createSigner(fleetSecret: Buffer, topic: string) {
  const signers = new Map<DroneId, Signer>()
  const made = (droneId: DroneId) =>
    signerOf(droneId, { key: deriveDroneKey(fleetSecret, droneId, keyVersion), keyVersion, topics: [topic] })
  return (position: DronePosition): Message => {
    const { droneId } = position
    const signer = signers.get(droneId) ?? made(droneId)
    signers.set(droneId, signer)
    return sign(topic, droneId, Buffer.from(JSON.stringify(position)), signer)
  }
}

export type Backlog = {
  topic: string
  partitions: number
  count: number
  /** Some of what was sent, with the partition that each went to: the contenders must give these back. */
  sample: { partition: number; position: DronePosition }[]
}

const samplesMax = 200
const firstSamples = 100

/** Fills `topic` with `seconds` seconds of the flights of `drones` drones. */
export async function fill(
  kafka: Kafka,
  wanted: {
    topic: string
    partitions: number
    drones: number
    seconds: number
    fromMs: number
    fleetSecret: Buffer
    stopped: AbortSignal
    /** Of the first so many positions alone: what every contender gets to. */
    sampleBelow: number
  },
): Promise<Backlog> {
  const { topic, partitions, drones, seconds, fromMs, fleetSecret, stopped, sampleBelow } = wanted
  const signed = createSigner(fleetSecret, topic)
  const producer = kafka.producer({ maxInFlightRequests: 3 })
  await producer.connect()
  const flights = createFlights(drones)
  const sample: Backlog['sample'] = []
  const every = Math.max(1, Math.floor(sampleBelow / samplesMax))
  let count = 0
  let pending: Message[] = []
  const flush = async () => {
    const messages = pending
    pending = []
    await producer.send({ topic, acks: -1, messages })
  }
  try {
    for (let second = 0; second < seconds; second++) {
      stopped.throwIfAborted()
      for (const position of flights.second(fromMs + second * 1_000)) {
        // The first ones too: the slowest contender gets no further.
        if (count < sampleBelow && (count % every === 0 || count < firstSamples))
          sample.push({ partition: partitionOf(position.droneId, partitions), position })
        count += 1
        pending.push(signed(position))
        if (pending.length >= messagesPerRequest) await flush()
      }
    }
    if (pending.length > 0) await flush()
  } finally {
    await producer.disconnect()
  }
  return { topic, partitions, count, sample }
}
