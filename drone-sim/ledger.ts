/**
 * What happened to parcels in the physical world, as nobody in the product knows it: one line an event, written before anything
 * that follows from it. Checkers compare it with what customers were told; no service reads it. The world itself does, at its
 * start: which parcel hangs below which drone is what the ledger says.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { DroneId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { Epoch, Latitude, Longitude, UnixMs, WeightG } from '@fleet/contracts/units'
import { z } from 'zod'

export const LedgerEntry = z.object({
  atMs: UnixMs,
  /** `lost`: it fell with its drone. */
  event: z.enum(['loaded', 'handed-over', 'brought-home', 'lost']),
  droneId: DroneId,
  orderId: OrderId,
  itineraryId: ItineraryId,
  epoch: Epoch,
  lat: Latitude,
  lon: Longitude,
  heightM: z.number(),
  weightG: WeightG,
})
export type LedgerEntry = z.infer<typeof LedgerEntry>

/** A parcel below a drone. */
export type Load = Pick<LedgerEntry, 'orderId' | 'itineraryId' | 'epoch' | 'weightG'>

export type Ledger = {
  /** Returns when the line is with the operating system: the death of the process does not take it back. */
  append(entry: LedgerEntry): void
  /** Which parcels hang below drones, by what was written up to the opening. */
  aboardAtOpening: ReadonlyMap<DroneId, Load>
}

/** Opens the ledger, and makes it where it is missing. Throws on a line that is not an entry. */
export function openLedger(file: string): Ledger {
  mkdirSync(dirname(file), { recursive: true })
  const aboardAtOpening = new Map<DroneId, Load>()
  for (const { event, droneId, orderId, itineraryId, epoch, weightG } of readLedger(file)) {
    if (event === 'loaded') aboardAtOpening.set(droneId, { orderId, itineraryId, epoch, weightG })
    else aboardAtOpening.delete(droneId)
  }
  return { append: (entry) => appendFileSync(file, `${JSON.stringify(entry)}\n`), aboardAtOpening }
}

/** Every entry, the oldest first; none where there is no file yet. */
export function readLedger(file: string): LedgerEntry[] {
  if (!existsSync(file)) return []
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => LedgerEntry.parse(JSON.parse(line)))
}
