/**
 * One order's delivery: which flight it is on, and whether the parcel may be, was, or perhaps was handed over.
 *
 * The problem: a drone that fell silent may be gone, or may be about to hand its parcel over. If the order goes to
 * another drone, two parcels may arrive; if it waits, none may.
 *
 * The idea: a drone lets go only under a *permit* of its flight's epoch, for which it asks on approach. The permit is
 * stored here, in the one document that also holds epoch, cancellation and outcome, before it is granted; whatever
 * excludes a hand-over is written to the same document. So at each moment one of two things holds:
 *   - no permit of the present epoch is unsettled: nothing was or will be handed over, and the order may be given to
 *     another drone, or be cancelled, at once;
 *   - one is: the parcel may be gone, and nobody guesses. Only the drone's report, the recipient's word that it came,
 *     or an operator ends that.
 * A permit is settled by a report that follows it: handed over, kept, or a new question (a drone that asks again has
 * given the old permit up). It names the request and the boot; the drone starts its time when it *sends* the request,
 * so a permit that is long on its way is dead on arrival.
 *
 * An operator may close an undecided order as failed once its permit has run out by both clocks; from then on nothing can
 * be handed over, whatever was.
 *
 *   waiting ──flight ordered──▶ assigned ──handed over──▶ handed-over ──landed──▶ ended
 *      ▲                          │  │ ╲                       ▲
 *      └───refused, kept, lost────┘  │  └──cancelled, ended     │
 *          (no unsettled permit)     └──lost with a permit──▶ undecided
 */
import { type DeliveryMessage, FailReason, ReassignReason, WaitingReason } from '@fleet/contracts/deliveries'
import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import type { ItineraryMessage } from '@fleet/contracts/itineraries'
import { Parcel } from '@fleet/contracts/orders'
import { BootCount, Epoch, Place, UnixMs } from '@fleet/contracts/units'
import { z } from 'zod'

const Job = { orderId: OrderId, dropOff: Place, parcel: Parcel, placedAtMs: UnixMs }
const Flight = z.object({ epoch: Epoch, itineraryId: ItineraryId, droneId: DroneId, baseId: BaseId })
export type Flight = z.infer<typeof Flight>

/** `running`: its time may not be over by the server's clock. `ran-out`: it is, and only what the drone did is unknown. */
const Permit = z.object({ permitRequestId: PermitRequestId, boot: BootCount, time: z.enum(['running', 'ran-out']) })
export type Permit = z.infer<typeof Permit>

export const Delivery = z.discriminatedUnion('status', [
  z.object({ status: z.literal('none') }),
  z.object({
    status: z.literal('waiting'),
    ...Job,
    /** Flights ordered so far. */
    flights: z.int().min(0),
    sinceMs: UnixMs,
    /** What was last announced. */
    waitingFor: WaitingReason.nullable(),
    /** Why the flight before ended; null before the first. */
    because: ReassignReason.nullable(),
  }),
  z.object({
    status: z.literal('assigned'),
    ...Job,
    flight: Flight,
    departed: z.boolean(),
    /** Granted and not settled. */
    permit: Permit.nullable(),
  }),
  z.object({ status: z.literal('undecided'), ...Job, flight: Flight, permit: Permit, sinceMs: UnixMs }),
  z.object({ status: z.literal('handed-over'), ...Job, flight: Flight }),
  z.object({
    status: z.literal('ended'),
    orderId: OrderId,
    how: z.enum(['completed', 'cancelled', 'failed']),
    failed: FailReason.nullable(),
    /** What the operator wrote who closed it. */
    note: z.string().nullable().default(null),
    /** The last flight: its drone may still be under way. */
    flight: Flight.nullable(),
  }),
])
export type Delivery = z.infer<typeof Delivery>
export type Waiting = Extract<Delivery, { status: 'waiting' }>
/** Where an order stands among those that wait: the oldest first, and of one moment by id. */
export type WaitingPlace = Pick<Waiting, 'placedAtMs' | 'orderId'>
export type Assigned = Extract<Delivery, { status: 'assigned' }>

type Fact<M> = M extends { type: infer Type; data: infer Data } ? { type: Type; data: Data } : never

/** What happened: what the world is told, and what this document alone keeps. */
export type DeliveryEvent =
  | Fact<DeliveryMessage>
  | Fact<ItineraryMessage>
  | { type: 'delivery.opened'; data: { orderId: OrderId; dropOff: Place; parcel: Parcel; placedAtMs: UnixMs } }
  | { type: 'flight.given-up'; data: { reason: ReassignReason; atMs: UnixMs } }
  | { type: 'permit.settled-unused'; data: Record<never, never> }
  | { type: 'permit.ran-out'; data: { permitRequestId: PermitRequestId } }
  /** Came after the matter was closed, and changes nothing. */
  | { type: 'report.came-late'; data: { report: string; status: string } }

