/** Topic `airspace`, key = base or zone, compacted: where drones start, how far and how much they carry, where they may not fly. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { BaseId, ZoneId } from './ids.ts'
import { Place } from './units.ts'

export const Base = z.object({
  baseId: BaseId,
  name: z.string().min(1).max(64),
  place: Place,
  /** How far from the base its drones deliver, along the ground, and come back with their reserve. */
  rangeM: z.number().positive().max(100_000),
  payloadGMax: z.int().min(1).max(100_000),
})
export type Base = z.infer<typeof Base>

export const Zone = z.object({
  zoneId: ZoneId,
  name: z.string().min(1).max(64),
  /** The outline, 3 to 1,000 corners, not closed. */
  outline: z.array(Place).min(3).max(1_000),
})
export type Zone = z.infer<typeof Zone>

export const AirspaceMessage = z.discriminatedUnion('type', [
  message('base.published', Base),
  message('zone.published', Zone),
  message('zone.withdrawn', z.object({ zoneId: ZoneId })),
])
export type AirspaceMessage = z.infer<typeof AirspaceMessage>
