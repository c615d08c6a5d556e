/** What may be asked of an order, and what each message about its delivery makes of it. */

import type { CustomerId, OrderId } from '@fleet/contracts/ids'
import { accept, type Decision, refuse } from '@fleet/contracts/problems'
import type { Place, UnixMs } from '@fleet/contracts/units'
import type { Reach } from './airspace.ts'
import { type DeliveryNews, IllegalMove, type Order, type OrderEvent, type PlacedOrder } from './order.ts'

/** Who asks: a customer may touch only its own orders, a recipient only its one, and neither is told that others exist. */
export type AskedBy = { customerId: CustomerId } | { orderId: OrderId } | 'operator'

export type OrderCommand =
  | {
      type: 'order.place'
      orderId: OrderId
      customerId: CustomerId
      dropOff: Place
      parcel: { weightG: number }
      bodyHash: string
      /** Whether and how the airspace of this moment lets it be flown. */
      reach: Reach
      atMs: UnixMs
    }
  | { type: 'order.cancel'; by: AskedBy }
  | { type: 'order.state-receipt'; by: AskedBy; came: boolean }
  | DeliveryNews

/** What `command` makes happen to `order`: the events (none where it comes late or twice), or why not. @throws IllegalMove */
export function decide(order: Order, command: OrderCommand): Decision<OrderEvent> {
  switch (command.type) {
    case 'order.place':
      return place(order, command)
    case 'order.cancel':
      return cancel(order, command)
    case 'order.state-receipt':
      return stateReceipt(order, command)
    case 'delivery.waiting':
    case 'delivery.assigned':
    case 'delivery.departed':
    case 'delivery.handed-over':
    case 'delivery.reassigned':
    case 'delivery.undecided':
    case 'delivery.cancelled':
    case 'delivery.cancel-refused':
    case 'delivery.completed':
    case 'delivery.failed':
      return hear(order, command)
  }
}

type CommandOf<Type extends OrderCommand['type']> = Extract<OrderCommand, { type: Type }>

function place(order: Order, command: CommandOf<'order.place'>): Decision<OrderEvent> {
  const { orderId, customerId, dropOff, parcel, bodyHash, reach, atMs } = command
  if (order.status !== 'none') {
    if (order.bodyHash === bodyHash) return accept()
    return refuse('idempotency.key-reused', {
      field: 'Idempotency-Key',
      limit: 'the same body as before',
      detail: `it placed ${order.orderId}, with another drop point or parcel`,
    })
  }
  if (!reach.ok) return reach
  const estimatedHandOverAtMs = reach.estimatedHandOverAtMs
  const data = { orderId, customerId, dropOff, parcel, placedAtMs: atMs, bodyHash, estimatedHandOverAtMs }
  return accept({ type: 'order.accepted', data })
}

export function mayTouch(order: PlacedOrder, by: AskedBy): boolean {
  if (by === 'operator') return true
  return 'orderId' in by ? order.orderId === by.orderId : order.customerId === by.customerId
}

function cancel(order: Order, { by }: CommandOf<'order.cancel'>): Decision<OrderEvent> {
  if (order.status === 'none' || !mayTouch(order, by)) return refuse('order.unknown')
  switch (order.status) {
    case 'accepted':
    case 'assigned':
    case 'in-flight':
      return accept({ type: 'order.cancel-requested', data: { orderId: order.orderId } })
    case 'cancelling':
    case 'cancelled':
      return accept()
    case 'undecided':
      return refuse('order.illegal-move', {
        field: 'status',
        value: order.status,
        limit: 'accepted | assigned | in-flight',
        detail: 'the parcel may have been handed over: say by POST …/receipt whether it came',
      })
    case 'delivered':
    case 'closed':
    case 'failed':
      return refuse('order.not-open', {
        field: 'status',
        value: order.status,
        limit: 'accepted | assigned | in-flight',
      })
  }
}

function stateReceipt(order: Order, { by, came }: CommandOf<'order.state-receipt'>): Decision<OrderEvent> {
  if (order.status === 'none' || !mayTouch(order, by)) return refuse('order.unknown')
  const current = order.status === 'cancelling' ? order.before : order
  if (current.status !== 'undecided' && current.status !== 'delivered' && current.status !== 'closed') {
    return refuse('order.illegal-move', {
      field: 'status',
      value: order.status,
      limit: 'undecided | delivered | closed',
      detail: 'no hand-over can have happened yet',
    })
  }
  if (current.receiptCame === came) return accept()
  return accept({ type: 'order.receipt-stated', data: { orderId: order.orderId, came } })
}

type Status = Order['status']
const flown: Status[] = ['assigned', 'in-flight']
const open: Status[] = ['accepted', ...flown, 'undecided']
const over: Status[] = ['closed', 'cancelled', 'failed']

/**
 * For each message: the states that it moves, and those where it comes late or twice and changes nothing. In any other
 * it is a bug of ours. While an order is cancelling, the state beneath counts, except for the answer to the cancellation.
 */
const news: Record<DeliveryNews['type'], { moves: readonly Status[]; late: readonly Status[] }> = {
  'delivery.waiting': { moves: open, late: [] },
  'delivery.assigned': { moves: open, late: [] },
  'delivery.reassigned': { moves: open, late: [] },
  'delivery.departed': { moves: ['assigned'], late: ['in-flight', 'undecided', 'delivered', ...over] },
  'delivery.undecided': { moves: flown, late: ['undecided', 'delivered', ...over] },
  // After the recipient's word or an operator has closed the matter, a late proof changes nothing.
  'delivery.handed-over': { moves: [...flown, 'undecided'], late: ['delivered', 'closed', 'failed'] },
  'delivery.completed': { moves: ['delivered', 'undecided'], late: over },
  'delivery.failed': { moves: open, late: ['failed'] },
  'delivery.cancelled': { moves: ['cancelling'], late: ['cancelled'] },
  'delivery.cancel-refused': { moves: ['cancelling'], late: ['delivered', ...over] },
}

function hear(order: Order, heard: DeliveryNews): Decision<OrderEvent> {
  const answersCancellation = heard.type === 'delivery.cancelled' || heard.type === 'delivery.cancel-refused'
  const current = order.status === 'cancelling' && !answersCancellation ? order.before : order
  const { moves, late } = news[heard.type]

  if ('epoch' in heard.data && 'flight' in current) {
    const { epoch, itineraryId } = heard.data
    if (epoch < current.flight.epoch) return accept() // A flight that was given up has no say.
    const same = epoch === current.flight.epoch && itineraryId === current.flight.itineraryId
    const assigns = heard.type === 'delivery.assigned' || heard.type === 'delivery.reassigned'
    if (same && assigns) return accept()
    if (!same && (!assigns || epoch === current.flight.epoch)) throw new IllegalMove(order, heard)
  }
  if (moves.includes(current.status)) return accept(heard)
  if (late.includes(current.status)) return accept()
  throw new IllegalMove(order, heard)
}
