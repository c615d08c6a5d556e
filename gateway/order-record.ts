/**
 * The flight record of an order, for operators: what every service keeps of it, on one time line. Each part is asked for
 * once a flight, within bounds; where a service does not answer, the record says what is missing instead of failing.
 */
import {
  DeliveryHistoryReply,
  DroneHistoryReply,
  OrderRecordQuery,
  type OrderRecordReply,
  type RecordedFlight,
} from '@fleet/contracts/flight-record'
import { OrderHistoryReply } from '@fleet/contracts/front-door'
import { DroneId, OrderId } from '@fleet/contracts/ids'
import { OrderReply, TrackReply, verticesOf } from '@fleet/contracts/rest'
import { Epoch } from '@fleet/contracts/units'
import { ok, type RequestContext, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import type { Ask, Downstream } from './downstream.ts'
import { asCaller, get } from './forward.ts'

type Entry = OrderRecordReply['timeline'][number]
type Shown = OrderRecordReply['flights'][number]['positions']

/** An order has five flights at most; a record of more would be a fault, and is cut. */
const flightsMax = 8
/** Where times are equal: what was decided before what follows from it. */
const sources: readonly Entry['source'][] = ['order', 'delivery', 'drone', 'health', 'command', 'position']

/** `GET /v1/orders/{id}/record`. */
export function orderRecordRoute(
  services: Record<'order' | 'itinerary' | 'position' | 'droneHealth', Pick<Downstream, 'ask' | 'forward'>>,
): Route {
  const inputs = { params: z.object({ id: OrderId }), query: OrderRecordQuery }
  return route(
    'GET /v1/orders/:id/record',
    { allow: ['operator'], ...inputs },
    async ({ params, query, ...context }) => {
      const found = await services.order.forward({ ...get(`/v1/orders/${params.id}`), ...asCaller(context) })
      const order = found.kind === 'json' && found.status === 200 ? OrderReply.safeParse(found.body) : null
      if (!order?.success) return found
      const missing: string[] = []
      const read = reader(context, missing)
      const [orders, deliveries] = await Promise.all([
        read(services.order, 'order history', get(`/v1/orders/${params.id}/history`), OrderHistoryReply),
        read(services.itinerary, 'deliveries', get(`/v1/deliveries/${params.id}/history`), DeliveryHistoryReply),
      ])
      const flights = (deliveries?.flights ?? []).slice(-flightsMax)
      const told = await Promise.all(flights.map((flight) => readFlight(services, flight, query.positions, read)))
      const timeline = [
        ...(orders?.items ?? []).map(ofOrder),
        ...(deliveries?.items ?? []).map(ofDelivery),
        ...told.flatMap(({ entries }) => entries),
      ]
      return ok({
        order: order.data,
        flights: told.map(({ flight, positions }) => ({ ...flight, positions })),
        timeline: inOrder(timeline),
        missing,
      } satisfies OrderRecordReply)
    },
  )
}

type Read = <T>(
  service: Pick<Downstream, 'ask'>,
  what: string,
  question: Pick<Ask, 'method' | 'path'>,
  schema: z.ZodType<T>,
) => Promise<T | null>

/** Reads one part; what cannot be read goes to `missing`, with the reason. */
const reader =
  (context: RequestContext, missing: string[]): Read =>
  async (service, what, question, schema) => {
    const answer = await service.ask({ ...question, ...asCaller(context) })
    if (!answer.ok) missing.push(`${what}: ${answer.refusal.code}`)
    else if (answer.status !== 200) missing.push(`${what}: status ${answer.status}`)
    else {
      const parsed = schema.safeParse(answer.body)
      if (parsed.success) return parsed.data
      missing.push(`${what}: an answer that is not understood`)
    }
    return null
  }

async function readFlight(
  services: Record<'position' | 'droneHealth', Pick<Downstream, 'ask'>>,
  flight: RecordedFlight,
  positionsMax: number,
  read: Read,
): Promise<{ flight: RecordedFlight; positions: Shown; entries: Entry[] }> {
  const { droneId, epoch, from, until } = flight
  const window = until === null ? { from } : { from, to: until }
  const drone = `/v1/drones/${droneId}`
  const [history, track] = await Promise.all([
    read(services.droneHealth, `health of ${droneId}`, get(`${drone}/history`, window), DroneHistoryReply),
    positionsMax === 0
      ? null
      : read(services.position, `positions of ${droneId}`, get(`${drone}/track`, window), TrackReply),
  ])
  const named = { epoch, droneId }
  const entries: Entry[] = [
    ...(history?.health ?? []).map(
      ({ at, ...data }): Entry => ({ at, source: 'health', what: data.to, ...named, data }),
    ),
    ...(history?.commands ?? []).flatMap(({ steps, ...data }) =>
      steps.map(({ status, at }): Entry => ({ at, source: 'command', what: `${data.kind} ${status}`, ...named, data })),
    ),
  ]
  if (track === null) return { flight, positions: null, entries }
  const vertices = verticesOf(track)
  const { times, truncated } = track.properties
  const every = Math.max(1, Math.ceil(times.length / positionsMax))
  const shown = times.flatMap((at, index): Entry[] => {
    const [lon, lat, altitudeM] = vertices[index] ?? []
    if (index % every !== 0) return []
    return [{ at, source: 'position', what: 'position', ...named, data: { lat, lon, altitudeM } }]
  })
  return { flight, positions: { shown: shown.length, of: times.length, truncated }, entries: [...entries, ...shown] }
}

const ofOrder = ({ at, type, seq, status }: OrderHistoryReply['items'][number]): Entry => ({
  at,
  source: 'order',
  what: type,
  epoch: null,
  droneId: null,
  data: { seq, status },
})

const Named = z.object({ epoch: Epoch.nullable().catch(null), droneId: DroneId.nullable().catch(null) })
function ofDelivery({ at, from, type, data }: DeliveryHistoryReply['items'][number]): Entry {
  // A report of having landed wraps its flight.
  const inner = z.object({ itinerary: z.record(z.string(), z.unknown()) }).safeParse(data)
  const { epoch, droneId } = Named.parse({ ...(inner.success ? inner.data.itinerary : {}), ...data })
  const source = from === 'drone' ? 'drone' : 'delivery'
  return { at, source, what: type, epoch, droneId, data }
}

function inOrder(timeline: Entry[]): Entry[] {
  return timeline.toSorted(
    (a, b) => Date.parse(a.at) - Date.parse(b.at) || sources.indexOf(a.source) - sources.indexOf(b.source),
  )
}
