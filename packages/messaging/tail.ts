/**
 * Reads topics from a place near their end, in a consumer group of this process alone, for what lives in memory: live views, the
 * watch over the fleet. Every process sees all partitions, and nothing is committed: when it ends, so does its group.
 *
 * kafkajs begins at the end anew whenever it joins again, and what was written meanwhile would never be seen. So the next offset
 * of each partition is kept here, in memory, and sought after every join. After a failure a new consumer in a group of a new
 * name goes on from there: the old member, which the brokers still wait for, is in nobody's way.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as pauseFor } from 'node:timers/promises'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import { batchesAtOnce, connectOrLeave, consumerDefaults } from './kafka.ts'
import { recordOf, type TopicRecord } from './topic.ts'

const restartMs = 1_000
/** Records. To ask for each costs as much as a record itself. */
const staleAskedEvery = 100
/** Of a large fleet, whose positions come all the time: fetches that bring the records of a few milliseconds cost more than the records. */
const restAfterRecords = 100
const restMs = 100

export type Tail = {
  /** What is wrong, in words, for readiness. */
  problem(): string | null
  /** The next offset of each partition of `topic`: what lies below was given to `onRecord`, or lay before the start. */
  next(topic: string): ReadonlyMap<number, number>
  close(): Promise<void>
}

export type TailOptions = {
  kafka: Kafka
  topics: readonly string[]
  /** Each group's name begins with it. */
  groupPrefix: string
  /** What stands still where it does not read, for readiness and the log. */
  what: string
  /** The end as of the start, or what was appended from then on by the brokers' time (real milliseconds). */
  from: 'end' | { appendedMs: number }
  log: Logger
  /** In order of each partition; one that throws makes the tail start again at that record. */
  onRecord(record: TopicRecord): Promise<void> | void
  /** Everything below `next` of the partition was given to `onRecord`. */
  onRead?(topic: string, partition: number, next: number): void
}

/** Starts reading and returns at once; it goes on through outages until it is closed. */
export function startTail({ kafka, topics, groupPrefix, what, from, log, onRecord, onRead }: TailOptions): Tail {
  const next = new Map<string, Map<number, number>>()
  let problem: string | null = `${what}: not read yet`
  let consumer: Consumer | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** Where to begin in each topic that has not begun. The count of a topic's partitions never changes. */
  const begin = async () => {
    const fresh = topics.filter((topic) => !next.has(topic))
    if (fresh.length === 0) return
    const admin = await connectOrLeave(kafka.admin())
    try {
      for (const topic of fresh) {
        const offsets =
          from === 'end'
            ? (await admin.fetchTopicOffsets(topic)).map(({ partition, high }) => ({ partition, offset: high }))
            : await admin.fetchTopicOffsetsByTimestamp(topic, Math.floor(from.appendedMs))
        next.set(topic, new Map(offsets.map(({ partition, offset }) => [partition, Number(offset)])))
      }
    } finally {
      await admin.disconnect()
    }
  }

  const seekAll = (fresh: Consumer) => {
    for (const [topic, partitions] of next) {
      for (const [partition, offset] of partitions) fresh.seek({ topic, partition, offset: String(offset) })
    }
  }

  const eachBatch = async ({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload) => {
    const { topic, partition } = batch
    const positions = next.get(topic)
    let had: string | undefined
    try {
      for (const [index, message] of batch.messages.entries()) {
        if (index % staleAskedEvery === 0 && isStale()) return
        const offset = Number(message.offset)
        // A fetch that was under way before the seek may bring what was had already.
        if (offset >= (positions?.get(partition) ?? 0)) {
          const handled = onRecord(recordOf({ topic, partition }, message))
          if (handled instanceof Promise) await handled
          positions?.set(partition, offset + 1)
        }
        had = message.offset
      }
    } finally {
      if (had !== undefined) resolveOffset(had)
    }
    onRead?.(topic, partition, positions?.get(partition) ?? 0)
    await heartbeat()
    const isAtEnd = had !== undefined && Number(had) + 1 >= Number(batch.highWatermark)
    if (isAtEnd && batch.messages.length >= restAfterRecords) await pauseFor(restMs)
  }

  const run = async () => {
    await begin()
    const fresh = kafka.consumer({
      ...consumerDefaults,
      groupId: `${groupPrefix}.${randomUUID()}`,
      heartbeatInterval: 1_000,
      allowAutoTopicCreation: false,
    })
    consumer = fresh
    fresh.on(fresh.events.GROUP_JOIN, () => {
      seekAll(fresh)
      problem = null
    })
    fresh.on(fresh.events.CRASH, ({ payload }) => again(payload.error))
    await fresh.connect()
    await fresh.subscribe({ topics: [...topics], fromBeginning: false })
    await fresh.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: batchesAtOnce,
      eachBatch,
    })
  }

  const again = (error: unknown) => {
    if (closed) return
    problem = `${what}: not read: ${error instanceof Error ? error.message : String(error)}`
    log.warn({ err: error, what }, 'tail stopped, starts again')
    clearTimeout(timer)
    timer = setTimeout(() => {
      starting = starting.then(start)
    }, restartMs)
  }

  const start = async () => {
    try {
      await consumer?.disconnect()
      if (!closed) await run()
    } catch (error) {
      again(error)
    }
  }
  let starting = start()

  return {
    problem: () => problem,
    next: (topic) => next.get(topic) ?? new Map(),
    close: async () => {
      closed = true
      clearTimeout(timer)
      await starting
      await consumer?.disconnect()
    },
  }
}
