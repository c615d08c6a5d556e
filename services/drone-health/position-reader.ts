/**
 * Reads `drone.positions` for the watch, in a consumer group of this process alone: every instance sees the whole fleet,
 * and the versions of the stored states let one of them act.
 *
 * The topic is the store of the recent past. A start goes back by what the rules' windows hold and reads them again; from
 * then on the next offset of each partition is kept in memory and sought after every join, since kafkajs would begin at
 * the end. Nothing is committed. The ends of the partitions are asked for on a connection that is made anew after any
 * failure; sight.ts says what an answer is worth.
 */
import { randomUUID } from 'node:crypto'
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { Log } from '@fleet/runtime/log'
import type { Admin, Consumer, EachBatchPayload, Kafka } from 'kafkajs'

const restartMs = 1_000
/** The issue asks for each second; oftener makes silence known sooner. Real milliseconds. */
const askEveryMs = 400

export type PositionReader = {
  /** What is wrong, in words, for readiness. */
  problem(): string | null
  close(): Promise<void>
}

export type PositionReaderOptions = {
  kafka: Kafka
  topic: string
  /** Broker's time (real milliseconds) from which a start reads. */
  fromMs: number
  log: Log
  onRecord(record: TopicRecord): Promise<void>
  /** Everything below `next` of the partition was given to `onRecord`. */
  onRead(partition: number, next: number): void
  /** The partitions' ends, as asked at `atMs` by `nowMs`. */
  onEnds(ends: readonly { partition: number; end: number }[], atMs: number): void
  /** Monotonic world time. */
  nowMs(): number
}

/** Starts reading and returns at once; it goes on through outages until it is closed. */
export function startPositionReader(options: PositionReaderOptions): PositionReader {
  const { kafka, topic, log, onRecord, onRead, onEnds } = options
  const next = new Map<number, number>()
  let problem: string | null = 'positions are not read yet'
  let consumer: Consumer | undefined
  let admin: Admin | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  const begin = async () => {
    const starting = kafka.admin()
    await starting.connect()
    try {
      for (const { partition, offset } of await starting.fetchTopicOffsetsByTimestamp(topic, options.fromMs)) {
        if (!next.has(partition)) next.set(partition, Number(offset))
      }
    } finally {
      await starting.disconnect()
    }
  }

  const seekAll = (fresh: Consumer) => {
    for (const [partition, offset] of next) fresh.seek({ topic, partition, offset: String(offset) })
  }

  const eachBatch = async ({ batch, resolveOffset, heartbeat, isStale }: EachBatchPayload) => {
    const { partition } = batch
    for (const message of batch.messages) {
      if (isStale()) return
      const offset = Number(message.offset)
      // A fetch that was under way before the seek may bring what was had already.
      if (offset >= (next.get(partition) ?? 0)) {
        await onRecord(toRecord(topic, partition, message, offset))
        next.set(partition, offset + 1)
      }
      resolveOffset(message.offset)
    }
    onRead(partition, next.get(partition) ?? 0)
    await heartbeat()
  }

  const run = async () => {
    if (next.size === 0) await begin()
    const fresh = kafka.consumer({
      groupId: `drone-health.watch.${randomUUID()}`,
      sessionTimeout: 6_000,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: 250,
      allowAutoTopicCreation: false,
      retry: { retries: 5, restartOnFailure: async () => false },
    })
    consumer = fresh
    fresh.on(fresh.events.GROUP_JOIN, () => {
      seekAll(fresh)
      problem = null
    })
    fresh.on(fresh.events.CRASH, ({ payload }) => again(payload.error))
    await fresh.connect()
    await fresh.subscribe({ topics: [topic], fromBeginning: false })
    await fresh.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 4, eachBatch })
  }

  const again = (error: unknown) => {
    if (closed) return
    problem = `positions are not read: ${error instanceof Error ? error.message : String(error)}`
    log.warn({ err: error }, 'position reader stopped, starts again')
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

  const ask = async () => {
    const atMs = options.nowMs()
    try {
      if (admin === undefined) {
        const fresh = kafka.admin({ retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 300 } })
        await fresh.connect()
        admin = fresh
      }
      const ends = await admin.fetchTopicOffsets(topic)
      onEnds(
        ends.map(({ partition, high }) => ({ partition, end: Number(high) })),
        atMs,
      )
      // What was read to its end before the question was asked is clear now, without a further batch.
      for (const [partition, offset] of next) onRead(partition, offset)
    } catch (error) {
      log.debug({ err: error }, 'ends of the partitions not known')
      const failed = admin
      admin = undefined
      await failed?.disconnect()
    }
  }
  const asking: Loop = startLoop('partition-ends', askEveryMs, log, ask)

  return {
    problem: () => problem,
    close: async () => {
      closed = true
      clearTimeout(timer)
      await asking.close()
      await starting
      await consumer?.disconnect()
      await admin?.disconnect()
    },
  }
}

function toRecord(
  topic: string,
  partition: number,
  { key, value, timestamp, headers }: EachBatchPayload['batch']['messages'][number],
  offset: number,
): TopicRecord {
  const named = new Map<string, Buffer>()
  for (const [name, given] of Object.entries(headers ?? {})) {
    const first = Array.isArray(given) ? given[0] : given
    if (first !== undefined) named.set(name, Buffer.from(first))
  }
  return { topic, partition, offset, appendedAtMs: Number(timestamp), key, value, headers: named }
}
