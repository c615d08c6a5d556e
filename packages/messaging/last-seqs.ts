/** The last `seq` that a consumer group has had of each key of a topic, kept beside the effects. */
import { type Connection, Schema } from 'mongoose'
import { prepareCollections } from './collections.ts'
import type { Tx } from './database.ts'

type SeqRow = { _id: string; seq: number }

const seqSchema = new Schema<SeqRow>(
  { _id: { type: String, required: true }, seq: { type: Number, required: true } },
  { versionKey: false, collection: 'consumer_seqs' },
)

export type LastSeqs = {
  /** The last `seq` of each of `keys` that has one. */
  load(topic: string, keys: readonly string[], tx: Tx): Promise<Map<string, number>>
  store(topic: string, seqs: ReadonlyMap<string, number>, tx: Tx): Promise<void>
}

/** The last seqs of consumer group `group`. One document a key, for as long as the key's order or drone is of interest. */
export async function createLastSeqs(connection: Connection, group: string): Promise<LastSeqs> {
  const rows = connection.model<SeqRow>('ConsumerSeq', seqSchema)
  await prepareCollections(rows)
  const prefixOf = (topic: string) => `${group}/${topic}/`

  return {
    load: async (topic, keys, { session }) => {
      const prefix = prefixOf(topic)
      const found = await rows
        .find({ _id: { $in: keys.map((key) => prefix + key) } }, null, { session })
        .lean<SeqRow[]>()
      return new Map(found.map(({ _id, seq }) => [_id.slice(prefix.length), seq]))
    },
    store: async (topic, seqs, { session }) => {
      if (seqs.size === 0) return
      const writes = [...seqs].map(([key, seq]) => ({
        updateOne: { filter: { _id: prefixOf(topic) + key }, update: { $set: { seq } }, upsert: true },
      }))
      await rows.bulkWrite(writes, { session, ordered: true })
    },
  }
}
