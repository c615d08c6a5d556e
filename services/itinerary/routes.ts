/** What the itinerary service answers over HTTP: bases, zones, deliveries. */
import { BaseId, OrderId, ZoneId } from '@fleet/contracts/ids'
import { ClosureBody, ZoneBody } from '@fleet/contracts/rest'
import type { UnixMs } from '@fleet/contracts/units'
import type { Database } from '@fleet/messaging/database'
import { created, ok, problem, type Route, route } from '@fleet/runtime/http'
import { bodyHashOf, derivedId, idempotencyKey, keyReused } from '@fleet/runtime/idempotency'
import { z } from 'zod'
import type { Flights } from './flights.ts'
import { toHistory } from './history.ts'
import { toReply } from './reply.ts'
import type { ItineraryStore } from './store.ts'

export type ItineraryRoutesOptions = {
  db: Pick<Database, 'transact'>
  store: ItineraryStore
  flights: Pick<Flights, 'close'>
  worldNow: () => UnixMs
}

const ofOrder = z.object({ orderId: OrderId })
const ofBase = z.object({ id: BaseId })
const ofZone = z.object({ id: ZoneId })

/** The routes of the itinerary service. Whatever changes something is an operator's. */
export function itineraryRoutes({ db, store, flights, worldNow }: ItineraryRoutesOptions): Route[] {
  const allow = ['operator'] as const
  const causeOf = (correlationId: string) => ({ correlationId, causationId: 'http', at: worldNow() })

  const pause = async (baseId: BaseId, paused: boolean) => {
    const base = await db.transact(async (tx) => {
      const loaded = await store.loadBase(baseId, tx)
      if (loaded === null) return null
      const after = { ...loaded.state, paused }
      await store.saveBase(after, loaded.version, tx)
      return after
    })
    return base === null ? problem({ code: 'base.unknown', field: 'id', value: baseId }) : ok(base)
  }

  const deliveryOf = async (orderId: OrderId) => {
    const delivery = await store.flightsOf(orderId)
    if (delivery.status === 'none') return problem({ code: 'order.unknown', field: 'orderId', value: orderId })
    return ok(toReply(delivery))
  }

  return [
    route('GET /v1/bases', { allow: ['customer', 'operator'] }, async () => ok({ items: await store.bases() })),

    // Drones that have an itinerary already fly it; none gets another until the base is resumed.
    route('POST /v1/bases/:id/pause', { allow, params: ofBase }, ({ params }) => pause(params.id, true)),
    route('POST /v1/bases/:id/resume', { allow, params: ofBase }, ({ params }) => pause(params.id, false)),

    route('GET /v1/zones', { allow: ['customer', 'operator'] }, async () => ok({ items: await store.zones() })),
    route('POST /v1/zones', { allow, body: ZoneBody }, async ({ body, caller, header, correlationId }) => {
      const key = idempotencyKey(header('idempotency-key'), 'fresh')
      if (!key.ok) return problem(key.refusal)
      const zoneId = ZoneId.parse(`zon_${derivedId({ caller, route: 'POST /v1/zones', key: key.key })}`)
      const zone = { zoneId, ...body }
      const before = await db.transact((tx) => store.addZone(zone, causeOf(correlationId), tx))
      if (before !== null && bodyHashOf(before) !== bodyHashOf(zone)) {
        return problem(keyReused(`it made ${zoneId}, another zone`).refusal)
      }
      return created(`/v1/zones/${zoneId}`, zone)
    }),
    route('DELETE /v1/zones/:id', { allow, params: ofZone }, async ({ params, correlationId }) => {
      const withdrawn = await db.transact((tx) => store.withdrawZone(params.id, causeOf(correlationId), tx))
      return withdrawn
        ? ok({ zoneId: params.id, withdrawn })
        : problem({ code: 'zone.unknown', field: 'id', value: params.id })
    }),

    route('GET /v1/deliveries/:orderId', { allow, params: ofOrder }, ({ params }) => deliveryOf(params.orderId)),
    route('GET /v1/deliveries/:orderId/history', { allow, params: ofOrder }, async ({ params }) => {
      const entries = await store.historyOf(params.orderId)
      return entries === null
        ? problem({ code: 'order.unknown', field: 'orderId', value: params.orderId })
        : ok(toHistory(entries))
    }),
    route(
      'POST /v1/deliveries/:orderId/closure',
      { allow, params: ofOrder, body: ClosureBody },
      async ({ params, body, correlationId, caller }) => {
        const cause = { correlationId, causationId: 'http' }
        const closed = await db.transact((tx) => flights.close(params.orderId, { ...body, by: caller.sub }, cause, tx))
        return closed.ok ? deliveryOf(params.orderId) : problem(closed.refusal)
      },
    ),
  ]
}
