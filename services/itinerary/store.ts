/**
 * Deliveries, drones and bases in MongoDB. Every document that a decision relied on is written back with its version
 * compared, also where it did not change: snapshot isolation alone would let two decisions that read the same and
 * write different documents both commit.
 */
import { Base, Zone } from '@fleet/contracts/airspace'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { BaseId, DroneId, OrderId, PermitRequestId, ZoneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import type { UnixMs } from '@fleet/contracts/units'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database, Tx } from '@fleet/messaging/database'
import { mongo, Schema } from 'mongoose'
import { Delivery, type DeliveryEvent, evolve, type Waiting, type WaitingPlace } from './delivery.ts'
import { Drone } from './drone.ts'
import { type Entry, historyMax, toEntry } from './history.ts'
import { toldOf } from './told.ts'

type Versioned<State> = { state: State; version: number }

/** Where a message comes from, so that one id follows the customer's request to the drone's last report. */
export type Cause = { correlationId: string; causationId: string; at: UnixMs }

type DeliveryRow = {
  _id: string
  version: number
  status: string
  permitTime: string | null
  correlationId: string
  state: unknown
  history: Entry[]
}
type DroneRow = { _id: string; version: number; state: unknown }
type BaseRow = { _id: string; version: number; paused: boolean; state: unknown }
/** A zone that was withdrawn keeps its row, so that the POST that made it, sent again, does not bring it back. */
type ZoneRow = { _id: string; state: unknown; withdrawn: boolean }

const deliverySchema = new Schema<DeliveryRow>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    status: { type: String, required: true },
    permitTime: { type: String, default: null },
    correlationId: { type: String, required: true },
    state: { type: Schema.Types.Mixed, required: true },
    history: {
      type: [{ _id: false, atMs: Number, from: String, type: { type: String }, data: Schema.Types.Mixed }],
      default: [],
    },
  },
  { versionKey: false, collection: 'deliveries', minimize: false },
)
// In the order in which dispatch looks: thousands may wait, and a round wants some of them.
deliverySchema.index({ status: 1, 'state.placedAtMs': 1, _id: 1 })
deliverySchema.index({ permitTime: 1 }, { partialFilterExpression: { permitTime: 'running' } })

const droneSchema = new Schema<DroneRow>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    state: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, collection: 'drones', minimize: false },
)
droneSchema.index({ 'state.baseId': 1, 'state.health': 1, 'state.heard.landed': 1 })
const baseSchema = new Schema<BaseRow>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    paused: { type: Boolean, required: true },
    state: { type: Schema.Types.Mixed, required: true },
  },
  { versionKey: false, collection: 'bases', minimize: false },
)
const zoneSchema = new Schema<ZoneRow>(
  {
    _id: { type: String, required: true },
    state: { type: Schema.Types.Mixed, required: true },
    withdrawn: { type: Boolean, default: false },
  },
  { versionKey: false, collection: 'zones', minimize: false },
)

/** A base and whether an operator has stopped its departures. */
export type StationedBase = Base & { paused: boolean }

/** Another transaction wrote the document first; the driver runs this one anew. */
function conflict(what: string): Error {
  const error = new mongo.MongoError(`${what} was changed meanwhile`)
  error.addErrorLabel('TransientTransactionError')
  return error
}

const baseOf = ({ state, paused }: BaseRow): StationedBase => ({ ...Base.parse(state), paused })

const withoutHistory = { history: 0 } as const
const pushed = (entries: Entry[]) =>
  entries.length === 0 ? {} : { $push: { history: { $each: entries, $slice: -historyMax } } }

const permitTimeOf = (state: Delivery) =>
  state.status === 'assigned' || state.status === 'undecided' ? (state.permit?.time ?? null) : null

export type LoadedDelivery = Versioned<Delivery> & { correlationId: string }

