/** The batches of positions, packed; the same re-packed by drone; and now and then a snapshot of what the batches add up to. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Tx } from '@fleet/messaging/database'
import { atMoment, openMoment } from '@fleet/messaging/moment'
import { type ClientSession, type Connection, mongo, Schema } from 'mongoose'
import { compress, type Packed, pack, unpack } from './packed.ts'
import { type Effect, fromText, type Partition, toText } from './partition.ts'

/** Positions are kept as long as in their topic, by the time of storing. */
const keptS = 7 * 24 * 3_600
const duplicateKey = 11_000

type BatchRow = Packed &
  Pick<Effect, 'refused' | 'copies' | 'refusedMessages'> & {
    partition: number
    /** Counts the batches of the partition, from 1: unlike offsets it never begins anew. */
    number: number
    fromOffset: number
    toOffset: number
    storedAt: Date
  }
/** What the driver gives back of it. */
type ReadRow = Omit<BatchRow, 'columns'> & { columns: mongo.Binary }

const required = { type: Number, required: true }
const mixed = { type: Schema.Types.Mixed, required: true }
const batchSchema = new Schema<BatchRow>(
  {
    partition: required,
    number: required,
    fromOffset: required,
    toOffset: required,
    minTakenAtMs: required,
    maxTakenAtMs: required,
    storedAt: { type: Date, required: true },
    n: required,
    drones: { type: [String], required: true },
    rows: { type: [Number], required: true },
    columns: mixed,
    compressed: { type: Boolean, required: true },
    refused: mixed,
    copies: mixed,
    refusedMessages: mixed,
  },
  { versionKey: false, minimize: false, collection: 'position_batches' },
)
batchSchema.index({ partition: 1, number: 1 }, { unique: true })
// The end first: a track of the last hour then reads the last hour, however long the history.
batchSchema.index({ partition: 1, maxTakenAtMs: 1, minTakenAtMs: 1 })
batchSchema.index({ storedAt: 1 }, { expireAfterSeconds: keptS })

type SnapshotRow = { _id: number; number: number; text: Buffer; storedAt: Date }
const snapshotSchema = new Schema<SnapshotRow>(
  { _id: required, number: required, text: mixed, storedAt: { type: Date, required: true } },
  { versionKey: false, collection: 'position_snapshots' },
)

/**
 * A stretch of one drone's track, re-packed: its drone, its first time and the first batch that it is made of; the two
 * fields of a query come first, so that the one index serves tracks. `to` is its last time.
 */
type TrackRow = { _id: { d: DroneId; t: number; b: number }; n: number; to: number; columns: Buffer; storedAt: Date }
type ReadTrack = Omit<TrackRow, 'columns'> & { columns: mongo.Binary }
/** A stretch lies within so many milliseconds of world time. */
const trackMsMax = 15 * 60_000
const trackCollection = 'position_tracks'
const trackSchema = new Schema<TrackRow>(
  { _id: mixed, n: required, to: required, columns: mixed, storedAt: { type: Date, required: true } },
  { versionKey: false, collection: trackCollection },
)
trackSchema.index({ to: 1 })
trackSchema.index({ storedAt: 1 }, { expireAfterSeconds: keptS })

export type StoredBatch = { number: number; toOffset: number; effect: Effect }

export type PositionStore = {
  /** Writes the batch that follows `number` of its partition. @throws where there is one already. */
  saveBatch(
    batch: { partition: number; number: number; fromOffset: number; toOffset: number; effect: Effect; storedAt: Date },
    tx: Tx,
  ): Promise<void>
  /** The batches of a partition after the first `number`, in order. */
  batchesAfter(at: { partition: number; number: number }, session?: ClientSession): AsyncIterable<StoredBatch>
  /** Of each of `known`, whether the partition has batches after it: the partitions that do. */
  movedOn(known: readonly Pick<Partition, 'partition' | 'number'>[]): Promise<Set<number>>
  loadSnapshot(partition: number, session?: ClientSession): Promise<Partition | null>
  /** Keeps the newer one where another instance wrote that first. */
  saveSnapshot(state: Partition, storedAt: Date): Promise<void>
  /** One drone's positions taken within the window, some at a time, each once whatever is re-packed meanwhile. */
  positionsOf(window: Span & { partition: number; droneId: DroneId }): AsyncIterable<DronePosition[]>
  /** Every drone's positions taken within the window, some at a time. */
  positionsIn(window: Span): AsyncIterable<DronePosition[]>
  /**
   * Writes the oldest batches of a partition anew by drone, in one transaction: those that were stored before `before`,
   * that the partition's snapshot holds, and `positionsMax` positions or one batch of them. Gives how many positions.
   */
  repack(
    wanted: { partition: number; before: Date; positionsMax: number; storedAt: Date },
    session: ClientSession,
  ): Promise<number>
}

export type Span = { fromMs: number; toMs: number }

