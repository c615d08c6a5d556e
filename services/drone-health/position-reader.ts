/**
 * Reads `drone.positions` for the watch: every instance sees the whole fleet, and the versions of the stored states let one of
 * them act. The topic is the store of the recent past: a start goes back by what the rules' windows hold and reads them again.
 */
import { startTail } from '@fleet/messaging/tail'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { Log } from '@fleet/runtime/log'
import type { Kafka } from 'kafkajs'
import { startPartitionEnds } from './partition-ends.ts'
import type { Sights } from './sights.ts'

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
  onRecord(record: TopicRecord): void | Promise<void>
  /** Told of the partitions' ends, and of how far they were given to `onRecord`. */
  sights: Sights
  /** The sights are as new as they get until the ends are asked for again. */
  onSeen(): void
  /** Monotonic world time. */
  nowMs(): number
}

/** Starts reading and returns at once; it goes on through outages until it is closed. */
export function startPositionReader(options: PositionReaderOptions): PositionReader {
  const { kafka, topic, fromMs, log, onRecord, sights, nowMs } = options
  const tail = startTail({
    kafka,
    topics: [topic],
    groupPrefix: 'drone-health.watch',
    what: 'positions',
    from: { appendedMs: fromMs },
    log,
    onRecord,
    onRead: (_topic, partition, next) => sights.read(partition, next),
  })
  const ends = startPartitionEnds({
    kafka,
    topic,
    everyMs: options.askEveryMs,
    nowMs,
    onEnds: (found, atMs) => {
      sights.ends(found, atMs)
      // What was read to its end before the question was asked is clear now, without a further batch.
      for (const [partition, next] of tail.next(topic)) sights.read(partition, next)
      options.onSeen()
    },
    log,
  })

  return {
    problem: tail.problem,
    close: async () => {
      await ends.close()
      await tail.close()
    },
  }
}
