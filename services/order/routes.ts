/** The order service's HTTP: placing, reading, cancelling, and the recipient's word. */
import { OrderId } from '@fleet/contracts/ids'
import { IdempotencyKey, ListOrdersQuery, PlaceOrderBody, ReceiptBody } from '@fleet/contracts/rest'
import type { Clock } from '@fleet/runtime/clock'
import { created, json, ok, problem, type Reply, type Route, route } from '@fleet/runtime/http'
import type { Caller } from '@fleet/runtime/tokens'
import { z } from 'zod'
import { type AirspaceStore, reach } from './airspace.ts'
import type { AskedBy } from './decide.ts'
import { bodyHashOf, orderIdFor } from './idempotency.ts'
import { toReply } from './reply.ts'
import type { Cause, OrderStore, Outcome, StoredOrder } from './store.ts'

const everyone = ['customer', 'operator'] as const
const Params = z.object({ id: OrderId })

const askedBy = (caller: Caller): AskedBy => (caller.role === 'operator' ? 'operator' : { customerId: caller.sub })
const etag = ({ version }: StoredOrder) => ({ etag: `"${version}"` })
const accepted = (outcome: Outcome): Reply =>
  outcome.ok ? json(202, toReply(outcome.stored), etag(outcome.stored)) : problem(outcome.refusal)

/** Every route under /v1/orders. A customer's own orders are all that there is for it. */
export function orderRoutes(orders: OrderStore, airspace: AirspaceStore, clock: Clock): Route[] {
  const because = (correlationId: string): Cause => ({ atMs: clock.worldNow(), correlationId, causationId: 'http' })

  return [
    route(
      'POST /v1/orders',
      { allow: ['customer'], body: PlaceOrderBody },
      async ({ body, caller, header, correlationId }) => {
        if (caller.role !== 'customer') return problem({ code: 'auth.forbidden', field: 'role', limit: 'customer' })
        const key = header('idempotency-key')
        if (key === undefined) return problem({ code: 'idempotency.key-missing', field: 'Idempotency-Key' })
        if (!IdempotencyKey.safeParse(key).success) return problem(badKey(key))
        const { dropOff, parcel } = body
        const orderId = orderIdFor({ customerId: caller.sub, route: 'POST /v1/orders', key })
        const cause = because(correlationId)
        const asked = { orderId, customerId: caller.sub, dropOff, parcel, bodyHash: bodyHashOf(body), atMs: cause.atMs }
        const reached = reach(await airspace.read(), { dropOff, weightG: parcel.weightG, atMs: cause.atMs })
        const outcome = await orders.handle(orderId, { type: 'order.place', ...asked, reach: reached }, cause)
        return outcome.ok ? created(`/v1/orders/${orderId}`, toReply(outcome.stored)) : problem(outcome.refusal)
      },
    ),

    route('GET /v1/orders', { allow: everyone, query: ListOrdersQuery }, async ({ query, caller }) => {
      const customerId = caller.role === 'customer' ? caller.sub : null
      return ok({ items: (await orders.list({ customerId, limit: query.limit })).map(toReply) })
    }),

    route('GET /v1/orders/:id', { allow: everyone, params: Params }, async ({ params, caller }) => {
      const stored = await orders.find(params.id)
      if (stored === null || (caller.role === 'customer' && stored.order.customerId !== caller.sub)) {
        return problem({ code: 'order.unknown', value: params.id })
      }
      return ok(toReply(stored), etag(stored))
    }),

    route(
      'POST /v1/orders/:id/cancellation',
      { allow: everyone, params: Params },
      async ({ params, caller, correlationId }) =>
        accepted(await orders.handle(params.id, { type: 'order.cancel', by: askedBy(caller) }, because(correlationId))),
    ),

    route(
      'POST /v1/orders/:id/receipt',
      { allow: everyone, params: Params, body: ReceiptBody },
      async ({ params, body, caller, correlationId }) => {
        const command = { type: 'order.state-receipt', by: askedBy(caller), came: body.came } as const
        return accepted(await orders.handle(params.id, command, because(correlationId)))
      },
    ),
  ]
}

const badKey = (value: string) =>
  ({
    code: 'request.invalid',
    field: 'Idempotency-Key',
    limit: '1 to 128 visible ASCII characters',
    value,
  }) as const
