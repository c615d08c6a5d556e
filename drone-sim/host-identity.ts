/** What a drone host was given when its drones were enrolled: its certificate, and each drone's key. */
import { createSecretKey, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { BaseId, DroneId, HostId } from '@fleet/contracts/ids'
import { Latitude, Longitude, type Place } from '@fleet/contracts/units'
import { type DroneTls, readTls } from '@fleet/messaging/kafka'
import { z } from 'zod'
import { readJson } from './non-volatile-store.ts'

const HostFile = z.object({
  hostId: HostId,
  drones: z
    .array(
      z.object({
        droneId: DroneId,
        name: z.string(),
        keyVersion: z.int().min(1),
        /** Beside this file. */
        keyFile: z.string().min(1),
        base: z.object({ baseId: BaseId, lat: Latitude, lon: Longitude }),
      }),
    )
    .min(1),
})

const KeyHex = z
  .string()
  .trim()
  .regex(/^[0-9a-f]{64}$/i, 'must be 32 bytes in hex')

export type DroneIdentity = { droneId: DroneId; name: string; base: Place; keyVersion: number; key: KeyObject }
export type HostIdentity = { hostId: HostId; tls: DroneTls; drones: readonly DroneIdentity[] }

/** Reads a host's folder: `host.json`, `ca.crt`, `host.crt`, `host.key`, and a key file a drone. Throws where one is missing or malformed. */
export function readHostIdentity(folder: string): HostIdentity {
  const { hostId, drones } = readJson(join(folder, 'host.json'), HostFile.parse)
  const tls = readTls({ ca: join(folder, 'ca.crt'), cert: join(folder, 'host.crt'), key: join(folder, 'host.key') })
  return {
    hostId,
    tls,
    drones: drones.map(({ droneId, name, keyVersion, keyFile, base: { lat, lon } }) => {
      const key = createSecretKey(KeyHex.parse(readFileSync(join(folder, keyFile), 'utf8')), 'hex')
      return { droneId, name, keyVersion, key, base: { lat, lon } }
    }),
  }
}
