/**
 * Whether the topics still hold what a consumer group has to read next. Where a topic lost it, was made anew, or
 * belongs to another cluster, that is written down beside the offset: a topic made anew grows, and soon looks whole.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { Admin, Kafka } from 'kafkajs'
import { connectOrLeave } from './kafka.ts'
import type { PartitionId, StoredOffsets } from './stored-offsets.ts'

/** What is due can no longer be read; a person decides how to go on. */
export class OffsetGone extends Error {
  constructor({ topic, partition }: PartitionId, next: number, found: string) {
    super(`${topic}/${partition}: offset ${next} is due, but ${found}; see "npm run offsets"`)
    this.name = 'OffsetGone'
  }
}

/**
 * A broker that has just become the leader tells too low an end until its followers have fetched from it: what was read
 * from the leader before, and stored, then seems to lie beyond. Only what stays beyond for so long is gone.
 */
const settleMsMax = 10_000
const lookAgainMs = 250

type Ends = { partition: number; low: string; high: string }

export type OffsetCheck = {
  /** Begins partitions that were never read, and gives what is gone of the others, in words. */
  all(topics: readonly string[]): Promise<string[]>
  /** Passes where the partition still holds `next`, or ends there. @throws OffsetGone */
  one(id: PartitionId, next: number): Promise<void>
}

export function createOffsetCheck(kafka: Kafka, offsets: StoredOffsets): OffsetCheck {
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = await connectOrLeave(kafka.admin())
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
  }

  /** The partition's ends, once its leader knows of `next`, or has had the time to. */
  const settled = async (admin: Admin, { topic, partition }: PartitionId, next: number, first: Ends): Promise<Ends> => {
    let ends = first
    const startedMs = performance.now()
    while (next > Number(ends.high) && performance.now() - startedMs < settleMsMax) {
      await pause(lookAgainMs)
      ends = (await admin.fetchTopicOffsets(topic)).find((each) => each.partition === partition) ?? ends
    }
    return ends
  }

  const gone = async (id: PartitionId, next: number, found: string): Promise<OffsetGone> => {
    const error = new OffsetGone(id, next, found)
    await offsets.markGone(id, next, error.message)
    return error
  }

  return {
    all: (topics) =>
      withAdmin(async (admin) => {
        const { clusterId } = await admin.describeCluster()
        const found: string[] = []
        for (const topic of topics) {
          for (const ends of await admin.fetchTopicOffsets(topic)) {
            const id = { topic, partition: ends.partition }
            const stored = await offsets.load(id)
            if (stored === null) await offsets.begin(id, { next: Number(ends.low), clusterId })
            else if (stored.gone !== null) found.push(stored.gone)
            else if (stored.clusterId !== clusterId) {
              const other = `the cluster is ${clusterId}, not ${stored.clusterId}`
              found.push((await gone(id, stored.next, other)).message)
            } else {
              const { low, high } = await settled(admin, id, stored.next, ends)
              if (stored.next < Number(low) || stored.next > Number(high))
                found.push((await gone(id, stored.next, `the topic holds ${low} to ${high}`)).message)
            }
          }
        }
        return found
      }),
    one: (id, next) =>
      withAdmin(async (admin) => {
        const partitions = await admin.fetchTopicOffsets(id.topic)
        const found = partitions.find(({ partition }) => partition === id.partition)
        if (found === undefined) throw await gone(id, next, 'the topic has no such partition')
        const { low, high } = await settled(admin, id, next, found)
        if (next < Number(low) || next > Number(high)) throw await gone(id, next, `the topic holds ${low} to ${high}`)
      }),
  }
}
