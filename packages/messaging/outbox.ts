/**
 * The transactional outbox: a message is a row in the database, written in the transaction of the state that caused it.
 *
 * `seq` is taken from a counter document of its topic and key in the same transaction. Two transactions that publish
 * for one key therefore conflict, and commit in the order of their `seq`. Whoever sees row n+1 in a snapshot sees
 * row n there too, or row n is gone because it was published: the relay needs no memory.
 */
import { randomUUID } from 'node:crypto'
import { EventEmitter } from 'node:events'
import type { Envelope } from '@fleet/contracts/envelope'
import { type ClientSession, type Connection, mongo, Schema } from 'mongoose'
import { prepareCollections } from './collections.ts'
import type { EventTopic, TopicRecord } from './topic.ts'

export type OutboxRow = {
  topic: string
  key: Buffer | null
  seq: number
  value: Buffer | null
  headers: { name: string; value: Buffer }[]
  storedAt: Date
  /** Dead letters go last, so that a flood of refused messages does not hold back a command. */
  deadLetter: boolean
}

/** Type and data of one message of `M`, for each type on its own. */
export type Draft<M extends Envelope> = M extends { type: infer Type; data: infer Data }
  ? { type: Type; data: Data; key: string; at: M['at']; correlationId: string; causationId: string }
  : never

/** Why a drone's message was refused, and by which consumer group. */
export type DeadReason = { code: string; detail: string; group: string }

export type DeadLetter = { record: TopicRecord; reason: DeadReason }

export type Outbox = {
  /**
   * Writes messages of `topic` within the transaction, and gives the `seq` of each; as many round trips for a hundred as for two.
   * Throws where one breaks the topic's schema: that is our own bug.
   */
  publishAll<M extends Envelope>(
    topic: EventTopic<M>,
    drafts: readonly Draft<M>[],
    session: ClientSession,
  ): Promise<number[]>
  /** Writes what drones sent and we refuse to `<topic>.dead`, byte for byte, the reason in its headers; a flood in few operations. */
  deadLetters(letters: readonly DeadLetter[], session: ClientSession): Promise<void>
  /** Tells the relay that rows were committed. */
  wake(): void
  onWake(listener: () => void): () => void
  rows: ReturnType<typeof rowModel>
}

const rowSchema = new Schema<OutboxRow>(
  {
    topic: { type: String, required: true },
    key: { type: Buffer, default: null },
    seq: { type: Number, required: true },
    value: { type: Buffer, default: null },
    headers: { type: [{ _id: false, name: String, value: Buffer }], default: [] },
    storedAt: { type: Date, required: true },
    deadLetter: { type: Boolean, required: true },
  },
  { versionKey: false, collection: 'outbox' },
)
rowSchema.index({ deadLetter: 1, seq: 1 })
rowSchema.index({ storedAt: 1 })

const rowModel = (connection: Connection) => connection.model('OutboxRow', rowSchema)

const counterSchema = new Schema<{ _id: string; seq: number }>(
  { _id: { type: String, required: true }, seq: { type: Number, required: true } },
  { versionKey: false, collection: 'outbox_seqs' },
)

const duplicateKey = 11_000
/** Under the brokers' limit with its envelope; a larger one would stand in the outbox for ever, before all others. */
const valueBytesMax = 1_000_000

