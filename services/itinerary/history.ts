/** What is kept of an order's delivery beside its state: what was decided, what its drones reported, in order. */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { DeliveryHistoryReply, ParcelFate, RecordedFlight } from '@fleet/contracts/flight-record'
import { BaseId, DroneId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import { z } from 'zod'

/** A delivery has two dozen entries; one that is reassigned, or asks for its permit without end, keeps the newest. */
export const historyMax = 300

export type Entry = { atMs: UnixMs; from: 'service' | 'drone'; type: string; data: Record<string, unknown> }

const iso = (ms: number) => new Date(ms).toISOString()

export const toEntry = ({ type, data }: Pick<DroneReport, 'type' | 'data'>, atMs: UnixMs): Entry => ({
  atMs,
  from: 'drone',
  type,
  data: { ...data },
})

const Assignment = z.object({
  epoch: Epoch,
  itineraryId: ItineraryId,
  droneId: DroneId,
  baseId: BaseId,
  estimatedHandOverAtMs: UnixMs,
})
const OfFlight = z.object({ itineraryId: ItineraryId })
/** Of `landed`, the one report that wraps its flight. */
const Landed = z.object({ itinerary: OfFlight.extend({ orderId: OrderId }), parcelAboard: z.boolean() })

type Flight = { assignment: z.infer<typeof Assignment>; fromMs: UnixMs; untilMs: UnixMs | null; parcel: ParcelFate }

/** The flights that `entries` tell of, by epoch, with what became of each one's parcel. */
export function toHistory(entries: readonly Entry[]): DeliveryHistoryReply {
  const flights = new Map<string, Flight>()
  let present: Flight | undefined
  for (const entry of entries) {
    const { type, data, atMs } = entry
    if (type === 'delivery.assigned' || type === 'delivery.reassigned') {
      const assignment = Assignment.parse(data)
      present = { assignment, fromMs: atMs, untilMs: null, parcel: 'not-departed' }
      flights.set(assignment.itineraryId, present)
      continue
    }
    const named = OfFlight.safeParse(type === 'landed' ? data.itinerary : data)
    const flight = named.success ? flights.get(named.data.itineraryId) : present
    if (flight) Object.assign(flight, after(flight, entry))
  }
  return {
    flights: [...flights.values()].map(toFlight),
    items: entries.map(({ atMs, from, type, data }) => ({ at: iso(atMs), from, type, data })),
  }
}

function after({ parcel }: Flight, { type, data, atMs }: Entry): Partial<Flight> {
  switch (type) {
    case 'leg.started':
      return parcel === 'not-departed' ? { parcel: 'aboard' } : {}
    case 'flight.given-up':
      // Nobody has heard that it left: it stands at its base, or will say otherwise.
      return parcel === 'aboard' || parcel === 'unknown' ? { parcel: 'to-be-returned' } : {}
    case 'parcel.kept':
      return { parcel: 'to-be-returned' }
    case 'parcel.unknown':
    case 'delivery.undecided':
      return parcel === 'handed-over' ? {} : { parcel: 'unknown' }
    case 'parcel.handed-over':
      return { parcel: 'handed-over' }
    case 'itinerary.refused':
      return { untilMs: atMs }
    case 'landed': {
      const { parcelAboard } = Landed.parse(data)
      return parcelAboard ? { untilMs: atMs, parcel: 'returned' } : { untilMs: atMs }
    }
    default:
      return {}
  }
}

const toFlight = ({ assignment, fromMs, untilMs, parcel }: Flight): RecordedFlight => {
  const { estimatedHandOverAtMs, ...flight } = assignment
  const until = untilMs === null ? null : iso(untilMs)
  return { ...flight, from: iso(fromMs), until, estimatedHandOverAt: iso(estimatedHandOverAtMs), parcel }
}
