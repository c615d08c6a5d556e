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
  /** Writes a message of `topic` within the transaction, and gives its `seq`. Throws where it breaks the topic's schema: that is our own bug. */
  publish<M extends Envelope>(topic: EventTopic<M>, draft: Draft<M>, session: ClientSession): Promise<number>
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

  /** Takes `count` numbers in a row, and gives the last. */
  const takeSeqs = async (topic: string, key: string, count: number, session: ClientSession): Promise<number> => {
    try {
      const counter = await counters
        .findOneAndUpdate(
          { _id: `${topic}/${key}` },
          { $inc: { seq: count } },
          { upsert: true, returnDocument: 'after', session },
        )
        .lean()
      if (counter === null) throw new Error(`no counter came back for ${topic}/${key}`)
      return counter.seq
    } catch (error) {
      // Two first messages of one key: the loser may see a duplicate key instead of a write conflict; it retries alike.
      if (error instanceof mongo.MongoServerError && error.code === duplicateKey)
        error.addErrorLabel('TransientTransactionError')
      throw error
    }
  }

  const store = (some: OutboxRow[], session: ClientSession) =>
    rows.insertMany(some, { session, lean: true, ordered: true })

  return {
    rows,
    wake: () => void woken.emit('rows'),
    onWake: (listener) => {
      woken.on('rows', listener)
      return () => woken.off('rows', listener)
    },
    publish: async (topic, draft, session) => {
      const seq = await takeSeqs(topic.name, draft.key, 1, session)
      const id = `msg_${randomUUID().replaceAll('-', '')}`
      const value = Buffer.from(JSON.stringify(topic.schema.parse({ id, version: 1, seq, ...draft })))
      if (value.length > valueBytesMax) {
        throw new RangeError(`${draft.type} of ${draft.key} has ${value.length} bytes, at most ${valueBytesMax}`)
      }
      const row = { topic: topic.name, key: Buffer.from(draft.key), seq, value, headers: [], deadLetter: false }
      await store([{ ...row, storedAt: new Date(Date.now()) }], session)
      return seq
    },
    deadLetters: async (letters, session) => {
      const storedAt = new Date(Date.now())
      for (const [place, some] of Map.groupBy(letters, ({ record }) => `${record.topic}.dead/${record.partition}`)) {
        const [topic = '', partition = ''] = place.split('/')
        const first = (await takeSeqs(topic, partition, some.length, session)) - some.length + 1
        const fresh = some.map(({ record, reason }, index) => ({
          topic,
          key: record.key,
          seq: first + index,
          value: record.value,
          headers: headersOf(record, reason),
          storedAt,
          deadLetter: true,
        }))
        await store(fresh, session)
      }
    },
  }
}

/** The record's own headers, and why it was refused. */
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
    ...Object.entries(record.headers).map(([name, value]) => ({ name, value })),
    ...Object.entries(facts).map(([name, text]) => ({ name, value: Buffer.from(text) })),
  ]
}
