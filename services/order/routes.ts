/** The order service's HTTP: placing, reading, cancelling, and the recipient's word. */
import { OrderHistoryQuery } from '@fleet/contracts/front-door'
import { OrderId } from '@fleet/contracts/ids'
import { ListOrdersQuery, PlaceOrderBody, ReceiptBody } from '@fleet/contracts/rest'
import type { Clock } from '@fleet/runtime/clock'
import { created, json, ok, problem, type Reply, type Route, route } from '@fleet/runtime/http'
import { bodyHashOf, derivedId, idempotencyKey } from '@fleet/runtime/idempotency'
import type { Caller } from '@fleet/runtime/tokens'
import { z } from 'zod'
import { type AskedBy, mayTouch } from './decide.ts'
import type { Placements } from './placements.ts'
import { toReply } from './reply.ts'
import type { Cause, OrderStore, Outcome, PageKey, StoredOrder } from './store.ts'

const everyone = ['customer', 'operator'] as const
/** Whoever holds a tracking link of the order reads it and states its receipt, and nothing else. */
const recipientToo = [...everyone, 'recipient'] as const
const Params = z.object({ id: OrderId })

function askedBy(caller: Caller): AskedBy {
  switch (caller.role) {
    case 'operator':
      return 'operator'
    case 'customer':
      return { customerId: caller.sub }
    case 'recipient':
      return { orderId: caller.sub }
  }
}
const etag = ({ version }: StoredOrder) => ({ etag: `"${version}"` })
const accepted = (outcome: Outcome): Reply =>
  outcome.ok ? json(202, toReply(outcome.stored), etag(outcome.stored)) : problem(outcome.refusal)

/** Every route under /v1/orders. A customer's own orders are all that there is for it. */
export function orderRoutes(orders: OrderStore, placements: Placements, clock: Clock): Route[] {
  const because = (correlationId: string): Cause => ({ atMs: clock.worldNow(), correlationId, causationId: 'http' })

  return [
    route(
      'POST /v1/orders',
      { allow: ['customer'], body: PlaceOrderBody },
      async ({ body, caller, header, correlationId, signal }) => {
        if (caller.role !== 'customer') return problem({ code: 'auth.forbidden', field: 'role', limit: 'customer' })
        const key = idempotencyKey(header('idempotency-key'), 'refused')
        if (!key.ok) return problem(key.refusal)
        const orderId = OrderId.parse(`ord_${derivedId({ caller, route: 'POST /v1/orders', key: key.key })}`)
        const cause = because(correlationId)
        const placement = { orderId, customerId: caller.sub, body, bodyHash: bodyHashOf(body), cause, signal }
        const outcome = await placements.place(placement)
        return outcome.ok ? created(`/v1/orders/${orderId}`, toReply(outcome.stored)) : problem(outcome.refusal)
      },
    ),

    route('GET /v1/orders', { allow: everyone, query: ListOrdersQuery }, async ({ query, caller }) => {
      const customerId = caller.role === 'customer' ? caller.sub : null
      const after = query.cursor === undefined ? undefined : pageKey(query.cursor)
      if (after === null) return problem({ code: 'page.cursor-invalid', field: '/cursor', value: query.cursor })
      const { limit } = query
      const found = await orders.list({ customerId, limit: limit + 1, ...(after === undefined ? {} : { after }) })
      const items = found.slice(0, limit)
      const last = found.length > limit ? items.at(-1) : undefined
      return ok({ items: items.map(toReply), next: last === undefined ? null : cursorOf(last) })
    }),

    route(
      'GET /v1/orders/:id/history',
      { allow: everyone, params: Params, query: OrderHistoryQuery },
      async ({ params, query, caller }) => {
        const history = await orders.history(params.id, query.after)
        if (history === null || (caller.role === 'customer' && history.customerId !== caller.sub)) {
          return problem({ code: 'order.unknown', value: params.id })
        }
        return ok({
          items: history.events.map(({ atMs, ...event }) => ({ ...event, at: new Date(atMs).toISOString() })),
        })
      },
    ),

    route('GET /v1/orders/:id', { allow: recipientToo, params: Params }, async ({ params, caller }) => {
      const stored = await orders.find(params.id)
      if (stored === null || !mayTouch(stored.order, askedBy(caller))) {
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
      { allow: recipientToo, params: Params, body: ReceiptBody },
      async ({ params, body, caller, correlationId }) => {
        const command = { type: 'order.state-receipt', by: askedBy(caller), came: body.came } as const
        return accepted(await orders.handle(params.id, command, because(correlationId)))
      },
    ),
  ]
}

/** A page ends at an order: when it was placed, and which it is. */
const cursorOf = ({ order }: StoredOrder) => `${order.placedAtMs}-${order.orderId}`
const CursorKey = z.tuple([z.coerce.number().int(), OrderId])
function pageKey(cursor: string): PageKey | null {
  const at = cursor.indexOf('-')
  const parsed = CursorKey.safeParse([cursor.slice(0, at), cursor.slice(at + 1)])
  return parsed.success ? { placedAtMs: parsed.data[0], orderId: parsed.data[1] } : null
}
