/** What the itinerary service answers over HTTP. */
import { OrderId } from '@fleet/contracts/ids'
import { ok, problem, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import type { ItineraryStore } from './store.ts'

/** The routes of the itinerary service. */
export const itineraryRoutes = (store: ItineraryStore): Route[] => [
  route('GET /v1/bases', { allow: ['customer', 'operator'] }, async () => ok({ items: await store.bases() })),
  route(
    'GET /v1/deliveries/:orderId',
    { allow: ['operator'], params: z.object({ orderId: OrderId }) },
    async ({ params }) => {
      const delivery = await store.flightsOf(params.orderId)
      if (delivery.status === 'none') return problem({ code: 'order.unknown', field: 'orderId', value: params.orderId })
      return ok(delivery)
    },
  ),
]
