/** Topic `drone.health`, key = drone: every change of a drone's health, with its evidence. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { DroneId } from './ids.ts'
import { UnixMs } from './units.ts'

export const HealthState = z.enum([
  'healthy',
  'suspect',
  'unresponsive',
  'defective',
  'rebooting',
  'recovering',
  'grounded',
])
export type HealthState = z.infer<typeof HealthState>

export const DroneHealthMessage = z.discriminatedUnion('type', [
  message(
    'health.changed',
    z.object({
      droneId: DroneId,
      from: HealthState,
      to: HealthState,
      evidence: z.object({
        rule: z.string().max(64),
        readings: z.record(z.string(), z.union([z.number(), z.string()])),
        thresholds: z.record(z.string(), z.number()),
      }),
      changedAtMs: UnixMs,
    }),
  ),
])
export type DroneHealthMessage = z.infer<typeof DroneHealthMessage>
