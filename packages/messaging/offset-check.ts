/**
 * Whether the topics still hold what a consumer group has to read next. Where a topic lost it, was made anew, or
 * belongs to another cluster, that is written down beside the offset: a topic made anew grows, and soon looks whole.
 */
import type { Admin, Kafka } from 'kafkajs'
import type { PartitionId, StoredOffsets } from './stored-offsets.ts'

/** What is due can no longer be read; a person decides how to go on. */
export class OffsetGone extends Error {
  constructor({ topic, partition }: PartitionId, next: number, found: string) {
    super(`${topic}/${partition}: offset ${next} is due, but ${found}; see "npm run offsets"`)
    this.name = 'OffsetGone'
  }
}

export type OffsetCheck = {
  /** Begins partitions that were never read, and gives what is gone of the others, in words. */
  all(topics: readonly string[]): Promise<string[]>
  /** Passes where the partition still holds `next`, or ends there. @throws OffsetGone */
  one(id: PartitionId, next: number): Promise<void>
}

export function createOffsetCheck(kafka: Kafka, offsets: StoredOffsets): OffsetCheck {
  const withAdmin = async <T>(work: (admin: Admin) => Promise<T>): Promise<T> => {
    const admin = kafka.admin()
    await admin.connect()
    try {
      return await work(admin)
    } finally {
      await admin.disconnect()
    }
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
          for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
            const id = { topic, partition }
            const stored = await offsets.load(id)
            if (stored === null) await offsets.begin(id, { next: Number(low), clusterId })
            else if (stored.gone !== null) found.push(stored.gone)
            else if (stored.clusterId !== clusterId) {
              const other = `the cluster is ${clusterId}, not ${stored.clusterId}`
              found.push((await gone(id, stored.next, other)).message)
            } else if (stored.next < Number(low) || stored.next > Number(high)) {
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
        const { low, high } = found
        if (next < Number(low) || next > Number(high)) throw await gone(id, next, `the topic holds ${low} to ${high}`)
      }),
  }
}
