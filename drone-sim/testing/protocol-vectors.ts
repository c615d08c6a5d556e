/** The test vectors of docs/drone-protocol.md: keys, partitions and MACs, made by the code that services check them with. */
import { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { deriveDroneKey, droneMac } from '@fleet/messaging/drone-mac'
import { partitionOf } from '@fleet/messaging/topic'
import { newMemory, report } from '../memory.ts'

/** Not a secret: the bytes 00 to 1f. */
const fleetSecret = Buffer.from(Array.from({ length: 32 }, (_, index) => index))
const droneId = DroneId.parse('drn_7Jx2')
const keyVersion = 3

const position = {
  droneId,
  boot: 2,
  seq: 1,
  takenAtMs: 1_800_000_000_000,
  lat: 43.6163,
  lon: 7.0552,
  altitudeM: 150,
  speedMps: 0,
  headingDeg: 0,
  batteryPct: 100,
}

function bootReport() {
  const place = { lat: 43.6163, lon: 7.0552 }
  const before = { boot: 1, positionSeqMax: 128 }
  const data = { droneId, boot: 2, before, place, batteryPct: 100, landed: true, itinerary: null }
  const cause = { correlationId: `boot2-${droneId}`, causationId: 'power-on' }
  const memory = { ...newMemory(droneId, place), reportSeq: 1 }
  const told = report(memory, { type: 'booted', data }, { atMs: UnixMs.parse(1_800_000_000_000), cause })
  return told.outbox.at(-1)
}

/** Everything that an author of firmware can compare his own computation with. */
export function protocolVectors() {
  const key = deriveDroneKey(fleetSecret, droneId, keyVersion)
  const message = (topic: { name: string; partitions: number }, body: unknown) => {
    const value = JSON.stringify(body)
    return {
      topic: topic.name,
      key: droneId,
      partition: partitionOf(droneId, topic.partitions),
      value,
      headers: {
        'key-version': String(keyVersion),
        mac: droneMac(key, { topic: topic.name, key: droneId, value: Buffer.from(value) }).toString('hex'),
      },
    }
  }
  const names = ['drn_1', 'drn_7Jx2', 'drn_A', 'drn_0123456789abcdef0123456789abcdef']
  return {
    droneKey: { fleetSecret: fleetSecret.toString('hex'), droneId, keyVersion, key: key.toString('hex') },
    partitions: names.map((name) => ({ key: name, of6: partitionOf(name, 6), of12: partitionOf(name, 12) })),
    messages: [message(topics.dronePositions, position), message(topics.droneReports, bootReport())],
  }
}
