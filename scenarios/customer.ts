/** A customer at the gateway: places orders, and follows each by its live stream. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { createApiClient, got } from '@fleet/client/client'
import type { OrderId } from '@fleet/contracts/ids'
import { OrderReply, type OrderStatus } from '@fleet/contracts/rest'
import type { Place } from '@fleet/contracts/units'
import { type FirstOrder, firstOrder } from '@fleet/local/first-calls'
import { serverSentEvents } from '@fleet/local/server-sent-events'
import type { Bearer } from '@fleet/local/sign-in'
import type { Stage } from './stage.ts'

export type FollowedOrder = {
  id: OrderId
  dropOff: { lat: number; lon: number }
  /** What the stream told last. */
  latest(): OrderReply
  /** Waits until it has come so far, or further. Refused at once where it has ended otherwise. */
  reaches(status: OrderStatus, worldS?: number): Promise<OrderReply>
}

export type Customer = {
  /** Places an order that can be flown, or one to `dropOff`, and follows it. */
  order(dropOff?: Place): Promise<FollowedOrder>
  /** Places an order to `dropOff`, and follows it no further. */
  place(dropOff: Place): Promise<OrderId>
  /** The recipient's word. */
  stateReceipt(orderId: OrderId, came: boolean): Promise<void>
}

/** A delivery takes three minutes of world time; it may wait for a drone, and be flown again. */
const deliveryWorldS = 1_800
const reconnectMs = 500
const way: OrderStatus[] = ['accepted', 'assigned', 'in-flight', 'delivered', 'closed']
const over: OrderStatus[] = ['closed', 'cancelled', 'failed']

export function createCustomer({
  gateway,
  bearer,
  until,
  stopped,
}: {
  gateway: string
  bearer: Bearer
  until: Stage['until']
  stopped: AbortSignal
}): Customer {
  const client = createApiClient({ gateway, authorization: bearer })

  /** The same key at each try, so that however often it asks, it is one order. */
  const place = async (dropOff?: Place): Promise<OrderReply> => {
    const idempotencyKey = `scenario-${randomUUID()}`
    let body: FirstOrder | undefined
    return until('the order to be accepted', 0, async () => {
      const first = await firstOrder(gateway, bearer)
      body ??= dropOff === undefined ? first : { ...first, dropOff }
      const header = { 'Idempotency-Key': idempotencyKey }
      return OrderReply.parse(await got(client.POST('/v1/orders', { params: { header }, body })))
    })
  }

  /** Follows until the order is over; a stream that breaks off is opened anew. */
  const follow = async (orderId: OrderId, hear: (order: OrderReply) => void, isOver: () => boolean) => {
    while (!isOver() && !stopped.aborted) {
      try {
        const events = `${gateway}/v1/orders/${orderId}/events`
        for await (const { data } of serverSentEvents(events, { authorization: await bearer() }, stopped)) {
          const order = OrderReply.safeParse(data)
          if (order.success) hear(order.data)
          if (isOver()) return
        }
      } catch {
        // The gateway may be down or started again in a scenario: the bound of whoever waits is the limit.
      }
      await sleep(reconnectMs)
    }
  }

  return {
    place: async (dropOff) => (await place(dropOff)).orderId,
    stateReceipt: async (orderId, came) => {
      await got(client.POST('/v1/orders/{id}/receipt', { params: { path: { id: orderId } }, body: { came } }))
    },
    order: async (dropOff) => {
      let latest = await place(dropOff)
      const seen = new Set<OrderStatus>([latest.status])
      const isOver = () => over.includes(latest.status)
      void follow(
        latest.orderId,
        (order) => {
          latest = order
          seen.add(order.status)
        },
        isOver,
      )
      return {
        id: latest.orderId,
        dropOff: latest.dropOff,
        latest: () => latest,
        reaches: async (status, worldS = deliveryWorldS) => {
          const enough = way.includes(status) ? way.slice(way.indexOf(status)) : [status]
          await until(`${latest.orderId} to be ${status}`, worldS, async () => {
            return enough.some((one) => seen.has(one)) || isOver()
          })
          if (!enough.some((one) => seen.has(one))) throw new Error(`${latest.orderId} ended as ${latest.status}`)
          return latest
        },
      }
    },
  }
}