export type ItineraryStore = {
  loadDelivery(orderId: OrderId, tx: Tx): Promise<LoadedDelivery>
  /** Applies `events` to the delivery, writes it, and publishes what the world is told. */
  saveDelivery(
    orderId: OrderId,
    loaded: LoadedDelivery,
    events: readonly DeliveryEvent[],
    cause: Cause,
    tx: Tx,
  ): Promise<void>
  /** Keeps a drone's report beside what was decided of it, whether it changed anything or not. */
  noteReport(orderId: OrderId, report: Pick<DroneReport, 'type' | 'data'>, atMs: UnixMs, tx: Tx): Promise<void>
  loadDrone(droneId: DroneId, tx: Tx): Promise<Versioned<Drone> | null>
  saveDrone(drone: Drone, version: number | null, tx: Tx): Promise<void>
  /** Oldest first: from the oldest, or from the one that comes next to `after`. */
  waitingDeliveries(countMax: number, after?: WaitingPlace): Promise<Waiting[]>
  /** The drones at `baseIds` that may be idle, as `isIdle` has the last word: a round must not read a fleet that is in the air. */
  idleDrones(baseIds: readonly BaseId[]): Promise<Drone[]>
  /** Those of `baseIds` where a drone is stationed that is neither revoked nor grounded. */
  crewedBases(baseIds: readonly BaseId[]): Promise<Set<BaseId>>
  /** The permits whose time may not be over. */
  runningPermits(countMax: number): Promise<{ orderId: OrderId; permitRequestId: PermitRequestId }[]>
  bases(): Promise<StationedBase[]>
  loadBase(baseId: BaseId, tx: Tx): Promise<Versioned<StationedBase> | null>
  /** Writes whether the base is paused; a departure writes it unchanged, so that a pause and a departure exclude each other. */
  saveBase(base: StationedBase, version: number, tx: Tx): Promise<void>
  /** Those that hold, as `tx` sees them where it is given. */
  zones(tx?: Tx): Promise<Zone[]>
  /**
   * Stores the zone and publishes it; where its id was given already, changes nothing and gives what has it. Writes every base, so
   * that a zone and a departure exclude each other too.
   */
  addZone(zone: Zone, cause: Cause, tx: Tx): Promise<Zone | null>
  /** Forgets the zone and says so; false where there is none. */
  withdrawZone(zoneId: ZoneId, cause: Cause, tx: Tx): Promise<boolean>
  /** Adds the bases that are not there yet, and publishes them. */
  seedBases(bases: readonly Base[], cause: Cause): Promise<void>
  /** How many deliveries there are in each state but the last. */
  countOpen(): Promise<{ status: string; count: number }[]>
  flightsOf(orderId: OrderId): Promise<Delivery>
  /** What was decided and reported, oldest first; null where there is no such order. */
  historyOf(orderId: OrderId): Promise<Entry[] | null>
}

async function publish(event: DeliveryEvent, cause: Cause, tx: Tx) {
  const told = toldOf(event)
  if (told === null) return
  if (told.topic === 'deliveries') await tx.outbox.publish(topics.deliveries, { ...told.fact, key: told.key, ...cause })
  else await tx.outbox.publish(topics.itineraries, { ...told.fact, key: told.key, ...cause })
}

