import { DroneId } from '@fleet/contracts/ids'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { deriveDroneKey, droneMac, isDroneMac, macHexOf, macKeyOf } from './drone-mac.ts'

// Computed with Python's hmac and hashlib from RFC 5869 and RFC 2104, not with this code.
const fleetSecret = Buffer.from(Array.from({ length: 32 }, (_, i) => i))
const droneId = DroneId.parse('drn_1a2b3c')
const message = { topic: 'drone.reports', key: droneId, value: Buffer.from('{"hello":"wörld"}') }
const vectors = [
  {
    keyVersion: 1,
    key: '03ba3cda9b092ddae4da31f6dd2db1e7f2f2122e53668571b68c26aaef11ce3d',
    mac: 'd4ad3f7f21ada42bf64717a9ff9f32d5ba38d4b97322b015ca81552bf6ead03e',
  },
  {
    keyVersion: 2,
    key: '9d73f68b5392c963b65d4d73f0863e977d9f81516265e581cddbe1ebc6b00aa6',
    mac: '0398bbddd5bc9d92b34569cb4246925682c6560ccd2c824722c2a8fc9521ec40',
  },
]

describe('the MAC of a drone', () => {
  it.each(vectors)('derives the key of version $keyVersion and signs as other implementations do', (vector) => {
    const key = deriveDroneKey(fleetSecret, droneId, vector.keyVersion)

    expect(key.toString('hex')).toBe(vector.key)
    expect(droneMac(key, message).toString('hex')).toBe(vector.mac)
    expect(isDroneMac(macKeyOf(key, message), message.value, vector.mac)).toBe(true)
  })

  it.each([
    ['another topic', { ...message, topic: 'drone.positions' }],
    ['another key', { ...message, key: 'drn_1a2b3d' }],
    ['another value', { ...message, value: Buffer.from('{"hello":"world"}') }],
    ['a boundary that moved', { ...message, topic: 'drone.reports\0drn', key: '1a2b3c' }],
  ])('refuses a MAC that was made for %s', (_, other) => {
    const key = deriveDroneKey(fleetSecret, droneId, 1)

    expect(isDroneMac(macKeyOf(key, other), other.value, droneMac(key, message).toString('hex'))).toBe(false)
  })

  it.each(['', 'ab', 'not hex at all', vectors[0]?.mac.slice(2) ?? '', `${vectors[0]?.mac}00`])(
    'refuses "%s", which has not the length of a MAC',
    (mac) => {
      expect(isDroneMac(macKeyOf(deriveDroneKey(fleetSecret, droneId, 1), message), message.value, mac)).toBe(false)
    },
  )

  it('is the one that Node computes, for any key and message, and no other', () => {
    const bytes = (maxLength: number) => fc.uint8Array({ maxLength }).map((array) => Buffer.from(array))
    fc.assert(
      fc.property(bytes(64), fc.string(), fc.string(), bytes(9_000), fc.nat(31), (key, topic, name, value, at) => {
        const signed = { topic, key: name, value }
        const mac = droneMac(key, signed)
        expect(macHexOf(macKeyOf(key, signed), value)).toBe(mac.toString('hex'))
        expect(isDroneMac(macKeyOf(key, signed), value, mac.toString('hex'))).toBe(true)
        mac[at] = (mac[at] ?? 0) ^ 1
        expect(isDroneMac(macKeyOf(key, signed), value, mac.toString('hex'))).toBe(false)
      }),
      { seed: 8 },
    )
  })
})
