/** Drones for tests: they sign positions as real ones do. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { BaseId, DroneId, HostId } from '@fleet/contracts/ids'
import { goodPosition } from '@fleet/contracts/testing/good-position'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { deriveDroneKey, droneMac, keyVersionHeader, macHeader } from '@fleet/messaging/drone-mac'
import type { RegisteredDrone, RegistryView } from '@fleet/messaging/registry-view'
import { partitionOf, type TopicRecord } from '@fleet/messaging/topic'

export const fleetSecret = Buffer.alloc(32, 7)
const keyVersion = 1

/** The drone `drn_name`. */
export const drone = (name: string): DroneId => DroneId.parse(`drn_${name}`)

/** A good position; a test names what it is about. */
export const position = (droneId: DroneId, given: Partial<DronePosition> = {}): DronePosition => ({
  ...goodPosition,
  droneId,
  takenAtMs: UnixMs.parse(goodPosition.takenAtMs + (given.seq ?? goodPosition.seq) * 1_000),
  ...given,
})

export type Sent = { key: string; value: Buffer; headers: Record<string, string> }

/** What the drone `key` puts on `topic`, with its MAC. */
export function signed(topic: string, key: DroneId, body: unknown): Sent {
  const value = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const mac = droneMac(deriveDroneKey(fleetSecret, key, keyVersion), { topic, key, value }).toString('hex')
  return { key, value, headers: { [macHeader]: mac, [keyVersionHeader]: String(keyVersion) } }
}

/** The same message under a MAC that anyone could make up. */
export const forged = (sent: Sent): Sent => ({ ...sent, headers: { ...sent.headers, [macHeader]: '00'.repeat(32) } })

/** The record that the broker makes of it. */
export function recordOf(
  topic: string,
  { key, value, headers }: Sent,
  { offset = 0, partitions = 1 } = {},
): TopicRecord {
  return {
    topic,
    partition: partitionOf(key, partitions),
    offset,
    appendedAtMs: 1_700_000_000_000,
    key: Buffer.from(key),
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  }
}

/** A registry in which `enrolled` stand, and the authenticator over it. */
export function registryOf(...enrolled: DroneId[]) {
  const entries = new Map<string, RegisteredDrone>(
    enrolled.map((droneId) => [
      droneId,
      {
        droneId,
        name: droneId.slice(4),
        hostId: HostId.parse('host-test'),
        keyVersion,
        baseId: BaseId.parse('bas_test'),
        enrolledAtMs: UnixMs.parse(0),
        revokedAppendedAtMs: null,
      },
    ]),
  )
  const registry: RegistryView = {
    get: (droneId) => entries.get(droneId),
    catchUp: async () => undefined,
    problem: () => null,
    close: async () => undefined,
  }
  return {
    authenticator: createDroneAuthenticator({ registry, fleetSecret }),
    isEnrolled: (droneId: string) => entries.has(droneId),
    /** From this append time on the drone is revoked. */
    revoke: (droneId: DroneId, revokedAppendedAtMs: number) => {
      const entry = entries.get(droneId)
      if (entry) entries.set(droneId, { ...entry, revokedAppendedAtMs })
    },
  }
}

/** The registry's message that enrols the drone. */
export const registryMessage = (droneId: DroneId) => ({
  key: droneId,
  value: JSON.stringify(
    topics.droneRegistry.schema.parse({
      id: `msg_${droneId.slice(4)}`,
      type: 'drone.enrolled',
      version: 1,
      at: 0,
      key: droneId,
      seq: 1,
      correlationId: 'test',
      causationId: 'test',
      data: { droneId, name: droneId.slice(4), hostId: 'host-test', keyVersion, baseId: 'bas_test', enrolledAtMs: 0 },
    }),
  ),
})
