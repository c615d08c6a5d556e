/** Topic `itineraries`, key = drone: what a drone is to fly, and whether it may let go of the parcel. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId } from './ids.ts'
import { Parcel } from './orders.ts'
import { BootCount, Epoch, HeightM, Place, SpeedMps } from './units.ts'

/** One flight base → drop point → base for one order under one epoch. */
export const Itinerary = z.object({
  itineraryId: ItineraryId,
  orderId: OrderId,
  epoch: Epoch,
  droneId: DroneId,
  base: z.object({ baseId: BaseId, place: Place }),
  dropOff: Place,
  parcel: Parcel,
  cruiseHeightM: HeightM,
  cruiseSpeedMps: SpeedMps,
  /** How long the drone hovers for a permit, in all, before it flies home with the parcel. Milliseconds of world time. */
  hoverMsMax: z.int().min(1_000).max(3_600_000),
})
export type Itinerary = z.infer<typeof Itinerary>

export const PermitRefusal = z.enum([
  'assignment.stale',
  'order.cancelled',
  'drone.grounded',
  'order.ended',
  'boot.stale',
])
export type PermitRefusal = z.infer<typeof PermitRefusal>

/** A permit answers one request of one boot, and dies with that boot. */
const permit = {
  permitRequestId: PermitRequestId,
  itineraryId: ItineraryId,
  orderId: OrderId,
  epoch: Epoch,
  droneId: DroneId,
  boot: BootCount,
}

export const ItineraryMessage = z.discriminatedUnion('type', [
  message('itinerary.assigned', Itinerary),
  message(
    'itinerary.recalled',
    z.object({
      itineraryId: ItineraryId,
      orderId: OrderId,
      epoch: Epoch,
      droneId: DroneId,
      reason: z.string().max(64),
    }),
  ),
  /** `permitMs`: how long it runs, from the moment that the drone sent the request, by the drone's monotonic world clock. */
  message('permit.granted', z.object({ ...permit, permitMs: z.int().min(1_000).max(600_000) })),
  message('permit.refused', z.object({ ...permit, reason: PermitRefusal })),
])
export type ItineraryMessage = z.infer<typeof ItineraryMessage>