/** The outbox of the database behind `connection`. */
export async function createOutbox(connection: Connection): Promise<Outbox> {
  const rows = rowModel(connection)
  const counters = connection.model('OutboxSeq', counterSchema)
  await prepareCollections(rows, counters)
  const woken = new EventEmitter()

  const increment = async (counts: ReadonlyMap<string, number>, session: ClientSession) => {
    const [only] = counts
    if (only !== undefined && counts.size === 1) {
      const [_id, count] = only
      const options = { upsert: true, returnDocument: 'after', session } as const
      return [await counters.findOneAndUpdate({ _id }, { $inc: { seq: count } }, options).lean()]
    }
    const increments = [...counts].map(([_id, count]) => ({
      updateOne: { filter: { _id }, update: { $inc: { seq: count } }, upsert: true },
    }))
    await counters.bulkWrite(increments, { session, ordered: true })
    return counters.find({ _id: { $in: [...counts.keys()] } }, null, { session }).lean()
  }

  /** The next number of each of `names`; the same name several times takes numbers in a row. */
  const takeSeqs = async (names: readonly string[], session: ClientSession): Promise<number[]> => {
    const counts = new Map<string, number>()
    for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
    try {
      const next = new Map<string, number>()
      for (const counter of await increment(counts, session)) {
        if (counter !== null) next.set(counter._id, counter.seq - (counts.get(counter._id) ?? 0) + 1)
      }
      return names.map((name) => {
        const seq = next.get(name)
        if (seq === undefined) throw new Error(`no counter came back for ${name}`)
        next.set(name, seq + 1)
        return seq
      })
    } catch (error) {
      // Two first messages of one key: the loser may see a duplicate key instead of a write conflict; it retries alike.
      if (error instanceof mongo.MongoServerError && error.code === duplicateKey)
        error.addErrorLabel('TransientTransactionError')
      throw error
    }
  }

  const store = (some: OutboxRow[], session: ClientSession) =>
    rows.insertMany(some, { session, lean: true, ordered: true })

  const publishAll: Outbox['publishAll'] = async (topic, drafts, session) => {
    if (drafts.length === 0) return []
    const names = drafts.map(({ key }) => `${topic.name}/${key}`)
    const seqs = await takeSeqs(names, session)
    const storedAt = new Date(Date.now())
    const fresh = drafts.map((draft, index) => ({ ...rowOf(topic, draft, seqs[index] ?? 0), storedAt }))
    await store(fresh, session)
    return seqs
  }

  return {
    rows,
    wake: () => void woken.emit('rows'),
    onWake: (listener) => {
      woken.on('rows', listener)
      return () => woken.off('rows', listener)
    },
    publishAll,
    deadLetters: async (letters, session) => {
      if (letters.length === 0) return
      const topicOf = ({ record }: DeadLetter) => `${record.topic}.dead`
      const names = letters.map((letter) => `${topicOf(letter)}/${letter.record.partition}`)
      const seqs = await takeSeqs(names, session)
      const storedAt = new Date(Date.now())
      const fresh = letters.map((letter, index) => ({
        topic: topicOf(letter),
        key: letter.record.key,
        seq: seqs[index] ?? 0,
        value: letter.record.value,
        headers: headersOf(letter.record, letter.reason),
        storedAt,
        deadLetter: true,
      }))
      await store(fresh, session)
    },
  }
}

/** The row of one message. Throws where it breaks the topic's schema, or where no broker would take it. */
function rowOf<M extends Envelope>(topic: EventTopic<M>, draft: Draft<M>, seq: number): Omit<OutboxRow, 'storedAt'> {
  const id = `msg_${randomUUID().replaceAll('-', '')}`
  const value = Buffer.from(JSON.stringify(topic.schema.parse({ id, version: 1, seq, ...draft })))
  if (value.length > valueBytesMax) {
    throw new RangeError(`${draft.type} of ${draft.key} has ${value.length} bytes, at most ${valueBytesMax}`)
  }
  return { topic: topic.name, key: Buffer.from(draft.key), seq, value, headers: [], deadLetter: false }
}

/** A drone's messages have two. All of a dead letter's must be among those that a reader reads (`fetch-answer.ts`). */
const ownHeadersMax = 32

/** The first of the record's own headers, and why it was refused. */
function headersOf(record: TopicRecord, { code, detail, group }: DeadReason): OutboxRow['headers'] {
  const facts = {
    'dead-reason': code,
    'dead-detail': detail.slice(0, 500),
    'dead-group': group,
    'dead-partition': String(record.partition),
    'dead-offset': String(record.offset),
    'dead-appended-at': String(record.appendedAtMs),
  }
  return [
    ...Object.entries(record.headers)
      .slice(0, ownHeadersMax)
      .map(([name, value]) => ({ name, value })),
    ...Object.entries(facts).map(([name, text]) => ({ name, value: Buffer.from(text) })),
  ]
}
