/**
 * Each drone's health, and what it is judged by beside its positions: its itinerary, what it answered and refused, the
 * zones. A change of health is one transaction of the state, its message and the command that it orders.
 */
import type { Zone } from '@fleet/contracts/airspace'
import type { CommandId, DroneId, ItineraryId, ZoneId } from '@fleet/contracts/ids'
import type { Itinerary } from '@fleet/contracts/itineraries'
import { topics } from '@fleet/contracts/topics'
import type { UnixMs } from '@fleet/contracts/units'
import { prepareCollections } from '@fleet/messaging/collections'
import { type Database, isOutage, type Tx } from '@fleet/messaging/database'
import { Schema } from 'mongoose'
import { evolve, type Health, type HealthEvent, newHealth } from './health.ts'
import type { Link } from './link.ts'
import type { Evidence } from './rules/scene.ts'
import { type DroneStore, insert } from './store.ts'

export type HealthRow = { _id: DroneId; version: number; state: Health }
/** `answered`: the last itineraries that it accepted or refused, whichever topic was heard first. */
export type Facts = {
  _id: DroneId
  itinerary: Itinerary | null
  answered: ItineraryId[]
  /** What it last said that it accepted, or flies. */
  flies: ItineraryId | null
  refusedAtMs: number[]
  /** It holds where it is; or until when it did, by the broker's time as world milliseconds. */
  held: boolean
  heldUntilMs: number | null
  /** A position of it was heard once: from then on its silence means something. */
  spoke: boolean
  groundAltitudeM: number | null
}
/** One change of a health. It goes by itself, as the topic's messages do. */
type ChangeRow = Change & { _id: string; droneId: DroneId; storedAt: Date }
export type HistoryWindow = { fromMs: UnixMs; toMs: UnixMs }
export type Change = {
  atMs: UnixMs
  from: Health['status']
  to: Health['status']
  evidence: Evidence
  orders: CommandId | null
}
type ZoneRow = { _id: ZoneId; zone: Zone }
type LinkRow = { _id: 'link'; version: number; state: Link }

const plain = { versionKey: false, minimize: false } as const
const mixed = { type: Schema.Types.Mixed, required: true }
const healthSchema = new Schema<HealthRow>(
  { _id: { type: String, required: true }, version: { type: Number, required: true }, state: mixed },
  { ...plain, collection: 'health' },
)
const factsSchema = new Schema<Facts>(
  {
    _id: { type: String, required: true },
    itinerary: { type: Schema.Types.Mixed, default: null },
    answered: { type: [String], default: [] },
    flies: { type: String, default: null },
    refusedAtMs: { type: [Number], default: [] },
    held: { type: Boolean, default: false },
    heldUntilMs: { type: Number, default: null },
    spoke: { type: Boolean, default: false },
    groundAltitudeM: { type: Number, default: null },
  },
  { ...plain, collection: 'drone_facts' },
)
const changeSchema = new Schema<ChangeRow>(
  {
    _id: { type: String, required: true },
    droneId: { type: String, required: true },
    atMs: { type: Number, required: true },
    from: { type: String, required: true },
    to: { type: String, required: true },
    evidence: mixed,
    orders: { type: String, default: null },
    storedAt: { type: Date, required: true },
  },
  { ...plain, collection: 'health_changes' },
)
changeSchema.index({ droneId: 1, atMs: 1 })
changeSchema.index({ storedAt: 1 }, { expireAfterSeconds: 30 * 24 * 3_600 })
const zoneSchema = new Schema<ZoneRow>(
  { _id: { type: String, required: true }, zone: mixed },
  { ...plain, collection: 'zones' },
)
const linkSchema = new Schema<LinkRow>(
  { _id: { type: String, required: true }, version: { type: Number, required: true }, state: mixed },
  { ...plain, collection: 'link' },
)

/** Of one answer. */
export const changesMax = 500
const answeredMax = 8
const answerOf = (itineraryId: ItineraryId) => ({
  $push: { answered: { $each: [itineraryId], $slice: -answeredMax } },
})
const refusalsMax = 8
const listMax = 10_000
/** Who issues the commands of the policy. */
export const policyIssuer = 'drone-health'