/** The store in the itinerary service's own database. */
export async function createItineraryStore(db: Database): Promise<ItineraryStore> {
  const deliveries = db.connection.model('Delivery', deliverySchema)
  const drones = db.connection.model('Drone', droneSchema)
  const bases = db.connection.model('Base', baseSchema)
  const zones = db.connection.model('Zone', zoneSchema)
  await prepareCollections(deliveries, drones, bases, zones)

  return {
    loadDelivery: async (orderId, { session }) => {
      const row = await deliveries.findById(orderId, withoutHistory, { session }).lean<DeliveryRow>()
      if (row === null) return { state: { status: 'none' }, version: 0, correlationId: '' }
      return { state: Delivery.parse(row.state), version: row.version, correlationId: row.correlationId }
    },
    saveDelivery: async (orderId, { state, version }, events, cause, tx) => {
      const after = events.reduce(evolve, state)
      const fields = { status: after.status, permitTime: permitTimeOf(after), state: after }
      const history = events.map(
        ({ type, data }): Entry => ({ atMs: cause.at, from: 'service', type, data: { ...data } }),
      )
      if (version === 0) {
        if (events.length === 0) return
        await deliveries.insertMany(
          [{ _id: orderId, version: 1, correlationId: cause.correlationId, ...fields, history }],
          { session: tx.session, lean: true },
        )
      } else {
        const saved = await deliveries.updateOne(
          { _id: orderId, version },
          { $set: fields, $inc: { version: 1 }, ...pushed(history) },
          { session: tx.session },
        )
        if (saved.matchedCount !== 1) throw conflict(`delivery ${orderId}`)
      }
      for (const event of events) await publish(event, cause, tx)
    },
    noteReport: async (orderId, report, atMs, { session }) => {
      await deliveries.updateOne({ _id: orderId }, pushed([toEntry(report, atMs)]), { session })
    },
    loadDrone: async (droneId, { session }) => {
      const row = await drones.findById(droneId, null, { session }).lean<DroneRow>()
      return row === null ? null : { state: Drone.parse(row.state), version: row.version }
    },
    saveDrone: async (drone, version, { session }) => {
      if (version === null) {
        await drones.insertMany([{ _id: drone.droneId, version: 1, state: drone }], { session })
        return
      }
      const saved = await drones.updateOne(
        { _id: drone.droneId, version },
        { $set: { state: drone }, $inc: { version: 1 } },
        { session },
      )
      if (saved.matchedCount !== 1) throw conflict(`drone ${drone.droneId}`)
    },
    waitingDeliveries: async (countMax, after) => {
      const later = after && {
        // The first bound says nothing new, and is what the index is entered at.
        'state.placedAtMs': { $gte: after.placedAtMs },
        $or: [{ 'state.placedAtMs': { $gt: after.placedAtMs } }, { _id: { $gt: after.orderId } }],
      }
      const rows = await deliveries
        .find({ status: 'waiting', ...later }, withoutHistory)
        .sort({ 'state.placedAtMs': 1, _id: 1 })
        .limit(countMax)
        .lean<DeliveryRow[]>()
      return rows.map((row) => Delivery.parse(row.state)).filter((state) => state.status === 'waiting')
    },
    idleDrones: async (baseIds) => {
      const rows = await drones
        .find({
          'state.baseId': { $in: baseIds },
          'state.health': 'healthy',
          'state.heard.landed': true,
          'state.assignment': null,
          'state.held': { $ne: true },
          'state.revoked': false,
        })
        .lean<DroneRow[]>()
      return rows.map((row) => Drone.parse(row.state))
    },
    crewedBases: async (baseIds) => {
      const crewed = await Promise.all(
        baseIds.map((baseId) =>
          drones.exists({ 'state.baseId': baseId, 'state.health': { $ne: 'grounded' }, 'state.revoked': false }),
        ),
      )
      return new Set(baseIds.filter((_, index) => crewed[index]))
    },
    runningPermits: async (countMax) => {
      const rows = await deliveries
        .find({ permitTime: 'running' }, withoutHistory)
        .limit(countMax)
        .lean<DeliveryRow[]>()
      return rows
        .map((row) => Delivery.parse(row.state))
        .flatMap((state) =>
          (state.status === 'assigned' || state.status === 'undecided') && state.permit !== null
            ? [{ orderId: state.orderId, permitRequestId: state.permit.permitRequestId }]
            : [],
        )
    },
    bases: async () => (await bases.find({}).sort({ _id: 1 }).lean<BaseRow[]>()).map(baseOf),
    loadBase: async (baseId, { session }) => {
      const row = await bases.findById(baseId, null, { session }).lean<BaseRow>()
      return row === null ? null : { state: baseOf(row), version: row.version }
    },
    saveBase: async ({ baseId, paused }, version, { session }) => {
      const change = { $set: { paused }, $inc: { version: 1 } }
      const saved = await bases.updateOne({ _id: baseId, version }, change, { session })
      if (saved.matchedCount !== 1) throw conflict(`base ${baseId}`)
    },
    zones: async (tx) =>
      (
        await zones
          .find({ withdrawn: { $ne: true } }, null, { session: tx?.session ?? null })
          .sort({ _id: 1 })
          .lean<ZoneRow[]>()
      ).map(({ state }) => Zone.parse(state)),
    addZone: async (zone, cause, tx) => {
      const before = await zones.findById(zone.zoneId, null, { session: tx.session }).lean<ZoneRow>()
      if (before !== null) return Zone.parse(before.state)
      await bases.updateMany({}, { $inc: { version: 1 } }, { session: tx.session })
      await zones.insertMany([{ _id: zone.zoneId, state: zone, withdrawn: false }], { session: tx.session })
      await tx.outbox.publish(topics.airspace, { type: 'zone.published', data: zone, key: zone.zoneId, ...cause })
      return null
    },
    withdrawZone: async (zoneId, cause, tx) => {
      const current = { _id: zoneId, withdrawn: { $ne: true } }
      const { matchedCount } = await zones.updateOne(current, { $set: { withdrawn: true } }, { session: tx.session })
      if (matchedCount === 0) return false
      await tx.outbox.publish(topics.airspace, { type: 'zone.withdrawn', data: { zoneId }, key: zoneId, ...cause })
      return true
    },
    seedBases: (wanted, cause) =>
      db.transact(async (tx) => {
        for (const base of wanted) {
          const present = await bases.findById(base.baseId, null, { session: tx.session }).lean()
          if (present !== null) continue
          const row = { _id: base.baseId, version: 1, paused: false, state: base }
          await bases.insertMany([row], { session: tx.session })
          await tx.outbox.publish(topics.airspace, { type: 'base.published', data: base, key: base.baseId, ...cause })
        }
      }),
    countOpen: async () => {
      // By the index alone: those that have ended are ever more.
      const rows = await deliveries.aggregate<{ _id: string; count: number }>([
        { $match: { status: { $ne: 'ended' satisfies Delivery['status'] } } },
        { $group: { _id: '$status', count: { $sum: 1 } } },
      ])
      return rows.map(({ _id, count }) => ({ status: _id, count }))
    },
    flightsOf: async (orderId) => {
      const row = await deliveries.findById(orderId, withoutHistory).lean<DeliveryRow>()
      return row === null ? { status: 'none' } : Delivery.parse(row.state)
    },
    historyOf: async (orderId) => {
      const row = await deliveries.findById(orderId, { history: 1 }).lean<Pick<DeliveryRow, 'history'>>()
      return row === null ? null : row.history
    },
  }
}
