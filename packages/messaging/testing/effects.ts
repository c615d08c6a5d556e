/** Effects that show how often and in what order they were had: a list a name, added to in the effect's transaction. */
import type { Connection } from 'mongoose'
import { Schema } from 'mongoose'
import { prepareCollections } from '../collections.ts'
import type { Tx } from '../database.ts'

export type Effects = {
  add(name: string, what: number | string, tx: Tx): Promise<void>
  of(name: string): Promise<(number | string)[]>
  count(): Promise<number>
}

const schema = new Schema<{ _id: string; had: (number | string)[] }>(
  { _id: { type: String, required: true }, had: { type: [Schema.Types.Mixed], default: [] } },
  { versionKey: false, collection: 'effects' },
)

export async function openEffects(connection: Connection): Promise<Effects> {
  const rows = connection.model('Effect', schema)
  await prepareCollections(rows)
  return {
    add: async (name, what, { session }) => {
      await rows.updateOne({ _id: name }, { $push: { had: what } }, { upsert: true, session })
    },
    of: async (name) => (await rows.findById(name).lean())?.had ?? [],
    count: async () => (await rows.find().lean()).reduce((sum, { had }) => sum + had.length, 0),
  }
}
