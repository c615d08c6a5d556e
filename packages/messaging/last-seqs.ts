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
  /** Raises the last `seq` of each key to what is given, where that is more; gives those before, of the keys that had one. */
  advance(topic: string, seqs: ReadonlyMap<string, number>, tx: Tx): Promise<Map<string, number>>
}

/** The last seqs of consumer group `group`. One document a key, for as long as the key's order or drone is of interest. */
export async function createLastSeqs(connection: Connection, group: string): Promise<LastSeqs> {
  const rows = connection.model<SeqRow>('ConsumerSeq', seqSchema)
  await prepareCollections(rows)
  const prefixOf = (topic: string) => `${group}/${topic}/`

  return {
    advance: async (topic, seqs, { session }) => {
      const prefix = prefixOf(topic)
      const wanted = [...seqs].map(([key, seq]) => ({ filter: { _id: prefix + key }, update: { $max: { seq } } }))
      const [only] = wanted
      if (only === undefined) return new Map()
      if (wanted.length === 1) {
        const options = { upsert: true, returnDocument: 'before', session } as const
        const before = await rows.findOneAndUpdate(only.filter, only.update, options).lean<SeqRow>()
        return new Map(before === null ? [] : [[before._id.slice(prefix.length), before.seq]])
      }
      const ids = wanted.map(({ filter }) => filter._id)
      const found = await rows.find({ _id: { $in: ids } }, null, { session }).lean<SeqRow[]>()
      const raised = wanted.map((one) => ({ updateOne: { ...one, upsert: true } }))
      await rows.bulkWrite(raised, { session, ordered: true })
      return new Map(found.map(({ _id, seq }) => [_id.slice(prefix.length), seq]))
    },
  }
}
