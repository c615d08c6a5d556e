/**
 * Where a consumer group stands in each partition, kept in the database of the effects, and moved in their transaction.
 * Kafka's own committed offsets are for information only.
 */
import { type Connection, Schema } from 'mongoose'
import { prepareCollections } from './collections.ts'
import type { Tx } from './database.ts'

/** Records that were gone before they were read, and that a person accepted as lost. */
export type AcceptedGap = { from: number; to: number; acceptedBy: string; acceptedAt: Date }

export type StoredOffset = {
  next: number
  clusterId: string
  gaps: AcceptedGap[]
  /** Why nothing is read until a person accepts the gap. Kept: a topic made anew grows past the offset, and hides it. */
  gone: string | null
}

type OffsetRow = StoredOffset & { _id: string }

export type PartitionId = { topic: string; partition: number }

/** Another member moved this partition on: what this one read is void. */
export class OffsetMoved extends Error {
  constructor(id: string, expected: number) {
    super(`${id} no longer stands at ${expected}`)
    this.name = 'OffsetMoved'
  }
}

const offsetSchema = new Schema<OffsetRow>(
  {
    _id: { type: String, required: true },
    next: { type: Number, required: true },
    clusterId: { type: String, required: true },
    gone: { type: String, default: null },
    gaps: { type: [{ _id: false, from: Number, to: Number, acceptedBy: String, acceptedAt: Date }], default: [] },
  },
  { versionKey: false, collection: 'consumer_offsets' },
)

export type StoredOffsets = {
  /** Where the group stands, or null where it has never read this partition. */
  load(id: PartitionId): Promise<StoredOffset | null>
  /** The stored offset of each partition of `topic`, of its `partitions`, that was ever read. */
  nexts(topic: string, partitions: number): Promise<Map<number, number>>
  /** Marks `next` as the start of a partition that was never read. Keeps what another instance marked first. */
  begin(id: PartitionId, start: { next: number; clusterId: string }): Promise<void>
  /** Moves from `from` to `to` within the transaction. @throws OffsetMoved where it does not stand at `from`. */
  advance(id: PartitionId, move: { from: number; to: number }, tx: Tx): Promise<void>
  /** Marks that what is due at `next` cannot be read any more. Nothing where the partition has moved on. */
  markGone(id: PartitionId, next: number, why: string): Promise<void>
  /** A person accepts that what lay between `from` and `to` is lost, and reading goes on at `to`. @throws OffsetMoved */
  acceptGap(id: PartitionId, gap: AcceptedGap, clusterId: string): Promise<void>
}

/** The stored offsets of consumer group `group`. */
export async function createStoredOffsets(connection: Connection, group: string): Promise<StoredOffsets> {
  const rows = connection.model<OffsetRow>('ConsumerOffset', offsetSchema)
  await prepareCollections(rows)
  const idOf = ({ topic, partition }: PartitionId) => `${group}/${topic}/${partition}`

  return {
    load: (id) => rows.findById(idOf(id)).lean<StoredOffset>(),
    nexts: async (topic, partitions) => {
      const byId = new Map(
        Array.from({ length: partitions }, (_, partition) => [idOf({ topic, partition }), partition]),
      )
      const found = await rows.find({ _id: { $in: [...byId.keys()] } }).lean()
      return new Map(
        found.flatMap(({ _id, next }) => {
          const partition = byId.get(_id)
          return partition === undefined ? [] : [[partition, next] as const]
        }),
      )
    },
    begin: async (id, { next, clusterId }) => {
      await rows.updateOne(
        { _id: idOf(id) },
        { $setOnInsert: { next, clusterId, gaps: [], gone: null } },
        { upsert: true },
      )
    },
    advance: async (id, { from, to }, tx) => {
      const moved = await rows.updateOne({ _id: idOf(id), next: from }, { $set: { next: to } }, { session: tx.session })
      if (moved.matchedCount !== 1) throw new OffsetMoved(idOf(id), from)
    },
    markGone: async (id, next, why) => {
      await rows.updateOne({ _id: idOf(id), next }, { $set: { gone: why } })
    },
    acceptGap: async (id, gap, clusterId) => {
      const moved = await rows.updateOne(
        { _id: idOf(id), next: gap.from },
        { $set: { next: gap.to, clusterId, gone: null }, $push: { gaps: gap } },
      )
      if (moved.matchedCount !== 1) throw new OffsetMoved(idOf(id), gap.from)
    },
  }
}
