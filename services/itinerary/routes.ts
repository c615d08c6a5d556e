/** What the itinerary service answers over HTTP: bases, zones, deliveries. */
import { BaseId, OrderId, ZoneId } from '@fleet/contracts/ids'
import { ClosureBody, ZoneBody } from '@fleet/contracts/rest'
import type { UnixMs } from '@fleet/contracts/units'
import type { Database } from '@fleet/messaging/database'
import { created, ok, problem, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import type { Flights } from './flights.ts'
import { toHistory } from './history.ts'
import type { ItineraryStore } from './store.ts'

export type ItineraryRoutesOptions = {
  db: Pick<Database, 'transact'>
  store: ItineraryStore
  flights: Pick<Flights, 'close'>
  worldNow: () => UnixMs
  /** A fresh random id. */
  newZoneId: () => ZoneId
}

const ofOrder = z.object({ orderId: OrderId })
const ofBase = z.object({ id: BaseId })
const ofZone = z.object({ id: ZoneId })

/** The routes of the itinerary service. Whatever changes something is an operator's. */
export function itineraryRoutes({ db, store, flights, worldNow, newZoneId }: ItineraryRoutesOptions): Route[] {
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

  return [
    route('GET /v1/bases', { allow: ['customer', 'operator'] }, async () => ok({ items: await store.bases() })),

    // Drones that have an itinerary already fly it; none gets another until the base is resumed.
    route('POST /v1/bases/:id/pause', { allow, params: ofBase }, ({ params }) => pause(params.id, true)),
    route('POST /v1/bases/:id/resume', { allow, params: ofBase }, ({ params }) => pause(params.id, false)),

    route('GET /v1/zones', { allow: ['customer', 'operator'] }, async () => ok({ items: await store.zones() })),
    route('POST /v1/zones', { allow, body: ZoneBody }, async ({ body, correlationId }) => {
      const zone = { zoneId: newZoneId(), ...body }
      await db.transact((tx) => store.addZone(zone, causeOf(correlationId), tx))
      return created(`/v1/zones/${zone.zoneId}`, zone)
    }),
    route('DELETE /v1/zones/:id', { allow, params: ofZone }, async ({ params, correlationId }) => {
      const withdrawn = await db.transact((tx) => store.withdrawZone(params.id, causeOf(correlationId), tx))
      return withdrawn
        ? ok({ zoneId: params.id, withdrawn })
        : problem({ code: 'zone.unknown', field: 'id', value: params.id })
    }),

    route('GET /v1/deliveries/:orderId', { allow, params: ofOrder }, async ({ params }) => {
      const delivery = await store.flightsOf(params.orderId)
      if (delivery.status === 'none') return problem({ code: 'order.unknown', field: 'orderId', value: params.orderId })
      return ok(delivery)
    }),
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
        return closed.ok ? ok(await store.flightsOf(params.orderId)) : problem(closed.refusal)
      },
    ),
  ]
}
