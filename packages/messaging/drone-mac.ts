/**
 * The signature of a drone's message (promise 5): services derive each drone's key from the fleet secret, so that
 * no key is shared between services, and a drone holds its own key alone.
 */
import { createHmac, hkdfSync, type KeyObject, timingSafeEqual } from 'node:crypto'
import type { DroneId } from '@fleet/contracts/ids'

/** Header names: the MAC in lower-case hex, the key version in decimal. */
export const macHeader = 'mac'
export const keyVersionHeader = 'key-version'

/** K = HKDF-SHA256 (RFC 5869) of the fleet secret, empty salt, info `drone-mac/1` 0x00 drone id 0x00 key version; 32 bytes. */
export function deriveDroneKey(fleetSecret: Buffer, droneId: DroneId, keyVersion: number): Buffer {
  return Buffer.from(hkdfSync('sha256', fleetSecret, Buffer.alloc(0), `drone-mac/1\0${droneId}\0${keyVersion}`, 32))
}

/** HMAC-SHA256 (RFC 2104) over topic 0x00 key 0x00 the value's bytes as sent. Who uses a key often passes it as a `KeyObject`, which is quicker. */
export function droneMac(
  droneKey: Buffer | KeyObject,
  { topic, key, value }: { topic: string; key: string; value: Buffer },
): Buffer {
  return createHmac('sha256', droneKey).update(`${topic}\0${key}\0`).update(value).digest()
}

/** Whether `macHex` is the MAC of this message under this key; compares in constant time. */
export function isDroneMac(
  droneKey: Buffer | KeyObject,
  message: { topic: string; key: string; value: Buffer },
  macHex: string,
): boolean {
  const expected = droneMac(droneKey, message)
  const given = Buffer.from(macHex, 'hex')
  return given.length === expected.length && timingSafeEqual(given, expected)
}
