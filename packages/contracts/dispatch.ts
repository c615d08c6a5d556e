/** REST replies of the itinerary service: bases as an operator runs them, zones, and an order's flights. */
import { z } from 'zod'
import { Base } from './airspace.ts'
import { FailReason, ReassignReason, WaitingReason } from './deliveries.ts'
import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId, ZoneId } from './ids.ts'
import { Parcel } from './orders.ts'
import { BootCount, Epoch, Place } from './units.ts'

const IsoTime = z.iso.datetime()

/** `paused`: its drones get no new flights. */
export const StationedBaseReply = Base.extend({ paused: z.boolean() })
export const StationedBasesReply = z.object({ items: z.array(StationedBaseReply) })
export const ZoneWithdrawnReply = z.object({ zoneId: ZoneId, withdrawn: z.literal(true) })

const job = { orderId: OrderId, dropOff: Place, parcel: Parcel, placedAt: IsoTime }
const FlightReply = z.object({ epoch: Epoch, itineraryId: ItineraryId, droneId: DroneId, baseId: BaseId })
/** `ran-out`: its time is over by the server's clock, and only what the drone did is unknown. */
const PermitReply = z.object({
  permitRequestId: PermitRequestId,
  boot: BootCount,
  time: z.enum(['running', 'ran-out']),
})

/** How an order's delivery stands; a field is there in the states where it means something. */
export const DeliveryReply = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('waiting'),
    ...job,
    flights: z.int().min(0),
    since: IsoTime,
    waitingFor: WaitingReason.nullable(),
    because: ReassignReason.nullable(),
  }),
  z.object({
    status: z.literal('assigned'),
    ...job,
    flight: FlightReply,
    departed: z.boolean(),
    permit: PermitReply.nullable(),
  }),
  z.object({ status: z.literal('undecided'), ...job, flight: FlightReply, permit: PermitReply, since: IsoTime }),
  z.object({ status: z.literal('handed-over'), ...job, flight: FlightReply }),
  z.object({
    status: z.literal('ended'),
    orderId: OrderId,
    how: z.enum(['completed', 'cancelled', 'failed']),
    failed: FailReason.nullable(),
    note: z.string().nullable(),
    flight: FlightReply.nullable(),
  }),
])
export type DeliveryReply = z.infer<typeof DeliveryReply>
