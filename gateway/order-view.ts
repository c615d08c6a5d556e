/** What a message about an order does to the reply that a viewer was given, so that each event can carry the status. */
import type { OrderReply, OrderStatus } from '@fleet/contracts/rest'
import type { LiveMessage } from './live.ts'

export const isOver = (status: OrderStatus) => status === 'closed' || status === 'cancelled' || status === 'failed'
/** While a drone is under way for it, also on its way home. */
export const isFlown = (status: OrderStatus) =>
  status === 'assigned' || status === 'in-flight' || status === 'cancelling' || status === 'delivered'

/** Whether `now` contains all that `then` does, and more. */
export const isNewer = ({ seen: now }: OrderReply, { seen: then }: OrderReply) =>
  now.orders >= then.orders &&
  now.deliveries >= then.deliveries &&
  now.orders + now.deliveries > then.orders + then.deliveries

/** `order` after a message that it had not seen. What the message does not tell stays as it was. */
export function afterMessage(order: OrderReply, { topic, message }: LiveMessage): OrderReply {
  const heard = { ...order, seen: { ...order.seen, [topic]: message.seq } }
  if ('epoch' in message.data && message.data.epoch < (order.flight?.epoch ?? 0)) return heard
  // A cancellation that was asked for and not answered lies on top of what the flight does.
  const moved = (status: OrderStatus) => (order.status === 'cancelling' ? order.status : status)
  switch (message.type) {
    case 'delivery.waiting':
      return { ...heard, waitingFor: message.data.waitingFor }
    case 'delivery.assigned':
    case 'delivery.reassigned': {
      const { epoch, itineraryId, droneId, baseId, estimatedHandOverAtMs } = message.data
      const flight = { epoch, itineraryId, droneId, baseId }
      const estimatedHandOverAt = new Date(estimatedHandOverAtMs).toISOString()
      return { ...heard, status: moved('assigned'), flight, estimatedHandOverAt, waitingFor: null }
    }
    case 'delivery.departed':
      return { ...heard, status: moved('in-flight') }
    case 'delivery.undecided':
      return { ...heard, status: moved('undecided') }
    case 'delivery.handed-over': {
      const { place, heightM, permitRequestId, handedOverAtMs } = message.data
      const handedOverAt = new Date(handedOverAtMs).toISOString()
      return { ...heard, status: 'delivered', handedOver: { place, heightM, permitRequestId, handedOverAt } }
    }
    case 'delivery.completed':
      return { ...heard, status: 'closed' }
    case 'delivery.cancelled':
      return { ...heard, status: 'cancelled' }
    case 'delivery.failed':
      return { ...heard, status: 'failed', failedBecause: message.data.reason }
    case 'order.cancel-requested':
      return { ...heard, status: 'cancelling' }
    case 'delivery.cancel-refused':
    case 'order.accepted':
    case 'order.receipt-stated':
      return heard
  }
}
