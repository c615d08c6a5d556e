/** Asks a topic's partitions for their ends, again and again, on a connection that is made anew after any failure. */
import { connectOrLeave } from '@fleet/messaging/kafka'
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { Log } from '@fleet/runtime/log'
import type { Admin, Kafka } from 'kafkajs'

export type PartitionEndsOptions = {
  kafka: Kafka
  topic: string
  /** Real milliseconds until they are asked for again. */
  everyMs: number | (() => number)
  /** Monotonic world time. */
  nowMs(): number
  /** The ends, as asked at `atMs` by `nowMs`. */
  onEnds(ends: readonly { partition: number; end: number }[], atMs: number): void | Promise<void>
  log: Log
}

/** Starts asking and returns at once; it goes on through outages until it is closed. */
export function startPartitionEnds({ kafka, topic, everyMs, nowMs, onEnds, log }: PartitionEndsOptions) {
  let admin: Admin | undefined
  const ask = async () => {
    const atMs = nowMs()
    try {
      admin ??= await connectOrLeave(kafka.admin({ retry: { retries: 1, initialRetryTime: 100, maxRetryTime: 300 } }))
      const ends = await admin.fetchTopicOffsets(topic)
      await onEnds(
        ends.map(({ partition, high }) => ({ partition, end: Number(high) })),
        atMs,
      )
    } catch (error) {
      log.debug({ topic, err: error }, 'ends of the partitions not known')
      const failed = admin
      admin = undefined
      await failed?.disconnect()
    }
  }
  const asking: Loop = startLoop(`ends of ${topic}`, everyMs, log, ask)
  return {
    close: async () => {
      await asking.close()
      await admin?.disconnect()
    },
  }
}
