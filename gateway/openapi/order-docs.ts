/** Orders and tracking, as the document tells them. */
import { OrderRecordReply } from '@fleet/contracts/flight-record'
import { TrackingLinkReply, TrackingReply } from '@fleet/contracts/front-door'
import { OrderReply, OrdersReply } from '@fleet/contracts/rest'
import type { ReplyDoc, RouteDocs } from './route-doc.ts'

const order: ReplyDoc = { says: 'The order.', schema: OrderReply, headers: ['ETag'] }
const accepted: ReplyDoc = { ...order, says: 'Noted. The outcome follows as an event of the order.' }

export const orderDocs = {
  'POST /v1/orders': {
    id: 'placeOrder',
    tag: 'orders',
    summary: 'Place an order',
    description:
      'Decided at once: whether a drone can fly it, and when it will arrive. The same key and body give the same order, however often and through whichever gateway.',
    idempotencyKey: 'required',
    replies: { 201: { says: 'The order, accepted.', schema: OrderReply, headers: ['Location'] } },
    refuses: [
      'idempotency.key-missing',
      'idempotency.key-reused',
      'order.too-far',
      'order.too-heavy',
      'order.in-zone',
      'order.no-base',
    ],
    needs: 'services',
  },
  'GET /v1/orders': {
    id: 'listOrders',
    tag: 'orders',
    summary: 'List orders, newest first',
    description: "A customer's own; an operator's are all.",
    replies: { 200: { says: 'A page of orders, and the cursor of the next.', schema: OrdersReply } },
    refuses: ['page.cursor-invalid'],
    needs: 'services',
  },
  'GET /v1/orders/:id': {
    id: 'readOrder',
    tag: 'orders',
    summary: 'Read an order',
    replies: { 200: order },
    refuses: ['order.unknown'],
    needs: 'services',
  },
  'GET /v1/orders/:id/record': {
    id: 'readOrderRecord',
    tag: 'orders',
    summary: "An order's flight record, on one time line",
    description:
      'Order, flights with their epochs, positions, changes of health, commands and acknowledgements. Where a service does not answer, it says what is missing.',
    replies: { 200: { says: 'The record.', schema: OrderRecordReply } },
    refuses: ['order.unknown'],
    needs: 'services',
  },
  'POST /v1/orders/:id/cancellation': {
    id: 'cancelOrder',
    tag: 'orders',
    summary: 'Ask for the cancellation of an order',
    description: 'It is a request until the dispatch has answered it: `cancelled`, or back to what it was.',
    replies: { 202: accepted },
    refuses: ['order.unknown', 'order.illegal-move', 'order.not-open'],
    needs: 'services',
  },
  'POST /v1/orders/:id/receipt': {
    id: 'stateReceipt',
    tag: 'orders',
    summary: 'Say whether the parcel came',
    replies: { 202: accepted },
    refuses: ['order.unknown', 'order.illegal-move'],
    needs: 'services',
  },
  'GET /v1/orders/:id/events': {
    id: 'followOrder',
    tag: 'orders',
    summary: 'Follow an order live',
    description:
      'First `order` with the whole order, then one event a message, named after it, whose data is the order after it, with `at` and the message under `news`; `position` of the drone under way; `heartbeat`; last `end`. The id of an event is the version of the order: `Last-Event-ID` brings what was missed.',
    replies: {
      200: {
        says: 'Server-sent events.',
        events: { order: 'Order', position: 'OrderPositionEvent', end: 'StreamEndEvent' },
      },
    },
    refuses: ['order.unknown', 'ticket.invalid'],
    needs: 'services',
  },
  'POST /v1/orders/:id/tracking-links': {
    id: 'makeTrackingLink',
    tag: 'tracking',
    summary: 'Make a link by which the recipient follows this order',
    idempotencyKey: 'optional',
    replies: {
      201: {
        says: 'The token, which names no customer and no drone.',
        schema: TrackingLinkReply,
        headers: ['Location'],
      },
    },
    refuses: ['order.unknown'],
    needs: 'services',
  },
  'GET /v1/tracking/:token': {
    id: 'trackOrder',
    tag: 'tracking',
    summary: 'What the recipient sees of the order',
    replies: { 200: { says: 'The order as its recipient may see it.', schema: TrackingReply } },
    refuses: ['tracking.unknown'],
    needs: 'services',
  },
  'POST /v1/tracking/:token/receipt': {
    id: 'stateReceiptByLink',
    tag: 'tracking',
    summary: 'The recipient says whether the parcel came',
    replies: { 202: { says: 'Noted.', schema: TrackingReply } },
    refuses: ['tracking.unknown', 'order.illegal-move'],
    needs: 'services',
  },
} as const satisfies RouteDocs
