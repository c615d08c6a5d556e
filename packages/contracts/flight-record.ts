/** The flight record of an order: what each service keeps of it, and the gateway's one time line of all. For operators. */
import { z } from 'zod'
import { CommandKind } from './drone-commands.ts'
import { HealthState } from './drone-health.ts'
import { BaseId, CommandId, DroneId, ItineraryId } from './ids.ts'
import { CommandStatus, EvidenceReply, OrderReply } from './rest.ts'
import { Epoch } from './units.ts'

const IsoTime = z.iso.datetime()
const Data = z.record(z.string(), z.unknown())

/** What became of the parcel that a flight took along. A replacement flies with a new one. */
export const ParcelFate = z.enum([
  /** The drone never departed with it. */
  'not-departed',
  'aboard',
  'handed-over',
  /** The flight was given up, and the drone has it still: it is to bring it home. */
  'to-be-returned',
  'returned',
  'unknown',
])
export type ParcelFate = z.infer<typeof ParcelFate>

/** One flight that was ordered for the order. `until`: when nothing more is to be heard of it; null while something is. */
export const RecordedFlight = z.object({
  epoch: Epoch,
  itineraryId: ItineraryId,
  droneId: DroneId,
  baseId: BaseId,
  from: IsoTime,
  until: IsoTime.nullable(),
  estimatedHandOverAt: IsoTime,
  parcel: ParcelFate,
})
export type RecordedFlight = z.infer<typeof RecordedFlight>

/** What the itinerary service decided about an order's delivery and heard of it from drones: the last 300 entries. */
export const DeliveryHistoryReply = z.object({
  flights: z.array(RecordedFlight),
  items: z.array(z.object({ at: IsoTime, from: z.enum(['service', 'drone']), type: z.string(), data: Data })),
})
export type DeliveryHistoryReply = z.infer<typeof DeliveryHistoryReply>

export const HistoryWindowQuery = z.strictObject({ from: z.iso.datetime(), to: z.iso.datetime().optional() })

/** One drone's changes of health and commands in a window, oldest first. `truncated`: there were more. */
export const DroneHistoryReply = z.object({
  health: z.array(
    z.object({
      at: IsoTime,
      from: HealthState,
      to: HealthState,
      evidence: EvidenceReply,
      /** The command that this change ordered. */
      orders: CommandId.nullable(),
    }),
  ),
  commands: z.array(
    z.object({
      commandId: CommandId,
      kind: CommandKind,
      issuedBy: z.string(),
      reason: z.string().nullable(),
      steps: z.array(z.object({ status: CommandStatus, at: IsoTime })),
    }),
  ),
  truncated: z.boolean(),
})
export type DroneHistoryReply = z.infer<typeof DroneHistoryReply>

/** `positions`: how many of each flight are shown at most; they are thinned evenly, and the flight says how many there were. */
export const OrderRecordQuery = z.strictObject({ positions: z.coerce.number().int().min(0).max(2_000).default(200) })

export const OrderRecordReply = z.object({
  order: OrderReply,
  flights: z.array(
    RecordedFlight.extend({ positions: z.object({ shown: z.int(), of: z.int(), truncated: z.boolean() }).nullable() }),
  ),
  /** Everything, oldest first. `what` is an event's, report's, state's or status's name. */
  timeline: z.array(
    z.object({
      at: IsoTime,
      source: z.enum(['order', 'delivery', 'drone', 'health', 'command', 'position']),
      what: z.string(),
      epoch: Epoch.nullable(),
      droneId: DroneId.nullable(),
      data: Data,
    }),
  ),
  /** What is not in it, because a service did not answer or keeps no more. */
  missing: z.array(z.string()),
})
export type OrderRecordReply = z.infer<typeof OrderRecordReply>