/** `delivery` after `event`. An event that cannot follow its state is a bug of ours. */
export function evolve(delivery: Delivery, event: DeliveryEvent): Delivery {
  switch (event.type) {
    case 'delivery.opened':
      return {
        status: 'waiting',
        ...event.data,
        flights: 0,
        sinceMs: event.data.placedAtMs,
        waitingFor: null,
        because: null,
      }
    case 'delivery.waiting':
      return { ...expect(delivery, 'waiting', event), waitingFor: event.data.waitingFor }
    case 'delivery.assigned':
    case 'delivery.reassigned': {
      const { epoch, itineraryId, droneId, baseId } = event.data
      const job = jobOf(expect(delivery, 'waiting', event))
      return {
        status: 'assigned',
        ...job,
        flight: { epoch, itineraryId, droneId, baseId },
        departed: false,
        permit: null,
      }
    }
    case 'delivery.departed':
      return { ...expect(delivery, 'assigned', event), departed: true }
    case 'permit.granted': {
      const { permitRequestId, boot } = event.data
      return { ...expect(delivery, 'assigned', event), permit: { permitRequestId, boot, time: 'running' } }
    }
    case 'permit.settled-unused':
      return { ...expect(delivery, 'assigned', event), permit: null }
    case 'permit.ran-out':
      return runOut(delivery, event)
    case 'flight.given-up': {
      if (delivery.status !== 'assigned' && delivery.status !== 'undecided') throw misfit(delivery, event)
      const { reason, atMs } = event.data
      const flights = delivery.flight.epoch
      return { status: 'waiting', ...jobOf(delivery), flights, sinceMs: atMs, waitingFor: null, because: reason }
    }
    case 'delivery.handed-over':
      if (delivery.status !== 'assigned' && delivery.status !== 'undecided') throw misfit(delivery, event)
      return { status: 'handed-over', ...jobOf(delivery), flight: delivery.flight }
    case 'delivery.undecided': {
      const before = expect(delivery, 'assigned', event)
      if (before.permit === null) throw misfit(delivery, event)
      const { flight, permit } = before
      return { status: 'undecided', ...jobOf(before), flight, permit, sinceMs: event.data.sinceMs }
    }
    case 'delivery.completed':
      return end(delivery, event, 'completed', null)
    case 'delivery.cancelled':
      return end(delivery, event, 'cancelled', null)
    case 'delivery.failed':
      return { ...end(delivery, event, 'failed', event.data.reason), note: event.data.note ?? null }
    case 'delivery.cancel-refused':
    case 'itinerary.assigned':
    case 'itinerary.recalled':
    case 'permit.refused':
    case 'report.came-late':
      return delivery
  }
}

const misfit = (delivery: Delivery, event: DeliveryEvent) =>
  new Error(`${event.type} cannot follow a delivery that is ${delivery.status}`)

function expect<Status extends Delivery['status']>(
  delivery: Delivery,
  status: Status,
  event: DeliveryEvent,
): Extract<Delivery, { status: Status }> {
  if (delivery.status !== status) throw misfit(delivery, event)
  // TypeScript does not narrow a union by a generic literal; the line above did.
  return delivery as Extract<Delivery, { status: Status }>
}

const jobOf = ({
  orderId,
  dropOff,
  parcel,
  placedAtMs,
}: Waiting | Exclude<Delivery, { status: 'none' | 'ended' | 'waiting' }>) => ({
  orderId,
  dropOff,
  parcel,
  placedAtMs,
})

function runOut(delivery: Delivery, event: DeliveryEvent): Delivery {
  if (delivery.status === 'undecided') return { ...delivery, permit: { ...delivery.permit, time: 'ran-out' } }
  const assigned = expect(delivery, 'assigned', event)
  if (assigned.permit === null) throw misfit(delivery, event)
  return { ...assigned, permit: { ...assigned.permit, time: 'ran-out' } }
}

function end(
  delivery: Delivery,
  event: DeliveryEvent,
  how: 'completed' | 'cancelled' | 'failed',
  failed: FailReason | null,
): Extract<Delivery, { status: 'ended' }> {
  if (delivery.status === 'none' || delivery.status === 'ended') throw misfit(delivery, event)
  const flight = delivery.status === 'waiting' ? null : delivery.flight
  return { status: 'ended', orderId: delivery.orderId, how, failed, note: null, flight }
}
