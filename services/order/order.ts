/**
 * One order as its customer sees it: what it is, what may be asked of it, and what the itinerary service's word makes of it.
 * Whether a drone flies, and whether a cancellation is true, is decided there (promise 2); this file follows and refuses
 * what cannot be.
 *
 *   accepted ──▶ assigned ──▶ in-flight ──▶ delivered ──▶ closed
 *                   ▲  ╲         │  │            ▲           ▲
 *                   └───reassigned──┘ undecided ─┴───────────┘
 *   each of these before `delivered` may be `cancelling` on top, and end as `cancelled` or `failed`.
 */
import { type DeliveryMessage, FailReason, HandOverProof, WaitingReason } from '@fleet/contracts/deliveries'
import { BaseId, CustomerId, DroneId, ItineraryId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import { Parcel } from '@fleet/contracts/orders'
import { Epoch, Place, UnixMs } from '@fleet/contracts/units'
import { z } from 'zod'

/** What an order is and stays. */
const Facts = z.object({
  orderId: OrderId,
  customerId: CustomerId,
  dropOff: Place,
  parcel: Parcel,
  placedAtMs: UnixMs,
  /** Of the body that placed it: a repetition must be the same. */
  bodyHash: z.string(),
})

const Flight = z.object({ epoch: Epoch, itineraryId: ItineraryId, droneId: DroneId, baseId: BaseId })

/** `waitingFor`: why it has no drone at the moment, also between two flights; the status stays then. */
const pending = { ...Facts.shape, estimatedHandOverAtMs: UnixMs, waitingFor: WaitingReason.nullable() }
/** What the recipient said last about whether the parcel came. */
const receiptCame = z.boolean().nullable()

const Accepted = z.object({ status: z.literal('accepted'), ...pending })
const Assigned = z.object({ status: z.literal('assigned'), ...pending, flight: Flight })
const InFlight = z.object({ status: z.literal('in-flight'), ...pending, flight: Flight, departedAtMs: UnixMs })
const Undecided = z.object({
  status: z.literal('undecided'),
  ...pending,
  flight: Flight,
  permitRequestId: PermitRequestId,
  undecidedSinceMs: UnixMs,
  receiptCame,
})
const Pending = z.discriminatedUnion('status', [Accepted, Assigned, InFlight, Undecided])

/** Every state that is stored; an order that was never placed is `none`. */
export const PlacedOrder = z.discriminatedUnion('status', [
  Accepted,
  Assigned,
  InFlight,
  Undecided,
  /** Asked, not answered: `before` goes on moving, and is what a refusal of the cancellation returns to. */
  z.object({ status: z.literal('cancelling'), ...Facts.shape, before: Pending }),
  z.object({ status: z.literal('delivered'), ...Facts.shape, flight: Flight, handedOver: HandOverProof, receiptCame }),
  z.object({
    status: z.literal('closed'),
    ...Facts.shape,
    flight: Flight,
    /** Null where the recipient's word settled it. */
    handedOver: HandOverProof.nullable(),
    receiptCame,
    closedAtMs: UnixMs,
  }),
  z.object({ status: z.literal('cancelled'), ...Facts.shape, cancelledAtMs: UnixMs }),
  z.object({ status: z.literal('failed'), ...Facts.shape, failedAtMs: UnixMs, failedBecause: FailReason }),
])
export type PlacedOrder = z.infer<typeof PlacedOrder>
export type Order = { status: 'none' } | PlacedOrder
export type Pending = z.infer<typeof Pending>
type StateOf<Status extends Order['status']> = Extract<Order, { status: Status }>

type Fact<M> = M extends { type: infer Type; data: infer Data } ? { type: Type; data: Data } : never
/** What the itinerary service says of an order: heard as a command, and as such an event where it changes something. */
export type DeliveryNews = Fact<DeliveryMessage>

export type OrderEvent =
  | {
      type: 'order.accepted'
      data: z.infer<typeof Facts> & { estimatedHandOverAtMs: UnixMs }
    }
  | { type: 'order.cancel-requested'; data: { orderId: OrderId } }
  | { type: 'order.receipt-stated'; data: { orderId: OrderId; came: boolean } }
  | DeliveryNews

/** An event that cannot follow its state: a bug of ours, which stops the partition that it came from. */
export class IllegalMove extends Error {
  constructor(order: Order, event: { type: string }) {
    super(`${event.type} cannot follow ${'orderId' in order ? order.orderId : 'an order'} that is ${order.status}`)
    this.name = 'IllegalMove'
  }
}

export const isPending = (order: Order): order is Pending =>
  order.status === 'accepted' ||
  order.status === 'assigned' ||
  order.status === 'in-flight' ||
  order.status === 'undecided'

/** `order` after `event`. @throws IllegalMove */
export function evolve(order: Order, event: OrderEvent): Order {
  if (order.status === 'cancelling') return evolveCancelling(order, event)
  switch (event.type) {
    case 'order.accepted':
      if (order.status !== 'none') throw new IllegalMove(order, event)
      return { status: 'accepted', ...event.data, waitingFor: null }
    case 'order.cancel-requested':
      if (!isPending(order)) throw new IllegalMove(order, event)
      return { status: 'cancelling', ...factsOf(order), before: order }
    case 'order.receipt-stated':
      if (order.status !== 'undecided' && order.status !== 'delivered' && order.status !== 'closed') {
        throw new IllegalMove(order, event)
      }
      return { ...order, receiptCame: event.data.came }
    case 'delivery.waiting':
      return wait(order, event)
    case 'delivery.assigned':
    case 'delivery.reassigned': {
      if (!isPending(order)) throw new IllegalMove(order, event)
      const { epoch, itineraryId, droneId, baseId, estimatedHandOverAtMs } = event.data
      const flight = { epoch, itineraryId, droneId, baseId }
      return { status: 'assigned', ...factsOf(order), flight, estimatedHandOverAtMs, waitingFor: null }
    }
    case 'delivery.departed':
      if (order.status !== 'assigned') throw new IllegalMove(order, event)
      return { ...order, status: 'in-flight', departedAtMs: event.data.departedAtMs, waitingFor: null }
    case 'delivery.undecided': {
      if (order.status !== 'assigned' && order.status !== 'in-flight') throw new IllegalMove(order, event)
      const { permitRequestId, sinceMs } = event.data
      const { flight, estimatedHandOverAtMs } = order
      const open = { ...factsOf(order), flight, estimatedHandOverAtMs, waitingFor: null, receiptCame: null }
      return { status: 'undecided', ...open, permitRequestId, undecidedSinceMs: sinceMs }
    }
    case 'delivery.handed-over':
      return handOver(order, event)
    case 'delivery.completed': {
      if (order.status !== 'delivered' && order.status !== 'undecided') throw new IllegalMove(order, event)
      const handedOver = order.status === 'delivered' ? order.handedOver : null
      const { flight, receiptCame } = order
      const closedAtMs = event.data.completedAtMs
      return { status: 'closed', ...factsOf(order), flight, handedOver, receiptCame, closedAtMs }
    }
    case 'delivery.failed': {
      if (!isPending(order)) throw new IllegalMove(order, event)
      const { failedAtMs, reason } = event.data
      return { status: 'failed', ...factsOf(order), failedAtMs, failedBecause: reason }
    }
    case 'delivery.cancelled':
    case 'delivery.cancel-refused':
      throw new IllegalMove(order, event)
  }
}

function evolveCancelling(order: StateOf<'cancelling'>, event: OrderEvent): Order {
  if (event.type === 'delivery.cancelled') {
    return { status: 'cancelled', ...factsOf(order), cancelledAtMs: event.data.cancelledAtMs }
  }
  if (event.type === 'delivery.cancel-refused') return order.before
  const next = evolve(order.before, event)
  return isPending(next) ? { ...order, before: next } : next
}

/** An undecided order that waits again was settled: its drone had kept the parcel. */
function wait(order: Order, event: Extract<DeliveryNews, { type: 'delivery.waiting' }>): Order {
  if (!isPending(order)) throw new IllegalMove(order, event)
  const { waitingFor } = event.data
  if (order.status !== 'undecided') return { ...order, waitingFor }
  const { flight, estimatedHandOverAtMs } = order
  return { status: 'assigned', ...factsOf(order), flight, estimatedHandOverAtMs, waitingFor }
}

function handOver(order: Order, event: Extract<DeliveryNews, { type: 'delivery.handed-over' }>): Order {
  if (order.status !== 'assigned' && order.status !== 'in-flight' && order.status !== 'undecided') {
    throw new IllegalMove(order, event)
  }
  const { place, heightM, handedOverAtMs, permitRequestId } = event.data
  const handedOver = { place, heightM, handedOverAtMs, permitRequestId }
  const receiptCame = order.status === 'undecided' ? order.receiptCame : null
  return { status: 'delivered', ...factsOf(order), flight: order.flight, handedOver, receiptCame }
}

function factsOf({ orderId, customerId, dropOff, parcel, placedAtMs, bodyHash }: PlacedOrder) {
  return { orderId, customerId, dropOff, parcel, placedAtMs, bodyHash }
}