/** Makes the collections and their indexes, and gives the store over them. */
export async function createPositionStore(connection: Connection): Promise<PositionStore> {
  const batches = connection.model<BatchRow>('PositionBatch', batchSchema)
  const snapshots = connection.model<SnapshotRow>('PositionSnapshot', snapshotSchema)
  const tracks = connection.model<TrackRow>('PositionTrack', trackSchema)
  await prepareCollections(batches, snapshots, tracks)

  /** What is re-packed leaves one collection for the other: both are read as of one moment. */
  const within = async function* (
    { fromMs, toMs }: Span,
    { batch, track, by, only }: { batch: object; track: object; by: Record<string, 1>; only?: DroneId },
  ) {
    const session = await openMoment(connection)
    const inside = ({ takenAtMs }: DronePosition) => takenAtMs >= fromMs && takenAtMs <= toMs
    try {
      const parts = tracks
        .find({ ...track, to: { $gte: fromMs, $lte: toMs + trackMsMax } }, null, atMoment(session))
        .hint(by)
        .lean<ReadTrack>()
      for await (const { _id, n, columns } of parts.cursor()) {
        const packed = { drones: [_id.d], rows: [n], columns: bufferOf(columns), compressed: true }
        yield unpack(packed).filter(inside)
      }
      const rows = batches
        .find({ ...batch, maxTakenAtMs: { $gte: fromMs }, minTakenAtMs: { $lte: toMs } }, null, atMoment(session))
        .select('drones rows columns compressed')
        .lean<Pick<ReadRow, 'drones' | 'rows' | 'columns' | 'compressed'>>()
      for await (const row of rows.cursor()) {
        yield unpack({ ...row, columns: bufferOf(row.columns) }, only).filter(inside)
      }
    } finally {
      await session.endSession()
    }
  }

  return {
    saveBatch: async ({ effect, ...batch }, { session }) => {
      const { stored, ...notes } = effect
      // As it is: the model would look at each drone's name and row count.
      await batches.collection.insertOne({ ...batch, ...pack(stored), ...notes }, { session })
    },

    batchesAfter: async function* ({ partition, number }, session) {
      const rows = batches
        .find({ partition, number: { $gt: number } }, null, session ? { session } : {})
        .sort({ number: 1 })
        .lean<ReadRow>()
        .cursor()
      for await (const row of rows) {
        const { refused, copies, refusedMessages } = row
        const effect = { stored: unpack({ ...row, columns: bufferOf(row.columns) }), refused, copies, refusedMessages }
        yield { number: row.number, toOffset: row.toOffset, effect }
      }
    },

    movedOn: async (known) => {
      if (known.length === 0) return new Set()
      const $or = known.map(({ partition, number }) => ({ partition, number: { $gt: number } }))
      const stored = await batches.distinct('partition', { $or })
      // Re-packed batches are in the snapshot alone.
      const later = known.map(({ partition, number }) => ({ _id: partition, number: { $gt: number } }))
      return new Set([...stored, ...(await snapshots.distinct('_id', { $or: later }))])
    },

    loadSnapshot: async (partition, session) => {
      const row = await snapshots.findById(partition, null, session ? { session } : {}).lean<{ text: mongo.Binary }>()
      return row === null ? null : fromText((await promisify(gunzip)(row.text.value())).toString())
    },

    saveSnapshot: async (state, storedAt) => {
      const { partition, number } = state
      const text = await promisify(gzip)(toText(state))
      try {
        await snapshots.updateOne(
          { _id: partition, number: { $lt: number } },
          { number, text, storedAt },
          { upsert: true },
        )
      } catch (error) {
        // The upsert found a snapshot that is as new: nothing to do.
        if (!(error instanceof mongo.MongoServerError && error.code === duplicateKey)) throw error
      }
    },

    positionsOf: ({ partition, droneId, fromMs, toMs }) => {
      const _id = { $gte: { d: droneId, t: fromMs - trackMsMax }, $lte: { d: droneId, t: toMs, b: Number.MAX_VALUE } }
      return within(
        { fromMs, toMs },
        { batch: { partition, drones: droneId }, track: { _id }, by: { _id: 1 }, only: droneId },
      )
    },

    positionsIn: ({ fromMs, toMs }) =>
      within({ fromMs, toMs }, { batch: {}, track: { '_id.t': { $lte: toMs } }, by: { to: 1 } }),

    repack: async ({ partition, before, positionsMax, storedAt }, session) => {
      const snapshot = await snapshots.findById(partition, 'number', { session }).lean<{ number: number }>()
      if (snapshot === null) return 0
      const rows = batches
        .find({ partition, number: { $lte: snapshot.number }, storedAt: { $lt: before } }, null, { session })
        .sort({ number: 1 })
        .lean<ReadRow>()
      const positions: DronePosition[] = []
      let first = 0
      let last = 0
      for await (const row of rows.cursor({ batchSize: 20 })) {
        if (last > 0 && positions.length + row.n > positionsMax) break
        if (first === 0) first = row.number
        last = row.number
        for (const position of unpack({ ...row, columns: bufferOf(row.columns) })) positions.push(position)
        await giveWay()
      }
      if (last === 0) return 0
      const made: TrackRow[] = []
      for (const [d, own] of Map.groupBy(positions, ({ droneId }) => droneId)) {
        const parts = Map.groupBy(own, ({ takenAtMs }) => Math.floor(takenAtMs / trackMsMax))
        for (const part of parts.values()) {
          const { columns, n, minTakenAtMs, maxTakenAtMs } = compress(pack(part))
          made.push({ _id: { d, t: minTakenAtMs, b: first }, n, to: maxTakenAtMs, columns, storedAt })
        }
        if (made.length % 20 === 0) await giveWay()
      }
      if (made.length > 0) await connection.collection<TrackRow>(trackCollection).insertMany(made, { session })
      await batches.deleteMany({ partition, number: { $gte: first, $lte: last } }, { session })
      return positions.length
    },
  }
}

/** Lets the live work go first: what is re-packed has no hurry. */
const giveWay = () => new Promise<void>((resolve) => setImmediate(resolve))

const bufferOf = (binary: mongo.Binary): Buffer => Buffer.from(binary.value())
