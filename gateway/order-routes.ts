/** Orders: placed, read, cancelled, followed live. The order service answers; the live view is the gateway's. */
import { randomUUID } from 'node:crypto'
import { OrderStreamQuery } from '@fleet/contracts/front-door'
import { OrderId } from '@fleet/contracts/ids'
import { ListOrdersQuery, OrderReply, PlaceOrderBody, ReceiptBody } from '@fleet/contracts/rest'
import { events, problem, type Route, route, type StreamEvent } from '@fleet/runtime/http'
import { z } from 'zod'
import { createBases } from './bases.ts'
import type { Ask, Downstream } from './downstream.ts'
import { asCaller, gatewayItself, get, keyedPost, post } from './forward.ts'
import { type Live, viewersMax } from './live.ts'
import { createSeqs, eventsSince, numbered, versionOf } from './order-resume.ts'
import { orderStream } from './order-stream.ts'

const allow = ['customer', 'operator'] as const
const OrderParams = z.object({ id: OrderId })

/** Real milliseconds. */
const quietMs = 15_000

export function orderRoutes(order: Downstream): Route[] {
  return [
    route('POST /v1/orders', { allow: ['customer'], body: PlaceOrderBody }, ({ body, ...context }) =>
      order.forward({ ...keyedPost('/v1/orders', body, context.header), ...asCaller(context) }),
    ),
    route('GET /v1/orders', { allow, query: ListOrdersQuery }, ({ query, ...context }) =>
      order.forward({ ...get('/v1/orders', query), ...asCaller(context) }),
    ),
    route('GET /v1/orders/:id', { allow, params: OrderParams }, ({ params, ...context }) =>
      order.forward({ ...get(`/v1/orders/${params.id}`), ...asCaller(context) }),
    ),
    // Asking twice is asking once: the order is cancelling already, or has a receipt already.
    route('POST /v1/orders/:id/cancellation', { allow, params: OrderParams }, ({ params, ...context }) =>
      order.forward({ ...post(`/v1/orders/${params.id}/cancellation`), ...asCaller(context), idempotent: true }),
    ),
    route(
      'POST /v1/orders/:id/receipt',
      { allow, params: OrderParams, body: ReceiptBody },
      ({ params, body, ...context }) =>
        order.forward({ ...post(`/v1/orders/${params.id}/receipt`, body), ...asCaller(context), idempotent: true }),
    ),
  ]
}

/** `nowMs`: real monotonic milliseconds. */
export function orderEventsRoute(
  { order, itinerary }: Record<'order' | 'itinerary', Downstream>,
  live: Live,
  nowMs: () => number,
): Route {
  const bases = createBases(async () => {
    const asked = { caller: gatewayItself, correlationId: randomUUID(), signal: new AbortController().signal }
    const answer = await itinerary.ask({ ...get('/v1/bases'), ...asked })
    return answer.ok ? answer.body : null
  }, nowMs)
  const seqOf = createSeqs(order)
  const inputs = { params: OrderParams, query: OrderStreamQuery }

  return route('GET /v1/orders/:id/events', { allow, ...inputs }, async ({ params, ...context }) => {
    const viewer = live.watch(params.id)
    if (viewer === null) return problem({ code: 'service.unavailable', field: 'viewers', limit: viewersMax })
    const ask: Ask = { ...get(`/v1/orders/${params.id}`), ...asCaller(context) }
    const reply = await order.forward(ask)
    const first = reply.kind === 'json' ? OrderReply.safeParse(reply.body) : null
    if (reply.kind !== 'json' || !first?.success) {
      viewer.close()
      return reply
    }
    let version = versionOf(reply.headers)
    const read = async () => {
      const answer = await order.ask(ask)
      const parsed = answer.ok ? OrderReply.safeParse(answer.body) : null
      if (!answer.ok || !parsed?.success) return null
      version = versionOf(answer.headers) ?? version
      return parsed.data
    }
    const missed = await eventsSince(order, ask, context.header('last-event-id'))
    return events(async function* (signal): AsyncGenerator<StreamEvent> {
      yield* missed
      const told = orderStream({ first: first.data, viewer, read, baseAt: bases.placeOf, signal, quietMs })
      yield* numbered(told, () => version, seqOf)
    })
  })
}
