/**
 * Reads topics from their end as of the start, in a consumer group of this process alone, for live views.
 *
 * kafkajs begins at the end anew whenever it joins again, and what was written meanwhile would never be seen. So the
 * next offset of each partition is kept here, in memory, and sought after every join. Nothing is committed: when the
 * process ends, so does its group.
 */
import type { TopicRecord } from '@fleet/messaging/topic'
import type { Log } from '@fleet/runtime/log'
import type { Consumer, EachBatchPayload, Kafka } from 'kafkajs'

const restartMs = 1_000

export type Tail = {
  /** What is wrong, in words, for readiness. */
  problem(): string | null
  close(): Promise<void>
}

export type TailRecord = Pick<
  TopicRecord,
  'topic' | 'partition' | 'offset' | 'appendedAtMs' | 'key' | 'value' | 'headers'
>

/** Starts reading and returns at once; `problem` tells until it stands at the end. `onRecord` is called in order of each partition. */
export function startTail({
  kafka,
  topics,
  groupId,
  log,
  onRecord,
}: {
  kafka: Kafka
  topics: readonly string[]
  groupId: string
  log: Log
  onRecord(record: TailRecord): Promise<void> | void
}): Tail {
  const next = new Map<string, Map<number, number>>()
  let problem: string | null = 'live views are starting'
  let consumer: Consumer | undefined
  let timer: NodeJS.Timeout | undefined
  let closed = false

  /** The end of every partition that was not read yet. */
  const findEnds = async () => {
    const admin = kafka.admin()
    await admin.connect()
    try {
      for (const topic of topics) {
        const known = next.get(topic) ?? new Map<number, number>()
        next.set(topic, known)
        for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
          if (!known.has(partition)) known.set(partition, Number(high))
        }
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
    const positions = next.get(batch.topic)
    for (const message of batch.messages) {
      if (isStale()) return
      const offset = Number(message.offset)
      // A fetch that was under way before the seek may bring what was had already.
      if (offset >= (positions?.get(batch.partition) ?? 0)) {
        await onRecord(toRecord(batch, message, offset))
        positions?.set(batch.partition, offset + 1)
      }
      resolveOffset(message.offset)
    }
    await heartbeat()
  }

  const run = async () => {
    await findEnds()
    const fresh = kafka.consumer({
      groupId,
      sessionTimeout: 6_000,
      heartbeatInterval: 1_000,
      maxWaitTimeInMs: 250,
      retry: { retries: 5, restartOnFailure: async () => !closed },
    })
    consumer = fresh
    fresh.on(fresh.events.GROUP_JOIN, () => {
      seekAll(fresh)
      problem = null
    })
    fresh.on(fresh.events.CRASH, ({ payload }) => {
      problem = `live views stand still: ${payload.error.message}`
      if (!payload.restart) again(payload.error)
    })
    await fresh.connect()
    await fresh.subscribe({ topics: [...topics], fromBeginning: false })
    await fresh.run({ autoCommit: false, eachBatchAutoResolve: false, partitionsConsumedConcurrently: 3, eachBatch })
  }

  const again = (error: unknown) => {
    if (closed) return
    problem = `live views stand still: ${error instanceof Error ? error.message : String(error)}`
    log.warn({ err: error }, 'live views stopped, start again')
    timer = setTimeout(() => void start(), restartMs)
  }

  const start = async () => {
    try {
      await consumer?.disconnect()
      if (!closed) await run()
    } catch (error) {
      again(error)
    }
  }
  const started = start()

  return {
    problem: () => problem,
    close: async () => {
      closed = true
      clearTimeout(timer)
      await started
      await consumer?.disconnect()
    },
  }
}

/** The value as JSON; null where it is none: a view shows what it can read, and stops for nothing. */
export function parseJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? 'null')
  } catch {
    return null
  }
}

function toRecord(
  { topic, partition }: EachBatchPayload['batch'],
  { key, value, timestamp, headers }: EachBatchPayload['batch']['messages'][number],
  offset: number,
): TailRecord {
  const named = new Map<string, Buffer>()
  for (const [name, given] of Object.entries(headers ?? {})) {
    const first = Array.isArray(given) ? given[0] : given
    if (first !== undefined) named.set(name, Buffer.from(first))
  }
  return { topic, partition, offset, appendedAtMs: Number(timestamp), key, value, headers: named }
}
