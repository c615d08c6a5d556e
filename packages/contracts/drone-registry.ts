/** Topic `drone.registry`, key = drone, compacted: each message is the drone's whole registry entry. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { BaseId, DroneId, HostId } from './ids.ts'
import { UnixMs } from './units.ts'

export const RegistryEntry = z.object({
  droneId: DroneId,
  name: z.string().min(1).max(64),
  hostId: HostId,
  /** Which key signs its messages: K = HKDF of the fleet secret, drone id and this number. */
  keyVersion: z.int().min(1).max(1_000_000),
  baseId: BaseId,
  enrolledAtMs: UnixMs,
})
export type RegistryEntry = z.infer<typeof RegistryEntry>

export const DroneRegistryMessage = z.discriminatedUnion('type', [
  message('drone.enrolled', RegistryEntry),
  message('drone.revoked', RegistryEntry.extend({ revokedAtMs: UnixMs })),
])
export type DroneRegistryMessage = z.infer<typeof DroneRegistryMessage>
