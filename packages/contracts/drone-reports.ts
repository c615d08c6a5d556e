/** Topic `drone.reports`, key = drone: what a drone did. `seq` is kept in the drone's non-volatile store. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { CommandId, DroneId, ItineraryId, OrderId, PermitRequestId } from './ids.ts'
import { BatteryPct, BootCount, Epoch, HeightM, Place, Seq, UnixMs } from './units.ts'

const from = { droneId: DroneId, boot: BootCount }
/** Whether it holds, by an operator's command, and would refuse to fly; not said: as before. */
const held = z.boolean().optional()
const flight = { ...from, itineraryId: ItineraryId, orderId: OrderId, epoch: Epoch }

export const ItineraryRefusal = z.enum(['busy', 'battery-low', 'parcel-too-heavy', 'not-airworthy', 'stale'])
export type ItineraryRefusal = z.infer<typeof ItineraryRefusal>

export const KeptReason = z.enum(['permit-refused', 'no-permit-in-time', 'recalled', 'commanded', 'battery-low'])
export type KeptReason = z.infer<typeof KeptReason>

export const CommandOutcome = z.enum(['succeeded', 'failed', 'refused', 'expired'])
export type CommandOutcome = z.infer<typeof CommandOutcome>

export const DroneReport = z.discriminatedUnion('type', [
  message('itinerary.accepted', z.object(flight)),
  message('itinerary.refused', z.object({ ...flight, reason: ItineraryRefusal })),
  message(
    'leg.started',
    z.object({ ...flight, leg: z.enum(['outbound', 'inbound']), place: Place, batteryPct: BatteryPct }),
  ),
  message(
    'permit.requested',
    z.object({ ...flight, permitRequestId: PermitRequestId, place: Place, heightM: HeightM }),
  ),
  message(
    'parcel.handed-over',
    z.object({ ...flight, permitRequestId: PermitRequestId, place: Place, heightM: HeightM, handedOverAtMs: UnixMs }),
  ),
  message('parcel.kept', z.object({ ...flight, reason: KeptReason })),
  /** The drone woke between "hand-over begun" and "ended": it does not know whether the parcel is gone. */
  message('parcel.unknown', z.object({ ...flight, permitRequestId: PermitRequestId, place: Place })),
  message(
    'landed',
    z.object({
      ...from,
      itinerary: z.object({ itineraryId: ItineraryId, orderId: OrderId, epoch: Epoch }).nullable(),
      place: Place,
      batteryPct: BatteryPct,
      parcelAboard: z.boolean(),
      held,
    }),
  ),
  message('command.acknowledged', z.object({ ...from, commandId: CommandId, commandSeq: Seq })),
  message(
    'command.finished',
    z.object({
      ...from,
      commandId: CommandId,
      commandSeq: Seq,
      outcome: CommandOutcome,
      reason: z.string().max(200).optional(),
      held,
    }),
  ),
  /** The first report of a boot. `before` closes the account of the boot before: its highest position sequence, rounded up to 64. */
  message(
    'booted',
    z.object({
      ...from,
      before: z.object({ boot: BootCount, positionSeqMax: z.int().min(0) }).nullable(),
      place: Place,
      batteryPct: BatteryPct,
      landed: z.boolean(),
      itinerary: z.object({ itineraryId: ItineraryId, orderId: OrderId, epoch: Epoch }).nullable(),
    }),
  ),
])
export type DroneReport = z.infer<typeof DroneReport>
