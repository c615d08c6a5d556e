/** What can be flown at all: the bases and no-fly zones that the itinerary service publishes, kept here by the consumer. */
import { Base, Zone } from '@fleet/contracts/airspace'
import { droneModel } from '@fleet/contracts/drone-model'
import { type Refusal, refuse } from '@fleet/contracts/problems'
import { type Place, UnixMs } from '@fleet/contracts/units'
import { feasibility } from '@fleet/geo/feasibility'
import { planFlight } from '@fleet/geo/flight-plan'
import { isInside } from '@fleet/geo/zone'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database, Tx } from '@fleet/messaging/database'
import { Schema } from 'mongoose'
import { z } from 'zod'

export type Airspace = { bases: readonly Base[]; zones: readonly Zone[] }

/** When a drone that starts at once would hand over, or why none could ever. */
export type Reach = { ok: true; estimatedHandOverAtMs: UnixMs } | { ok: false; refusal: Refusal }

/** Whether a parcel of `weightG` grams can be flown to `dropOff` from any base, whatever the fleet does now. */
export function reach(
  { bases, zones }: Airspace,
  { dropOff, weightG, atMs }: { dropOff: Place; weightG: number; atMs: UnixMs },
): Reach {
  const zone = zones.find(({ outline }) => isInside(dropOff, outline))
  if (zone !== undefined) {
    return refuse('order.in-zone', {
      field: '/dropOff',
      limit: `outside ${zone.name}`,
      value: dropOff,
      facts: { zone: { zoneId: zone.zoneId, name: zone.name } },
    })
  }
  const found = feasibility({ dropOff, weightG }, bases)
  if (found.ok) {
    const { handOverAfterMs } = planFlight(droneModel, { distanceM: found.distanceM, weightG })
    return { ok: true, estimatedHandOverAtMs: UnixMs.parse(Math.round(atMs + handOverAfterMs)) }
  }
  if (found.reason === 'no-base') return refuse('order.no-base')
  const { baseId, name, place, rangeM } = found.nearestBase
  const distanceM = Math.ceil(found.distanceM)
  const nearestBase = { baseId, name, place, rangeM, distanceM }
  if (found.reason === 'too-far') {
    const beyondM = Math.ceil(found.beyondM)
    return refuse('order.too-far', {
      field: '/dropOff',
      limit: rangeM,
      value: distanceM,
      detail: `too far by ${beyondM} m: the nearest base, ${name}, is ${distanceM} m away and reaches ${rangeM} m`,
      facts: { nearestBase, beyondM },
    })
  }
  return refuse('order.too-heavy', {
    field: '/parcel/weightG',
    limit: found.payloadGMax,
    value: weightG,
    detail: `too heavy by ${found.beyondG} g: drones that reach this place carry up to ${found.payloadGMax} g`,
    facts: { nearestBase, beyondG: found.beyondG },
  })
}

const Stored = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('base'), value: Base }),
  z.object({ kind: z.literal('zone'), value: Zone }),
])
type Stored = z.infer<typeof Stored>

const rowSchema = new Schema<{ _id: string; kind: string; value: unknown }>(
  {
    _id: { type: String, required: true },
    kind: { type: String, required: true },
    value: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, collection: 'airspace' },
)

export type AirspaceStore = {
  put(entry: Stored, tx: Tx): Promise<void>
  withdraw(zoneId: string, tx: Tx): Promise<void>
  /** As of a second ago at most, and of this process's last change at least. */
  read(): Promise<Airspace>
}

const readEveryMs = 1_000

/** Keeps a few dozen entries, so it reads them all. */
export async function createAirspaceStore({ connection }: Database): Promise<AirspaceStore> {
  const rows = connection.model('AirspaceEntry', rowSchema)
  await prepareCollections(rows)
  let known: { airspace: Promise<Airspace>; atMs: number } | null = null
  const forget = () => {
    known = null
  }
  const readAll = async (): Promise<Airspace> => {
    const entries = (await rows.find().lean()).map((row) => Stored.parse(row))
    return {
      bases: entries.flatMap((entry) => (entry.kind === 'base' ? [entry.value] : [])),
      zones: entries.flatMap((entry) => (entry.kind === 'zone' ? [entry.value] : [])),
    }
  }
  return {
    put: async (entry, tx) => {
      const id = entry.kind === 'base' ? entry.value.baseId : entry.value.zoneId
      await rows.updateOne({ _id: id }, { $set: entry }, { upsert: true, session: tx.session })
      tx.afterCommit(forget)
    },
    withdraw: async (zoneId, tx) => {
      await rows.deleteOne({ _id: zoneId }, { session: tx.session })
      tx.afterCommit(forget)
    },
    read: async () => {
      if (known !== null && performance.now() - known.atMs < readEveryMs) return known.airspace
      const reading = { airspace: readAll(), atMs: performance.now() }
      known = reading
      try {
        return await reading.airspace
      } catch (error) {
        if (known === reading) forget()
        throw error
      }
    },
  }
}
