/**
 * Carries outbox rows to Kafka. It reads the rows of one snapshot in order of `seq`, publishes them with one request in
 * flight, and deletes them once the brokers have acknowledged; it remembers nothing. Where it dies in between, or two
 * of it run, a message stands in the topic twice or late, and consumers drop it by its `seq`.
 */
import type { Kafka, TopicMessages } from 'kafkajs'
import type { Logger } from 'pino'
import { Counter, Gauge } from 'prom-client'
import { z } from 'zod'
import type { Database } from './database.ts'
import { startLoop } from './loop.ts'
import { atMoment, openMoment } from './moment.ts'
import type { OutboxRow } from './outbox.ts'
import { createRowAges, waitedHeader } from './row-ages.ts'
import { connectSender, type Sender } from './sender.ts'
import { type EventTopic, partitionOf } from './topic.ts'

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
/**
 * A message that comes alone leaves at once; of many, those that come while it rests leave together: a look, a request to the brokers,
 * a deletion and a transaction of who reads it cost as much for one as for ten. It rests so many times as long as the last look took.
 */
const restShare = 9
const restMsMax = 200
/** kafkajs makes one record batch of all that goes to one partition, and the brokers take 1 MiB of it. */
const batchBytesMax = 512 * 1024

/** The topic whose messages say how long they waited, and the world's clock. */
export type TellsAge = {
  topic: Pick<EventTopic, 'name' | 'partitions'>
  clock: { worldNow(): number; worldElapsed(): number }
}

const Stamped = z.string().transform((text) => z.object({ at: z.number() }).parse(JSON.parse(text)).at)

type StoredRow = Pick<OutboxRow, 'topic' | 'key' | 'value' | 'headers' | 'storedAt'> & { _id: unknown }

const bytes = (value: Buffer | { buffer: Uint8Array } | null): Buffer | null =>
  value === null ? null : Buffer.isBuffer(value) ? value : Buffer.from(value.buffer)

const sizeOf = ({ key, value, headers }: StoredRow): number =>
  headers.reduce((sum, header) => sum + header.name.length + (bytes(header.value)?.length ?? 0), 0) +
  (bytes(key)?.length ?? 0) +
  (bytes(value)?.length ?? 0)

function byTopic(rows: readonly StoredRow[], waits: Waits | undefined): TopicMessages[] {
  const batches = new Map<string, TopicMessages>()
  for (const row of rows) {
    const batch = batches.get(row.topic) ?? { topic: row.topic, messages: [] }
    batches.set(row.topic, batch)
    const headers = Object.fromEntries(row.headers.map(({ name, value }) => [name, bytes(value) ?? '']))
    const message = { key: bytes(row.key), value: bytes(row.value) }
    if (row.topic !== waits?.topic) batch.messages.push({ ...message, headers })
    else {
      // A getter: kafkajs reads it anew for each try, when a broker is found and the request is written.
      const aged = {
        ...headers,
        get [waitedHeader]() {
          return waits.waitedOf(row)
        },
      }
      batch.messages.push({ ...message, headers: aged })
    }
  }
  return [...batches.values()]
}

type Waits = {
  topic: string
  /** A look at the outbox begins; what is given back takes what it found, and whether that was all. */
  look(): (rows: readonly StoredRow[], whole: boolean) => void
  waitedOf(row: StoredRow): string
  probes(rows: readonly StoredRow[]): TopicMessages[]
}

/**
 * How long a row has waited at most. What was stored before this process looked is of unknown age; the stamp of the message can
 * make it older, by what the transaction took, and never younger.
 */
