/** The batches of positions, packed, and now and then a snapshot of what they add up to. */
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Tx } from '@fleet/messaging/database'
import { type ClientSession, type Connection, mongo, Schema } from 'mongoose'
import { type columnNames, type Packed, pack, unpack } from './packed.ts'
import { type Effect, fromText, type Partition, toText } from './partition.ts'

/** Positions are kept as long as in their topic, by the time of storing. */
const keptS = 7 * 24 * 3_600
const duplicateKey = 11_000

type Columns<Bytes> = Record<(typeof columnNames)[number], Bytes>
type BatchRow = Omit<Packed, 'columns'> &
  Pick<Effect, 'refused' | 'copies' | 'refusedMessages'> & {
    partition: number
    /** Counts the batches of the partition, from 1: unlike offsets it never begins anew. */
    number: number
    fromOffset: number
    toOffset: number
    storedAt: Date
    columns: Columns<Buffer>
  }
/** What the driver gives back of it. */
type ReadRow = Omit<BatchRow, 'columns'> & { columns: Columns<mongo.Binary> }

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
  /** One drone's positions taken within the window, batch by batch. */
  positionsOf(window: {
    partition: number
    droneId: DroneId
    fromMs: number
    toMs: number
  }): AsyncIterable<DronePosition[]>
}

/** Makes the collections and their indexes, and gives the store over them. */
export async function createPositionStore(connection: Connection): Promise<PositionStore> {
  const batches = connection.model<BatchRow>('PositionBatch', batchSchema)
  const snapshots = connection.model<SnapshotRow>('PositionSnapshot', snapshotSchema)
  await prepareCollections(batches, snapshots)

  return {
    saveBatch: async ({ effect, ...batch }, { session }) => {
      const { stored, ...notes } = effect
      await batches.insertMany([{ ...batch, ...pack(stored), ...notes }], { session, lean: true })
    },

    batchesAfter: async function* ({ partition, number }, session) {
      const rows = batches
        .find({ partition, number: { $gt: number } }, null, session ? { session } : {})
        .sort({ number: 1 })
        .lean<ReadRow>()
        .cursor()
      for await (const row of rows) {
        const { refused, copies, refusedMessages } = row
        const effect = { stored: unpack({ ...row, columns: buffers(row.columns) }), refused, copies, refusedMessages }
        yield { number: row.number, toOffset: row.toOffset, effect }
      }
    },

    movedOn: async (known) => {
      if (known.length === 0) return new Set()
      const $or = known.map(({ partition, number }) => ({ partition, number: { $gt: number } }))
      return new Set(await batches.distinct('partition', { $or }))
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

    positionsOf: async function* ({ partition, droneId, fromMs, toMs }) {
      const rows = batches
        .find({ partition, maxTakenAtMs: { $gte: fromMs }, minTakenAtMs: { $lte: toMs }, drones: droneId })
        .select('drones rows columns')
        .sort({ maxTakenAtMs: 1 })
        .lean<Pick<ReadRow, 'drones' | 'rows' | 'columns'>>()
        .cursor()
      for await (const { drones, rows: counts, columns } of rows) {
        const own = unpack({ drones, rows: counts, columns: buffers(columns) }, droneId)
        yield own.filter(({ takenAtMs }) => takenAtMs >= fromMs && takenAtMs <= toMs)
      }
    },
  }
}

function buffers(columns: Columns<mongo.Binary>): Columns<Buffer> {
  const bytes = (name: (typeof columnNames)[number]) => Buffer.from(columns[name].value())
  return {
    boot: bytes('boot'),
    seq: bytes('seq'),
    takenAtMs: bytes('takenAtMs'),
    latE7: bytes('latE7'),
    lonE7: bytes('lonE7'),
    altitudeCm: bytes('altitudeCm'),
    speedCmps: bytes('speedCmps'),
    headingCdeg: bytes('headingCdeg'),
    batteryCpct: bytes('batteryCpct'),
  }
}
