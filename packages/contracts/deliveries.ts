/** Topic `deliveries`, key = order: what the itinerary service decided and learned of an order's flights. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId } from './ids.ts'
import { Epoch, HeightM, Place, UnixMs } from './units.ts'

/** Why an order has no drone at the moment. */
export const WaitingReason = z.enum([
  'no-idle-drone',
  'no-charged-drone',
  'no-drone-at-base',
  'base-paused',
  /** The way from every base in reach leads through a no-fly zone. */
  'no-fly-zone',
])
export type WaitingReason = z.infer<typeof WaitingReason>

/** Why a flight was given up, and another ordered. */
export const ReassignReason = z.enum([
  'itinerary-refused',
  'parcel-kept',
  'drone-grounded',
  'drone-silent',
  'drone-revoked',
])
export type ReassignReason = z.infer<typeof ReassignReason>

export const FailReason = z.enum(['no-drone-in-time', 'too-many-attempts', 'closed-by-operator'])
export type FailReason = z.infer<typeof FailReason>

export const CancelRefusal = z.enum(['handed-over', 'hand-over-under-way', 'undecided', 'ended'])
export type CancelRefusal = z.infer<typeof CancelRefusal>

/** Where a parcel was let go, and by what right. */
export const HandOverProof = z.object({
  place: Place,
  heightM: HeightM,
  handedOverAtMs: UnixMs,
  permitRequestId: PermitRequestId,
})
export type HandOverProof = z.infer<typeof HandOverProof>

const flight = { orderId: OrderId, epoch: Epoch, itineraryId: ItineraryId, droneId: DroneId }
const assignment = { ...flight, baseId: BaseId, estimatedHandOverAtMs: UnixMs }

export const DeliveryMessage = z.discriminatedUnion('type', [
  message('delivery.waiting', z.object({ orderId: OrderId, waitingFor: WaitingReason, sinceMs: UnixMs })),
  message('delivery.assigned', z.object(assignment)),
  message('delivery.departed', z.object({ ...flight, departedAtMs: UnixMs })),
  message('delivery.handed-over', z.object({ ...flight, ...HandOverProof.shape })),
  message('delivery.reassigned', z.object({ ...assignment, reason: ReassignReason })),
  message('delivery.undecided', z.object({ ...flight, permitRequestId: PermitRequestId, sinceMs: UnixMs })),
  message('delivery.cancelled', z.object({ orderId: OrderId, cancelledAtMs: UnixMs })),
  message('delivery.cancel-refused', z.object({ orderId: OrderId, reason: CancelRefusal })),
  message(
    'delivery.completed',
    z.object({ ...flight, ending: z.enum(['landed', 'drone-lost']), completedAtMs: UnixMs }),
  ),
  /** `note`: what the operator wrote who closed it. */
  message(
    'delivery.failed',
    z.object({ orderId: OrderId, reason: FailReason, failedAtMs: UnixMs, note: z.string().max(500).optional() }),
  ),
])
export type DeliveryMessage = z.infer<typeof DeliveryMessage>
