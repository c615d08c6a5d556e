/** Drones by the thousand, as far as the gateway can tell: registered on the topic, and each position under its drone's own MAC. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import type { StackInfo } from '@fleet/local/stack-info'
import { deriveDroneKey, droneMac, keyVersionHeader, macHeader } from '@fleet/messaging/drone-mac'
import { createKafka } from '@fleet/messaging/kafka'
import { partitionOf } from '@fleet/messaging/topic'
import { silentLog } from '@fleet/runtime/log'
import type { Producer } from 'kafkajs'

const topic = topics.dronePositions
const batch = 500
/** Metres a second of world time, and how far from the middle they fly: within the map of the three bases. */
const speedMps = 20
const middle = { lat: 43.585, lon: 7.066 }
const turnS = 120

export type ManyDrones = AsyncDisposable & {
  /** One position of each, `atS` world seconds after the first. */
  report(atS: number): Promise<void>
}

/** Registers `count` drones. `fleetSecretFile` is the stack's own. */
export async function createManyDrones(
  { kafka, folders }: StackInfo,
  { count, worldNowMs }: { count: number; worldNowMs: () => number },
): Promise<ManyDrones> {
  const secret = Buffer.from(readFileSync(join(folders.secrets, 'fleet-secret'), 'utf8').trim(), 'hex')
  const client = createKafka({ brokers: kafka.internal.split(','), clientId: 'many-drones', log: silentLog() })
  const producer = client.producer()
  await producer.connect()
  const drones = Array.from({ length: count }, (_, index) => {
    const droneId = DroneId.parse(`drn_many${index}`)
    return {
      droneId,
      index,
      key: deriveDroneKey(secret, droneId, 1),
      partition: partitionOf(droneId, topic.partitions),
    }
  })
  await inBatches(
    producer,
    topics.droneRegistry.name,
    drones.map(({ droneId, index }) => ({
      key: droneId,
      value: JSON.stringify(enrolled(droneId, index)),
    })),
  )

  return {
    report: async (atS) => {
      const seq = Math.floor(atS) + 1
      await inBatches(
        producer,
        topic.name,
        drones.map(({ droneId, index, key, partition }) => {
          const value = Buffer.from(
            JSON.stringify({ droneId, boot: 1, seq, takenAtMs: worldNowMs(), ...placeOf(index, atS) }),
          )
          const mac = droneMac(key, { topic: topic.name, key: droneId, value }).toString('hex')
          return { key: droneId, value, partition, headers: { [macHeader]: mac, [keyVersionHeader]: '1' } }
        }),
      )
    },
    [Symbol.asyncDispose]: () => producer.disconnect(),
  }
}

type Messages = Parameters<Producer['send']>[0]['messages']
async function inBatches(producer: Producer, name: string, messages: Messages): Promise<void> {
  for (let from = 0; from < messages.length; from += batch) {
    await producer.send({ topic: name, messages: messages.slice(from, from + batch) })
  }
}

const enrolled = (droneId: DroneId, index: number) => ({
  id: `msg_many${index}`,
  type: 'drone.enrolled',
  version: 1,
  at: 1,
  key: droneId,
  seq: 1,
  correlationId: 'many-drones',
  causationId: 'many-drones',
  data: { droneId, name: `many-${index}`, hostId: 'host-many', keyVersion: 1, baseId: 'bas_sophia', enrolledAtMs: 1 },
})

/** Each goes round a circle of its own, spread over the map by the golden angle. */
function placeOf(index: number, atS: number) {
  const ring = 0.07 * Math.sqrt((index % 1_000) / 1_000)
  const spoke = index * 2.399963
  const angle = (2 * Math.PI * atS) / turnS + index
  const radiusDeg = (speedMps * turnS) / (2 * Math.PI) / 111_320
  const headingDeg = ((((angle * 180) / Math.PI + 90) % 360) + 360) % 360
  return {
    lat: middle.lat + ring * Math.cos(spoke) + radiusDeg * Math.cos(angle),
    lon: middle.lon + ring * Math.sin(spoke) + radiusDeg * Math.sin(angle),
    altitudeM: 180,
    speedMps,
    headingDeg: headingDeg >= 360 ? 0 : headingDeg,
    batteryPct: 80,
  }
}
