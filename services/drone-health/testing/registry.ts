/** Drones that sign what they send, and a registry that knows them, for tests. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { BaseId, type DroneId, HostId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { deriveDroneKey, droneMac, keyVersionHeader, macHeader } from '@fleet/messaging/drone-mac'
import type { RegisteredDrone } from '@fleet/messaging/registry-view'
import { partitionOf, type TopicRecord } from '@fleet/messaging/topic'

export const fleetSecret = Buffer.alloc(32, 3)
const keyVersion = 1

const entryOf = (droneId: DroneId): RegisteredDrone => ({
  droneId,
  name: droneId.slice(4),
  hostId: HostId.parse('host-test'),
  keyVersion,
  baseId: BaseId.parse('bas_home'),
  enrolledAtMs: UnixMs.parse(0),
  revokedAppendedAtMs: null,
})

/** An authenticator that knows `drones` alone. */
export function authenticatorOf(drones: readonly DroneId[]) {
  const entries = new Map<string, RegisteredDrone>(drones.map((droneId) => [droneId, entryOf(droneId)]))
  const registry = {
    get: (droneId: string) => entries.get(droneId),
    catchUp: async () => undefined,
    problem: () => null,
    close: async () => undefined,
  }
  return createDroneAuthenticator({ registry, fleetSecret })
}

/** What a drone puts on `topic`, with its MAC. */
export function signed(topic: string, key: DroneId, body: unknown) {
  const value = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body))
  const mac = droneMac(deriveDroneKey(fleetSecret, key, keyVersion), { topic, key, value }).toString('hex')
  return { key, value, headers: { [macHeader]: mac, [keyVersionHeader]: String(keyVersion) } }
}

/** The record that the broker makes of a position; `body` may be text that no schema reads. */
export function positionRecord(
  key: DroneId,
  body: DronePosition | string,
  { topic, partitions, appendedAtMs }: { topic: string; partitions: number; appendedAtMs: number },
): TopicRecord {
  const { value, headers } = signed(topic, key, body)
  return {
    topic,
    partition: partitionOf(key, partitions),
    offset: 0,
    appendedAtMs,
    key: Buffer.from(key),
    value,
    headers: Object.fromEntries(Object.entries(headers).map(([name, text]) => [name, Buffer.from(text)])),
  }
}
