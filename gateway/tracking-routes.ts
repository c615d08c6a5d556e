/** Tracking: a customer makes a link, and whoever has it follows the order and states its receipt, without an account. */
import { TrackingToken } from '@fleet/contracts/front-door'
import { OrderId } from '@fleet/contracts/ids'
import { OrderReply, ReceiptBody } from '@fleet/contracts/rest'
import { json, ok, openRoute, problem, type Reply, type Route, route } from '@fleet/runtime/http'
import { idempotencyKey } from '@fleet/runtime/idempotency'
import type { Caller } from '@fleet/runtime/tokens'
import { z } from 'zod'
import type { Downstream } from './downstream.ts'
import { asCaller, get, post } from './forward.ts'
import type { LastPositions } from './last-positions.ts'
import { type TrackedOrder, type TrackingLinks, toTracking } from './tracking.ts'

const Token = z.object({ token: TrackingToken })
const unknown = problem({ code: 'tracking.unknown', field: 'token' })
/** Nobody has signed in: the services are asked for this one order alone, and the gateway says what of it a recipient sees. */
const recipientOf = ({ orderId }: TrackedOrder): Caller => ({ role: 'recipient', sub: orderId })

export function trackingRoutes({
  order,
  links,
  lastPositions,
}: {
  order: Downstream
  links: TrackingLinks
  lastPositions: Pick<LastPositions, 'of'>
}): Route[] {
  return [
    route(
      'POST /v1/orders/:id/tracking-links',
      { allow: ['customer'], params: z.object({ id: OrderId }) },
      async ({ params, ...context }) => {
        const key = idempotencyKey(context.header('idempotency-key'), 'fresh')
        if (!key.ok) return problem(key.refusal)
        const { caller } = context
        if (caller.role !== 'customer') return problem({ code: 'auth.forbidden', field: 'role', limit: 'customer' })
        const own = await order.forward({ ...get(`/v1/orders/${params.id}`), ...asCaller(context) })
        if (own.kind !== 'json' || own.status !== 200) return own
        const token = await links.make({ orderId: params.id, customerId: caller.sub, idempotencyKey: key.key })
        const path = `/v1/tracking/${token}`
        return json(201, { token, path }, { location: path, 'cache-control': 'no-store' })
      },
    ),

    openRoute('GET /v1/tracking/:token', { params: Token }, async ({ params, ...context }) => {
      const link = await links.find(params.token)
      if (link === null) return unknown
      const asked = { ...asCaller({ ...context, caller: recipientOf(link) }), ...get(`/v1/orders/${link.orderId}`) }
      return shown(await order.forward(asked), async ({ flight }) =>
        flight === null ? null : lastPositions.of(flight.droneId),
      )
    }),

    openRoute(
      'POST /v1/tracking/:token/receipt',
      { params: Token, body: ReceiptBody },
      async ({ params, body, ...context }) => {
        const link = await links.find(params.token)
        if (link === null) return unknown
        const asked = asCaller({ ...context, caller: recipientOf(link) })
        const stated = { ...asked, ...post(`/v1/orders/${link.orderId}/receipt`, body), idempotent: true }
        return shown(await order.forward(stated), async () => null)
      },
    ),
  ]
}

type DroneAt = (order: OrderReply) => ReturnType<LastPositions['of']>

async function shown(reply: Reply, droneAt: DroneAt): Promise<Reply> {
  if (reply.kind !== 'json') return reply
  const order = OrderReply.safeParse(reply.body)
  if (!order.success)
    return reply.status === 404 ? unknown : { ...reply, headers: { 'content-type': 'application/problem+json' } }
  const view = toTracking(order.data, await droneAt(order.data))
  return reply.status === 200 ? ok(view, { 'cache-control': 'no-store' }) : json(reply.status, view)
}