const waitsOf = ({ topic, clock }: TellsAge, ages = createRowAges()): Waits => ({
  topic: topic.name,
  look: () => {
    const askedAtMs = clock.worldElapsed()
    return (rows, whole) => {
      const ids = rows.map(({ _id }) => String(_id))
      ages.looked(ids, askedAtMs, whole)
    }
  },
  probes: (rows) => {
    const keys = rows.filter((row) => row.topic === topic.name).map(({ key }) => bytes(key)?.toString() ?? '')
    const partitions = new Set(keys.map((key) => partitionOf(key, topic.partitions)))
    const messages = [...partitions].map((partition) => ({ partition, key: null, value: null }))
    return messages.length === 0 ? [] : [{ topic: topic.name, messages }]
  },
  waitedOf: ({ value, _id }) => {
    const absentAtMs = ages.absentAtMs(String(_id))
    if (absentAtMs === null) return 'unknown'
    const stampedMs = clock.worldNow() - Stamped.parse(bytes(value)?.toString())
    return String(Math.ceil(Math.max(clock.worldElapsed() - absentAtMs, stampedMs)))
  },
})

/** Starts the relay of `db`; at most `batchMax` rows go out in one request. */
export function startRelay({
  db,
  kafka,
  log,
  batchMax = 500,
  tellsAge,
}: {
  db: Database
  kafka: Kafka
  log: Logger
  batchMax?: number
  tellsAge?: TellsAge
}): { close(): Promise<void>; problem(): string | null } {
  let sender: Sender | undefined
  let failure: string | null = null
  let closed = false
  const waits = tellsAge && waitsOf(tellsAge)

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

  /** The rows that go out next: at least one, where there is any; and whether these are all that there were. */
  const unsent = async () => {
    const session = await openMoment(db.connection)
    const look = waits?.look()
    try {
      const sorted = db.outbox.rows
        .find({}, null, atMoment(session))
        .sort({ deadLetter: 1, seq: 1 })
        .limit(batchMax)
        .lean()
      const rows = []
      let size = 0
      let cut = false
      for await (const row of sorted.cursor({ batchSize: batchMax })) {
        size += sizeOf(row)
        cut = rows.length > 0 && size > batchBytesMax
        if (cut) break
        rows.push(row)
      }
      // Dead letters go last: where one is among them, all messages are.
      const whole = (!cut && rows.length < batchMax) || rows.at(-1)?.deadLetter === true
      look?.(rows, whole)
      return { rows, all: !cut && rows.length < batchMax }
    } finally {
      await session.endSession()
    }
  }

  const measureAge = async () => {
    const oldest = await db.outbox.rows.findOne().sort({ storedAt: 1 }).lean()
    oldestAge.set(oldest === null ? 0 : (Date.now() - oldest.storedAt.getTime()) / 1_000)
  }

  const relay = async () => {
    // What is committed after the last look wakes the loop: a further look would find nothing, and cost as much as a message.
    for (let more = true; more && !closed; ) {
      const { rows, all } = await unsent()
      more = !all
      if (rows.length === 0) break
      try {
        sender ??= await connectSender(kafka, { idempotent: true, retry: { retries: 2 } })
        // Nobody sees what a leader took until all replicas in sync have it, and it waits for seconds for one that has just died. So
        // empty records go first: once they are through, what follows is seen as soon as it is there.
        const probes = waits?.probes(rows) ?? []
        if (probes.length > 0) await sender.send(probes)
        await sender.send(byTopic(rows, waits))
      } catch (error) {
        await discard()
        throw error
      }
      await db.outbox.rows.deleteMany({ _id: { $in: rows.map(({ _id }) => _id) } })
      for (const [topic, sent] of Map.groupBy(rows, (row) => row.topic)) relayed.inc({ topic }, sent.length)
    }
    oldestAge.set(0)
    failure = null
  }

  const look = async () => {
    try {
      await relay()
    } catch (error) {
      failure = `messages do not reach the brokers: ${error instanceof Error ? error.message : String(error)}`
      await measureAge()
      throw error
    }
  }
  const restMs = (tookMs: number) => Math.min(restMsMax, restShare * tookMs)
  const loop = startLoop('outbox relay', pollMs, log, look, restMs)
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
