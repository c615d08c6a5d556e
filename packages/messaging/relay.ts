/**
 * Carries outbox rows to Kafka. It reads the rows of one snapshot in order of `seq`, publishes them with one request in
 * flight, and deletes them once the brokers have acknowledged; it remembers nothing. Where it dies in between, or two
 * of it run, a message stands in the topic twice or late, and consumers drop it by its `seq`.
 */
import type { Kafka, TopicMessages } from 'kafkajs'
import type { Logger } from 'pino'
import { Counter, Gauge } from 'prom-client'
import type { Database } from './database.ts'
import { startLoop } from './loop.ts'
import type { OutboxRow } from './outbox.ts'
import { connectSender, type Sender } from './sender.ts'

const oldestAge = new Gauge({
  name: 'outbox_oldest_unsent_age_seconds',
  help: 'Age of the oldest message that is not yet with the brokers. A rise means that Kafka or the relay is out of order.',
})
const relayed = new Counter({
  name: 'outbox_messages_relayed_total',
  help: 'Messages that the brokers acknowledged, copies included.',
  labelNames: ['topic'],
})

/** How often it looks without being woken: for rows of another instance that died. */
const pollMs = 1_000
/** kafkajs makes one record batch of all that goes to one partition, and the brokers take 1 MiB of it. */
const batchBytesMax = 512 * 1024

type StoredRow = Pick<OutboxRow, 'topic' | 'key' | 'value' | 'headers' | 'storedAt'>

const bytes = (value: Buffer | { buffer: Uint8Array } | null): Buffer | null =>
  value === null ? null : Buffer.isBuffer(value) ? value : Buffer.from(value.buffer)

const sizeOf = ({ key, value, headers }: StoredRow): number =>
  headers.reduce((sum, header) => sum + header.name.length + (bytes(header.value)?.length ?? 0), 0) +
  (bytes(key)?.length ?? 0) +
  (bytes(value)?.length ?? 0)

function byTopic(rows: readonly StoredRow[]): TopicMessages[] {
  const batches = new Map<string, TopicMessages>()
  for (const row of rows) {
    const batch = batches.get(row.topic) ?? { topic: row.topic, messages: [] }
    batches.set(row.topic, batch)
    const headers = Object.fromEntries(row.headers.map(({ name, value }) => [name, bytes(value) ?? '']))
    batch.messages.push({ key: bytes(row.key), value: bytes(row.value), headers })
  }
  return [...batches.values()]
}

/** Starts the relay of `db`; at most `batchMax` rows go out in one request. */
export function startRelay({
  db,
  kafka,
  log,
  batchMax = 500,
}: {
  db: Database
  kafka: Kafka
  log: Logger
  batchMax?: number
}): { close(): Promise<void>; problem(): string | null } {
  let sender: Sender | undefined
  let failure: string | null = null
  let closed = false

  /** An idempotent producer that failed may be out of step with the brokers: it goes, and the next run makes another. */
  const discard = async () => {
    const failed = sender
    sender = undefined
    try {
      await failed?.disconnect()
    } catch (error) {
      log.debug({ err: error }, 'failed producer did not disconnect')
    }
  }

  /** The rows that go out next: at least one, where there is any. */
  const unsent = async () => {
    const session = await db.connection.startSession({ snapshot: true, causalConsistency: false })
    try {
      const sorted = db.outbox.rows.find({}, null, { session }).sort({ deadLetter: 1, seq: 1 }).limit(batchMax).lean()
      const rows = []
      let size = 0
      for await (const row of sorted.cursor({ batchSize: batchMax })) {
        size += sizeOf(row)
        if (rows.length > 0 && size > batchBytesMax) break
        rows.push(row)
      }
      return rows
    } finally {
      await session.endSession()
    }
  }

  const measureAge = async () => {
    const oldest = await db.outbox.rows.findOne().sort({ storedAt: 1 }).lean()
    oldestAge.set(oldest === null ? 0 : (Date.now() - oldest.storedAt.getTime()) / 1_000)
  }

  const relay = async () => {
    while (!closed) {
      const rows = await unsent()
      if (rows.length === 0) {
        oldestAge.set(0)
        break
      }
      const topicMessages = byTopic(rows)
      try {
        sender ??= await connectSender(kafka, { idempotent: true, retry: { retries: 2 } })
        await sender.send(topicMessages)
      } catch (error) {
        await discard()
        throw error
      }
      await db.outbox.rows.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } })
      for (const { topic, messages } of topicMessages) relayed.inc({ topic }, messages.length)
    }
    failure = null
  }

  const loop = startLoop('outbox relay', pollMs, log, async () => {
    try {
      await relay()
    } catch (error) {
      failure = `messages do not reach the brokers: ${error instanceof Error ? error.message : String(error)}`
      await measureAge()
      throw error
    }
  })
  const stopListening = db.outbox.onWake(loop.wake)

  return {
    problem: () => failure,
    close: async () => {
      closed = true
      stopListening()
      await loop.close()
      await sender?.disconnect()
    },
  }
}
