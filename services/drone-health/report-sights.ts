/**
 * Whether drones' reports are being heard: an answer that stands unread in `drone.reports` is no silence of its drone. What
 * was read is what the group's stored offsets say, whichever instance read it.
 */
import type { StoredOffsets } from '@fleet/messaging/stored-offsets'
import type { Log } from '@fleet/runtime/log'
import type { Kafka } from 'kafkajs'
import { startPartitionEnds } from './partition-ends.ts'
import type { Sights } from './sights.ts'

/** Real milliseconds: a question is closed by the next look at the latest, and two such are well within blindness. */
const askEveryMs = 500
const askEveryMsAtRest = 1_000

/** Keeps `sights` of `topic`, where reports come by, true until it is closed. */
export function startReportSights({
  kafka,
  topic: { name, partitions },
  offsets,
  sights,
  isAtRest,
  nowMs,
  log,
}: {
  kafka: Kafka
  topic: { name: string; partitions: number }
  offsets: Pick<StoredOffsets, 'nexts'>
  sights: Sights
  /** Whether nothing is in flight or in trouble. */
  isAtRest: () => boolean
  /** Monotonic world time. */
  nowMs: () => number
  log: Log
}) {
  const everyMs = () => (isAtRest() ? askEveryMsAtRest : askEveryMs)
  const onEnds: Parameters<typeof startPartitionEnds>[0]['onEnds'] = async (ends, atMs) => {
    const nexts = [...(await offsets.nexts(name, partitions))]
    // First the open questions, so that new ones can be asked.
    for (const [partition, next] of nexts) sights.read(partition, next)
    sights.ends(ends, atMs)
    for (const [partition, next] of nexts) sights.read(partition, next)
  }
  return startPartitionEnds({ kafka, topic: name, everyMs, nowMs, onEnds, log })
}
