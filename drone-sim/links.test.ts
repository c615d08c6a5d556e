/** The parts of the links that need no broker: queues, ages of commands, reading and signing. */
import { DronePosition } from '@fleet/contracts/drone-positions'
import { topics } from '@fleet/contracts/topics'
import { isDroneMac, macKeyOf } from '@fleet/messaging/drone-mac'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createCommandAges } from './command-age.ts'
import { readMessage } from './downlink.ts'
import { createPositionQueues } from './position-queues.ts'
import { droneId, itinerary } from './testing/rig.ts'
import { sign, signerOf } from './uplink.ts'

const position = (drone: number, seq: number, boot = 1) =>
  DronePosition.parse({
    droneId: `drn_${drone}`,
    boot,
    seq,
    takenAtMs: seq,
    lat: 1,
    lon: 2,
    altitudeM: 3,
    speedMps: 4,
    headingDeg: 5,
    batteryPct: 6,
  })

describe('the position queues', () => {
  it('give each drone its turn and keep what brokers have not accepted', () => {
    const queues = createPositionQueues(10)
    for (let seq = 1; seq <= 4; seq += 1) for (const drone of [1, 2]) queues.add(position(drone, seq))

    const batch = queues.oldest(4)
    expect(batch.map(({ droneId: id, seq }) => `${id} ${seq}`)).toEqual(['drn_1 1', 'drn_1 2', 'drn_2 1', 'drn_2 2'])
    expect(queues.size()).toBe(8)
    queues.remove(batch)
    expect(queues.oldest(2).map(({ seq }) => seq)).toEqual([3, 3])
  })

  it('send everything in order, but for the oldest that they had to give up, and count those', () => {
    const adds = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.boolean()), { maxLength: 200 })
    fc.assert(
      fc.property(adds, (steps) => {
        const queues = createPositionQueues(5)
        const given = new Map<number, number>()
        const sent: DronePosition[] = []
        let dropped = 0
        for (const [drone, sends] of steps) {
          const seq = (given.get(drone) ?? 0) + 1
          given.set(drone, seq)
          queues.add(position(drone, seq))
          if (!sends) continue
          const batch = queues.oldest(4)
          queues.remove(batch)
          sent.push(...batch)
        }
        while (queues.size() > 0) {
          const batch = queues.oldest(4)
          queues.remove(batch)
          sent.push(...batch)
        }
        dropped = queues.takeDropCount()
        expect(sent.length + dropped).toBe(steps.length)
        for (const [, ofOne] of Map.groupBy(sent, (one) => one.droneId)) {
          const seqs = ofOne.map(({ seq }) => seq)
          expect(seqs).toEqual(seqs.toSorted((a, b) => a - b))
          expect(new Set(seqs).size).toBe(seqs.length)
        }
      }),
    )
  })
})

describe('the age of a command', () => {
  it('is counted from the last question to which its offset was no answer yet', () => {
    const ages = createCommandAges()
    expect(ages.absentAtMs(0, 5n)).toBeNull()
    ages.ended(0, 5n, 1_000)
    ages.ended(0, 5n, 2_000)
    ages.ended(0, 7n, 3_000)
    expect(ages.absentAtMs(0, 4n)).toBeNull() // It was there before we ever asked.
    expect(ages.absentAtMs(0, 5n)).toBe(2_000)
    expect(ages.absentAtMs(0, 6n)).toBe(2_000)
    expect(ages.absentAtMs(0, 7n)).toBe(3_000)
    expect(ages.absentAtMs(1, 7n)).toBeNull()
  })
})

describe('a message', () => {
  const value = (data: object) =>
    Buffer.from(
      JSON.stringify({
        id: 'msg_1',
        type: 'itinerary.assigned',
        version: 1,
        at: 0,
        key: droneId,
        seq: 1,
        correlationId: 'c',
        causationId: 't',
        data: { ...itinerary(), ...data },
      }),
    )
  const read = (bytes: Buffer) =>
    readMessage(topics.itineraries.name, { key: Buffer.from(droneId), value: bytes }, () => null)

  it('that names its drone is read', () => {
    expect(read(value({ droneId }))).toMatchObject({ type: 'itinerary-message', message: { seq: 1 } })
  })
  it.each([
    ['that names another drone', value({ droneId: 'drn_other' })],
    ['that is not JSON', Buffer.from('{')],
    ['of an unknown shape', Buffer.from('{"type":"new"}')],
    ['that is empty', Buffer.alloc(0)],
  ])('%s is not', (_name, bytes) => {
    expect(read(bytes)).toBeNull()
  })
  it('that is a command is older by what it had waited before it was sent, and of unknown age where that is unknown', () => {
    const command = { type: 'hold', data: { droneId, commandId: 'cmd_1', ttlMs: 5_000 } }
    const bytes = Buffer.from(JSON.stringify({ ...JSON.parse(value({}).toString()), ...command }))
    const read = (headers: Record<string, string>) =>
      readMessage(topics.droneCommands.name, { key: Buffer.from(droneId), value: bytes, headers }, () => 9_000)
    expect(read({})).toMatchObject({ type: 'command', absentAtMs: 9_000 })
    expect(read({ 'waited-ms': '4000' })).toMatchObject({ absentAtMs: 5_000 })
    expect(read({ 'waited-ms': 'unknown' })).toMatchObject({ absentAtMs: null })
  })
  it('of a drone carries the MAC of its bytes and the key version', () => {
    const key = Buffer.alloc(32, 3)
    const bytes = Buffer.from('{"a":1}')
    const signer = signerOf(droneId, { key, keyVersion: 4 })
    const { headers } = sign('drone.reports', droneId, bytes, signer)
    expect(headers).toMatchObject({ 'key-version': '4' })
    expect(isDroneMac(macKeyOf(key, { topic: 'drone.reports', key: droneId }), bytes, String(headers?.mac))).toBe(true)
  })
})
