/** The public REST API, for now handed on to the services: each route checks what comes in, and knows who answers. */
import { randomUUID } from 'node:crypto'
import { DroneId, OrderId } from '@fleet/contracts/ids'
import { ListOrdersQuery, OrderReply, PlaceOrderBody, ReceiptBody } from '@fleet/contracts/rest'
import { events, problem, type RequestContext, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import { createBases } from './bases.ts'
import { operator } from './dev-key.ts'
import type { Ask, Downstream } from './downstream.ts'
import { type Live, viewersMax } from './live.ts'
import { orderStream } from './order-stream.ts'

export type Services = Record<'order' | 'itinerary' | 'position' | 'droneHealth', Downstream>

const allow = ['customer'] as const
const OrderParams = z.object({ id: OrderId })
const DroneParams = z.object({ id: DroneId })
const TrackQuery = z.strictObject({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional() })

/** Real milliseconds. */
const quietMs = 15_000

const asCaller = ({ caller, correlationId, signal }: RequestContext) => ({ caller, correlationId, signal })
/** The development key stands for an operator too. */
const asOperator = ({ correlationId, signal }: RequestContext) => ({ caller: operator, correlationId, signal })
const get = (path: string, query: Record<string, string | number | undefined> = {}) => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return { method: 'GET', path: search.size === 0 ? path : `${path}?${search}` } as const
}
const post = (path: string, body?: unknown) =>
  ({ method: 'POST', path, ...(body === undefined ? {} : { body }) }) as const

/** All public routes. `nowMs`: real monotonic milliseconds. */
export function publicRoutes(services: Services, live: Live, nowMs: () => number): Route[] {
  return [...orderRoutes(services), orderEventsRoute(services, live, nowMs), ...fleetRoutes(services)]
}

function orderRoutes({ order }: Services): Route[] {
  return [
    route('POST /v1/orders', { allow, body: PlaceOrderBody }, ({ body, ...context }) => {
      const headers = { 'idempotency-key': context.header('idempotency-key') }
      return order.forward({ ...post('/v1/orders', body), headers, ...asCaller(context) })
    }),
    route('GET /v1/orders', { allow, query: ListOrdersQuery }, ({ query, ...context }) =>
      order.forward({ ...get('/v1/orders', query), ...asCaller(context) }),
    ),
    route('GET /v1/orders/:id', { allow, params: OrderParams }, ({ params, ...context }) =>
      order.forward({ ...get(`/v1/orders/${params.id}`), ...asCaller(context) }),
    ),
    route('POST /v1/orders/:id/cancellation', { allow, params: OrderParams }, ({ params, ...context }) =>
      order.forward({ ...post(`/v1/orders/${params.id}/cancellation`), ...asCaller(context) }),
    ),
    route(
      'POST /v1/orders/:id/receipt',
      { allow, params: OrderParams, body: ReceiptBody },
      ({ params, body, ...context }) =>
        order.forward({ ...post(`/v1/orders/${params.id}/receipt`, body), ...asCaller(context) }),
    ),
  ]
}

function orderEventsRoute({ order, itinerary }: Services, live: Live, nowMs: () => number): Route {
  const bases = createBases(async () => {
    const everyones = { caller: operator, correlationId: randomUUID(), signal: new AbortController().signal }
    const answer = await itinerary.ask({ ...get('/v1/bases'), ...everyones })
    return answer.ok ? answer.body : null
  }, nowMs)

  return route('GET /v1/orders/:id/events', { allow, params: OrderParams }, async ({ params, ...context }) => {
    const viewer = live.watch(params.id)
    if (viewer === null) return problem({ code: 'service.unavailable', field: 'viewers', limit: viewersMax })
    const ask: Ask = { ...get(`/v1/orders/${params.id}`), ...asCaller(context) }
    const reply = await order.forward(ask)
    const first = reply.kind === 'json' ? OrderReply.safeParse(reply.body) : null
    if (!first?.success) {
      viewer.close()
      return reply
    }
    const read = async () => {
      const answer = await order.ask(ask)
      const parsed = answer.ok ? OrderReply.safeParse(answer.body) : null
      return parsed?.success ? parsed.data : null
    }
    const { placeOf: baseAt } = bases
    return events((signal) => orderStream({ first: first.data, viewer, read, baseAt, signal, quietMs }))
  })
}

function fleetRoutes({ itinerary, position, droneHealth }: Services): Route[] {
  return [
    route('GET /v1/bases', { allow }, (context) => itinerary.forward({ ...get('/v1/bases'), ...asOperator(context) })),
    route('GET /v1/fleet/positions', { allow }, (context) =>
      position.forward({ ...get('/v1/fleet/positions'), ...asOperator(context) }),
    ),
    route('GET /v1/fleet/accounting', { allow }, (context) =>
      position.forward({ ...get('/v1/fleet/accounting'), ...asOperator(context) }),
    ),
    route(
      'GET /v1/drones/:id/track',
      { allow, params: DroneParams, query: TrackQuery },
      ({ params, query, ...context }) =>
        position.forward({ ...get(`/v1/drones/${params.id}/track`, query), ...asOperator(context) }),
    ),
    route('GET /v1/drones', { allow }, (context) =>
      droneHealth.forward({ ...get('/v1/drones'), ...asOperator(context) }),
    ),
  ]
}