/** A state, and the version that it was read at; 0 for what was never written. */
export type Versioned<State> = { state: State; version: number }

export type HealthStore = {
  all(): Promise<Map<DroneId, Versioned<Health>>>
  find(droneId: DroneId): Promise<Versioned<Health>>
  /**
   * Writes `event` of a drone whose health was read at `version`, with its message and its command. False where the health
   * has moved on meanwhile: whoever was first has decided.
   */
  apply(droneId: DroneId, version: number, from: Health, event: HealthEvent): Promise<boolean>
  /** The drone's changes from `fromMs` on and before `toMs`, oldest first; one more than `changesMax` where there are more. */
  changes(droneId: DroneId, window: HistoryWindow): Promise<Change[]>
  facts(): Promise<Map<DroneId, Facts>>
  noteItinerary(itinerary: Itinerary, tx: Tx): Promise<void>
  noteAnswer(droneId: DroneId, itineraryId: ItineraryId, tx: Tx): Promise<void>
  /** That it flies it, which is an answer as well. */
  noteFlight(droneId: DroneId, itineraryId: ItineraryId, tx: Tx): Promise<void>
  noteHold(droneId: DroneId, tx: Tx): Promise<void>
  /** That it holds no longer; nothing where it did not. */
  noteHoldOver(droneId: DroneId, atMs: UnixMs, tx: Tx): Promise<void>
  noteRefusal(droneId: DroneId, atMs: UnixMs, tx: Tx): Promise<void>
  /** That these drones have spoken, and from which ground: all in one writing, since a fleet that boots speaks at once. */
  noteVoices(voices: readonly { droneId: DroneId; groundAltitudeM: number | null }[]): Promise<void>
  saveZone(zone: Zone, tx: Tx): Promise<void>
  removeZone(zoneId: ZoneId, tx: Tx): Promise<void>
  zones(): Promise<Zone[]>
  link(): Promise<Versioned<Link>>
  /** False where it has moved on meanwhile. */
  saveLink(link: Link, version: number): Promise<boolean>
}

