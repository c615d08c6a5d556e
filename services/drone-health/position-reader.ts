/**
 * Reads `drone.positions` for the watch: every instance sees the whole fleet, and the versions of the stored states let one of
 * them act. The topic is the store of the recent past: a start goes back by what the rules' windows hold and reads them again.
 *
 * The ends of the partitions are asked for on a connection that is made anew after any failure; sight.ts says what an answer
 * is worth.
 */
import { type Loop, startLoop } from '@fleet/messaging/loop'
import { startTail } from '@fleet/messaging/tail'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { Log } from '@fleet/runtime/log'
import type { Admin, Kafka } from 'kafkajs'

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
  /** Real milliseconds until the ends are asked for again. */
  askEveryMs(): number
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
  const { kafka, topic, fromMs, log, onRecord, onRead, onEnds } = options
  const tail = startTail({
    kafka,
    topics: [topic],
    groupPrefix: 'drone-health.watch',
    what: 'positions',
    from: { appendedMs: fromMs },
    log,
    onRecord,
    onRead: (_topic, partition, next) => onRead(partition, next),
  })
  let admin: Admin | undefined

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
      for (const [partition, offset] of tail.next(topic)) onRead(partition, offset)
    } catch (error) {
      log.debug({ err: error }, 'ends of the partitions not known')
      const failed = admin
      admin = undefined
      await failed?.disconnect()
    }
  }
  const asking: Loop = startLoop('partition-ends', options.askEveryMs, log, ask)

  return {
    problem: tail.problem,
    close: async () => {
      await asking.close()
      await tail.close()
      await admin?.disconnect()
    },
  }
}
