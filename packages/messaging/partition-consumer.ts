/**
 * Reads topics partition by partition; each batch of records has its effect exactly once.
 *
 * The problem: Kafka's committed offsets and the database cannot be written together, and kafkajs has no hook for an
 * assignment, seeks only while it runs, and answers an offset out of range by starting at its default.
 *
 * The idea: the position stands in the database (`stored-offsets.ts`) and moves in the transaction of the effect, by
 * compare-and-set. What kafkajs fetches is only a proposal. Records below the stored offset are dropped; a fetch that
 * began above it is thrown away and sought anew; a member that lost its partition loses the compare-and-set, and its
 * effect with it. So a record is handled once, whoever reads it how often.
 *
 * A failure pauses the partition, keeps the group's membership, and tries again with back-off, one record a time, so
 * that everything before a record that cannot be handled goes through and only that one stands still. Where the topic
 * no longer holds what is due, or belongs to another cluster, nothing is read until a person accepts the gap.
 *
 * Who keeps state in memory beside the database compares `from` with where that state stands, and reads it anew where
 * they differ: a commit may have happened unheard, and a partition may come back after another member had it.
 */
import { setTimeout as pauseFor } from 'node:timers/promises'
import { topics } from '@fleet/contracts/topics'
import { bulkhead } from 'cockatiel'
import type { Consumer, ConsumerCrashEvent, ConsumerGroupJoinEvent, EachBatchPayload, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import { Counter, Gauge } from 'prom-client'
import { type Database, isOutage, type Tx } from './database.ts'
import { batchesAtOnce, consumerDefaults } from './kafka.ts'
import { createOffsetCheck, OffsetGone } from './offset-check.ts'
import { createPace } from './pace.ts'
import { createStoredOffsets, OffsetMoved, type PartitionId } from './stored-offsets.ts'
import { fetchedFromOf, recordOf, type TopicRecord } from './topic.ts'

const lag = new Gauge({
  name: 'consumer_lag_records',
  help: 'Records between the stored offset and the end of the partition, as of the last fetch. A rise means that the consumer falls behind.',
  labelNames: ['group', 'topic', 'partition'],
})
const retries = new Counter({
  name: 'consumer_retries_total',
  help: 'Batches that failed and were tried again. A steady rise means a record that cannot be handled or a database that is away.',
  labelNames: ['group', 'topic'],
})

const backOffMsMin = 100
const backOffMsMax = 5_000
/** A failure younger than this is no news: an election takes as long. */
const quietMs = 5_000
const examineMs = 5_000
const restartMs = 1_000
const heartbeatMs = 1_000
const partitionsMax = Math.max(...Object.values(topics).map(({ partitions }) => partitions))
/** Kafka is told so often where the group stands: at every batch it cost three brokers a tenth of what they do for a message. */
const tellKafkaMs = 1_000

export type RecordBatch = PartitionId & {
  /** In order, each at or above the stored offset. Holes are normal: compaction makes them. */
  records: TopicRecord[]
  /** The stored offset before and after. */
  from: number
  to: number
}

export type PartitionConsumer = {
  /** What is wrong, in words, for readiness. */
  problem(): string | null
  close(): Promise<void>
}

export type PartitionConsumerOptions = {
  kafka: Kafka
  db: Database
  group: string
  topics: readonly string[]
  /** The effect of a batch, within its transaction; may run several times, commits once. */
  handle(batch: RecordBatch, tx: Tx): Promise<void>
  log: Logger
  /** Records a transaction at most. */
  batchRecordsMax?: number
  /** Of which records are handled; others are fetched, or rest. */
  partitionsAtOnce?: number
  /** Over all partitions of this process; 0, or left out: as fast as it can. */
  recordsPerSMax?: number
  /**
   * A partition that was read to its end rests for so long after so many records, and those that were fetched with it are fetched again
   * when it has; and a fetch brings so many bytes of one: fewer and larger batches, and later ones by that. No rest and 1 MiB, if left out.
   */
  gather?: { restMs(records: number): number; partitionBytesMax: number }
}

/** `sinceMs`: by the monotonic clock. `from`: where the batch begins that failed; null where there was none to handle yet. */
type Failure = { attempts: number; sinceMs: number; message: string; from: number | null }

const nameOf = ({ topic, partition }: PartitionId) => `${topic}/${partition}`

/** Starts reading. Resolves once the consumer runs or waits for a person; `problem` tells which. */
export async function startPartitionConsumer(options: PartitionConsumerOptions): Promise<PartitionConsumer> {
  const {
    kafka,
    db,
    group,
    topics,
    handle,
    log,
    batchRecordsMax = 200,
    partitionsAtOnce = 3,
    gather,
    recordsPerSMax = 0,
  } = options
  const partitionBytesMax = gather?.partitionBytesMax ?? 1_048_576
  const offsets = await createStoredOffsets(db.connection, group)
  const check = createOffsetCheck(kafka, offsets)
  const atOnce = bulkhead(partitionsAtOnce, batchesAtOnce)
  const pace = createPace(recordsPerSMax, () => performance.now())
  /** The stored offset of each partition as this member last knew it; a guess that the compare-and-set checks. */
  const known = new Map<string, number>()
  const failures = new Map<string, Failure>()
  /** Up to which offset records go one at a time, because a batch with them failed. */
  const singly = new Map<string, number>()
  /** Where fetches went that had been sought to `next`, and how often in a row. */
  const sought = new Map<string, { next: number; foundAt: number; times: number }>()
  const measured = new Map<string, PartitionId>()
  /** What Kafka has not been told yet, and by which batch's means. */
  const untold = new Map<string, PartitionId & { next: number; commit: EachBatchPayload['commitOffsetsIfNecessary'] }>()
  const timers = new Set<NodeJS.Timeout>()
  let notRunning: string | null = 'the consumer has not started'
  let consumer: Consumer | undefined
  let closed = false

  const later = (ms: number, work: () => void) => {
    const timer = setTimeout(() => {
      timers.delete(timer)
      if (!closed) work()
    }, ms)
    timers.add(timer)
  }

  const due = async (id: PartitionId): Promise<number> => {
    const remembered = known.get(nameOf(id))
    if (remembered !== undefined) return remembered
    const stored = await offsets.load(id)
    if (stored === null) throw new Error(`no offset is stored for ${nameOf(id)}`)
    if (stored.gone !== null) throw new OffsetGone(id, stored.next, `this was found: ${stored.gone}`)
    known.set(nameOf(id), stored.next)
    return stored.next
  }

  /** A transaction that failed may have been committed unheard, and no further record tells: what is due does. */
  const forgetFailureBelow = (name: string, next: number) => {
    const failure = failures.get(name)
    if (failure !== undefined && (failure.from === null || failure.from < next)) failures.delete(name)
  }

  /** Pauses the partition without leaving the group; the next fetch begins at what is due. */
  const standBack = (id: PartitionId, error: unknown, from: number | null, pause: () => () => void) => {
    const name = nameOf(id)
    known.delete(name)
    if (error instanceof OffsetMoved) {
      failures.delete(name)
      log.info({ group, ...id }, 'partition moved on elsewhere, reading anew')
      return
    }
    retries.inc({ group, topic: id.topic })
    const before = failures.get(name)
    const message = error instanceof Error ? error.message : String(error)
    const attempts = (before?.attempts ?? 0) + 1
    const sinceMs = error instanceof OffsetGone ? Number.NEGATIVE_INFINITY : (before?.sinceMs ?? performance.now())
    failures.set(name, { attempts, sinceMs, message, from })
    const backOffMs = Math.min(backOffMsMax, backOffMsMin * 2 ** Math.min(attempts, 10))
    log.warn({ group, ...id, attempts, backOffMs, err: error }, 'batch failed, partition waits')
    later(backOffMs, pause())
  }

  /**
   * Whether this fetch began where it may. A fetch above the stored offset is kafkajs's own idea (its default offset,
   * an older commit, or a hole that it has skipped), and is sought anew. Only where it ends at the same place three
   * times does nothing but a hole lie between: one answer may have been under way when the seek was made, not two.
   */
  const beganRight = async (id: PartitionId, fetchedFrom: number, next: number): Promise<boolean> => {
    if (fetchedFrom <= next) return true
    await check.one(id, next)
    const before = sought.get(nameOf(id))
    const again = before?.next === next && before.foundAt === fetchedFrom
    const times = again ? before.times + 1 : 1
    if (times > 2) return true
    sought.set(nameOf(id), { next, foundAt: fetchedFrom, times })
    consumer?.seek({ ...id, offset: String(next) })
    return false
  }

  const measureLag = (id: PartitionId, records: number) => {
    measured.set(nameOf(id), id)
    lag.set({ group, topic: id.topic, partition: String(id.partition) }, Math.max(0, records))
  }

  /** Whether the partition was read to its end. `mayGoOn` is asked before each transaction. */
  const handleBatch = async (payload: EachBatchPayload, mayGoOn: () => boolean): Promise<boolean> => {
    const { batch, resolveOffset, pause } = payload
    const id = { topic: batch.topic, partition: batch.partition }
    const name = nameOf(id)
    let chunkFrom: number | null = null
    let chunkEnd = 0
    if (!mayGoOn()) return false // It may have waited long for its turn.
    try {
      let next = await due(id)
      const end = Number(batch.highWatermark)
      measureLag(id, end - next)
      if (next > end) {
        await check.one(id, next)
        throw new Error(`${name}: the broker knows of ${end} only, ${next} is due`) // A new leader, for a moment.
      }
      if (!(await beganRight(id, fetchedFromOf(batch), next))) return false
      const records = batch.messages.map((message) => recordOf(id, message)).filter(({ offset }) => offset >= next)
      if (records.length === 0) {
        forgetFailureBelow(name, next)
        consumer?.seek({ ...id, offset: String(next) })
        return false
      }
      while (records.length > 0) {
        if (!mayGoOn()) return false
        const from = next
        const chunk = records.splice(0, from < (singly.get(name) ?? 0) ? 1 : batchRecordsMax)
        chunkFrom = from
        chunkEnd = (chunk.at(-1)?.offset ?? from) + 1
        // What follows the last record in its batch are the broker's own marks.
        const to = records.length > 0 ? chunkEnd : Math.max(chunkEnd, Number(batch.lastOffset()) + 1)
        await pace.take(chunk.length)
        await db.transact(async (tx) => {
          await offsets.advance(id, { from, to }, tx)
          await handle({ ...id, records: chunk, from, to }, tx)
        })
        next = to
        known.set(name, next)
        failures.delete(name)
        sought.delete(name)
        resolveOffset(String(to - 1))
        measureLag(id, end - next)
        tellKafkaSoon(payload, id, next)
      }
      return next >= end
    } catch (error) {
      if (!isOutage(error)) singly.set(name, Math.max(chunkEnd, singly.get(name) ?? 0))
      standBack(id, error, chunkFrom, pause)
      return false
    }
  }

  const eachBatch = async (payload: EachBatchPayload) => {
    const { batch, heartbeat, isRunning, isStale } = payload
    /** What a heartbeat hears of a rebalance must reach kafkajs, or it does not join again. */
    let heard: Error | undefined
    // A transaction, and the wait for one, may outlast the session's time-out; the heart goes on beating.
    const beating = setInterval(async () => {
      try {
        await heartbeat()
      } catch (error) {
        heard = error instanceof Error ? error : new Error(String(error))
      }
    }, heartbeatMs)
    const mayGoOn = () => heard === undefined && isRunning() && !isStale()
    try {
      const isAtEnd = await atOnce.execute(() => handleBatch(payload, mayGoOn))
      if (isAtEnd && gather !== undefined) await pauseFor(gather.restMs(batch.messages.length))
    } finally {
      clearInterval(beating)
    }
    if (heard !== undefined) throw heard
  }

  /** For information only, so that stock tools show the lag. */
  const tellKafka = async () => {
    const moved = [...untold.values()]
    untold.clear()
    const byTopic = Map.groupBy(moved, ({ topic }) => topic)
    const told = [...byTopic].map(([topic, of]) => ({
      topic,
      partitions: of.map(({ partition, next }) => ({ partition, offset: String(next) })),
    }))
    try {
      await moved.at(-1)?.commit({ topics: told })
    } catch (error) {
      log.debug({ group, told, err: error }, 'offsets not told to Kafka')
    }
  }

  const tellKafkaSoon = ({ commitOffsetsIfNecessary: commit }: EachBatchPayload, id: PartitionId, next: number) => {
    if (untold.size === 0) later(tellKafkaMs, () => void tellKafka())
    untold.set(nameOf(id), { ...id, next, commit })
  }

  /**
   * Where nothing new comes in, no batch would show that kafkajs began above what is due: so each partition is sought
   * to its stored offset once it is assigned.
   */
  const seekDue = async (mine: readonly PartitionId[], of: Consumer | undefined) => {
    try {
      for (const id of mine) {
        const stored = await offsets.load(id)
        if (consumer !== of) return
        if (stored === null) continue
        if (stored.gone === null) forgetFailureBelow(nameOf(id), stored.next)
        of?.seek({ ...id, offset: String(stored.next) })
      }
    } catch (error) {
      log.warn({ group, err: error }, 'stored offsets not sought yet, tries again')
      later(restartMs, () => void seekDue(mine, of))
    }
  }

  /** What this member knew may have been moved by others meanwhile; what it no longer has is no concern of its. */
  const joined = ({ payload }: ConsumerGroupJoinEvent) => {
    known.clear()
    sought.clear()
    const assigned = Object.entries(payload.memberAssignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    const mine = new Set(assigned.map(nameOf))
    void seekDue(assigned, consumer)
    for (const name of [...failures.keys(), ...singly.keys(), ...untold.keys()]) {
      if (mine.has(name)) continue
      failures.delete(name)
      singly.delete(name)
      untold.delete(name)
    }
    for (const [name, { topic, partition }] of measured) {
      if (mine.has(name)) continue
      measured.delete(name)
      lag.remove({ group, topic, partition: String(partition) })
    }
    notRunning = null
  }

  const crashed = ({ payload }: ConsumerCrashEvent) => {
    if (closed) return
    notRunning = `the consumer stopped: ${payload.error.message}`
    log.warn({ group, err: payload.error }, 'consumer stopped, starts again')
    later(restartMs, start)
  }

  const run = async () => {
    const gone = await check.all(topics)
    if (closed) return
    if (gone.length > 0) {
      notRunning = gone.join('; ')
      log.error({ group, gone }, 'stored offsets and topics do not fit, not reading')
      later(examineMs, start)
      return
    }
    consumer = kafka.consumer({
      ...consumerDefaults,
      groupId: group,
      heartbeatInterval: heartbeatMs,
      rebalanceTimeout: 10_000,
      maxBytesPerPartition: partitionBytesMax,
      // A broker fills an answer in the order of partitions: with less, the last of a backlog are not heard of before the first are read.
      maxBytes: partitionsMax * partitionBytesMax,
      allowAutoTopicCreation: false,
    })
    consumer.on(consumer.events.GROUP_JOIN, joined)
    consumer.on(consumer.events.CRASH, crashed)
    await consumer.connect()
    await consumer.subscribe({ topics: [...topics], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: batchesAtOnce,
      eachBatch,
    })
  }

  const tryToRun = async (): Promise<void> => {
    try {
      await consumer?.disconnect()
      consumer = undefined
      if (!closed) await run()
    } catch (error) {
      notRunning = `the consumer cannot start: ${error instanceof Error ? error.message : String(error)}`
      log.warn({ group, err: error }, 'consumer cannot start, tries again')
      later(restartMs, start)
    }
  }
  let starting = Promise.resolve()
  const start = () => {
    starting = starting.then(tryToRun)
  }
  start()
  await starting

  return {
    problem: () => {
      if (notRunning !== null) return notRunning
      const standing = [...failures].filter(([, { sinceMs }]) => performance.now() - sinceMs > quietMs)
      return standing.length === 0 ? null : standing.map(([name, { message }]) => `${name}: ${message}`).join('; ')
    },
    close: async () => {
      closed = true
      for (const timer of timers) clearTimeout(timer)
      await starting
      await consumer?.disconnect()
    },
  }
}
