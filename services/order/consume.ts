/** What the order service hears: news of deliveries, and the airspace that says what can be flown. */
import type { AirspaceMessage } from '@fleet/contracts/airspace'
import type { DeliveryMessage } from '@fleet/contracts/deliveries'
import { topics } from '@fleet/contracts/topics'
import { type Handler, type Subscription, subscription } from '@fleet/messaging/consumer'
import type { EventTopic } from '@fleet/messaging/topic'
import type { AirspaceStore } from './airspace.ts'
import type { DeliveryNews } from './order.ts'
import type { OrderStore } from './store.ts'

/** The subscriptions of the consumer group `order`, over the topics of the contracts. */
export function consumeForOrders(
  orders: OrderStore,
  airspace: AirspaceStore,
  heard: { deliveries: EventTopic<DeliveryMessage>; airspace: EventTopic<AirspaceMessage> } = topics,
): Subscription[] {
  const hear: Handler<DeliveryMessage & DeliveryNews> = async (message, tx) => {
    const { at, correlationId, id, seq, data } = message
    const cause = { atMs: at, correlationId, causationId: id, deliveriesSeq: seq }
    const outcome = await orders.handleIn(tx, data.orderId, message, cause)
    // Only people are refused; what our own services say either changes the order, or came late, or is a bug.
    if (!outcome.ok) throw new Error(`${message.type} was refused: ${outcome.refusal.code}`)
  }
  return [
    subscription(heard.deliveries, {
      'delivery.waiting': hear,
      'delivery.assigned': hear,
      'delivery.departed': hear,
      'delivery.handed-over': hear,
      'delivery.reassigned': hear,
      'delivery.undecided': hear,
      'delivery.cancelled': hear,
      'delivery.cancel-refused': hear,
      'delivery.completed': hear,
      'delivery.failed': hear,
    }),
    subscription(heard.airspace, {
      'base.published': ({ data }, tx) => airspace.put({ kind: 'base', value: data }, tx),
      'zone.published': ({ data }, tx) => airspace.put({ kind: 'zone', value: data }, tx),
      'zone.withdrawn': ({ data }, tx) => airspace.withdraw(data.zoneId, tx),
    }),
  ]
}