/** Makes the collections and their indexes, and gives the store over them. Commands go through `drones`. */
export async function createHealthStore(db: Database, drones: Pick<DroneStore, 'issueIn'>): Promise<HealthStore> {
  const healthRows = db.connection.model<HealthRow>('Health', healthSchema)
  const factRows = db.connection.model<Facts>('DroneFacts', factsSchema)
  const zoneRows = db.connection.model<ZoneRow>('Zone', zoneSchema)
  const linkRows = db.connection.model<LinkRow>('Link', linkSchema)
  const changeRows = db.connection.model<ChangeRow>('HealthChange', changeSchema)
  await prepareCollections(healthRows, factRows, zoneRows, linkRows, changeRows)

  const note = (droneId: DroneId, update: object, tx: Tx) =>
    insert(() => factRows.updateOne({ _id: droneId }, update, { session: tx.session, upsert: true }))

  const publish = async (droneId: DroneId, from: Health, { to, evidence, order, atMs }: HealthEvent, tx: Tx) => {
    const correlationId = `health-${droneId}-${to.incident}`
    const cause = { correlationId, causationId: 'drone-health' }
    if (to.status !== from.status) {
      const data = { droneId, from: from.status, to: to.status, evidence, changedAtMs: atMs }
      await tx.outbox.publish(topics.droneHealth, { type: 'health.changed', data, key: droneId, at: atMs, ...cause })
    }
    if (order === null) return
    // A drone that was revoked, or has no boot to end, gets none; the ladder goes on all the same.
    await drones.issueIn({ ...order, droneId, issuedBy: policyIssuer, atMs }, cause, tx)
  }

  const keepChange = async (droneId: DroneId, version: number, from: Health, event: HealthEvent, { session }: Tx) => {
    const { to, evidence, order, atMs } = event
    if (to.status === from.status && order === null) return
    const change = { droneId, atMs, from: from.status, to: to.status, evidence, orders: order?.commandId ?? null }
    // Versions sort as they follow one another, also within a millisecond.
    const _id = `${droneId}/${String(version).padStart(12, '0')}`
    const written = { $setOnInsert: change, $currentDate: { storedAt: true } } as const
    await insert(() => changeRows.updateOne({ _id }, written, { session, upsert: true }))
  }

  return {
    all: async () => {
      const rows = await healthRows.find().limit(listMax).lean<HealthRow[]>()
      return new Map(rows.map(({ _id, version, state }) => [_id, { version, state }]))
    },
    find: async (droneId) => (await healthRows.findById(droneId).lean<HealthRow>()) ?? { state: newHealth, version: 0 },
    apply: (droneId, version, from, event) =>
      db.transact(async (tx) => {
        const state = evolve(from, event)
        const { session } = tx
        const row = await healthRows.findById(droneId, 'version', { session }).lean<Pick<HealthRow, 'version'>>()
        if ((row?.version ?? 0) !== version) return false
        if (version === 0) await insert(() => healthRows.create([{ _id: droneId, version: 1, state }], { session }))
        else await healthRows.updateOne({ _id: droneId, version }, { version: version + 1, state }, { session })
        await keepChange(droneId, version + 1, from, event, tx)
        await publish(droneId, from, event, tx)
        return true
      }),
    changes: (droneId, { fromMs, toMs }) =>
      changeRows
        .find({ droneId, atMs: { $gte: fromMs, $lt: toMs } }, { _id: 0, droneId: 0, storedAt: 0 })
        .sort({ atMs: 1, _id: 1 })
        .limit(changesMax + 1)
        .lean<Change[]>(),

    facts: async () => {
      const rows = await factRows.find().limit(listMax).lean<Facts[]>()
      return new Map(rows.map((row) => [row._id, row]))
    },
    noteItinerary: (itinerary, tx) => note(itinerary.droneId, { $set: { itinerary } }, tx),
    noteAnswer: (droneId, itineraryId, tx) => note(droneId, answerOf(itineraryId), tx),
    noteFlight: (droneId, itineraryId, tx) =>
      note(droneId, { ...answerOf(itineraryId), $set: { flies: itineraryId } }, tx),
    noteHold: (droneId, tx) => note(droneId, { $set: { held: true } }, tx),
    noteHoldOver: async (droneId, heldUntilMs, { session }) => {
      await factRows.updateOne({ _id: droneId, held: true }, { $set: { held: false, heldUntilMs } }, { session })
    },
    noteRefusal: (droneId, atMs, tx) =>
      note(droneId, { $push: { refusedAtMs: { $each: [atMs], $slice: -refusalsMax } } }, tx),
    noteVoices: async (voices) => {
      if (voices.length === 0) return
      const writes = voices.map(({ droneId, groundAltitudeM }) => ({
        updateOne: { filter: { _id: droneId }, update: { $set: { spoke: true, groundAltitudeM } }, upsert: true },
      }))
      await factRows.bulkWrite(writes, { ordered: false })
    },
    saveZone: async (zone, { session }) => {
      await zoneRows.updateOne({ _id: zone.zoneId }, { zone }, { session, upsert: true })
    },
    removeZone: async (zoneId, { session }) => {
      await zoneRows.deleteOne({ _id: zoneId }, { session })
    },
    zones: async () => (await zoneRows.find().limit(listMax).lean<ZoneRow[]>()).map(({ zone }) => zone),
    link: async () => (await linkRows.findById('link').lean<LinkRow>()) ?? { state: { status: 'up' }, version: 0 },
    saveLink: async (state, version) => {
      try {
        const saved = await linkRows.updateOne(
          { _id: 'link', version },
          { state, version: version + 1 },
          { upsert: version === 0 },
        )
        return saved.matchedCount + saved.upsertedCount === 1
      } catch (error) {
        if (isOutage(error)) throw error
        // Two that write the first alarm at once: the other's stands.
        return (await linkRows.findById('link').lean<LinkRow>())?.version === version
      }
    },
  }
}
