/** Makes the topics of the contracts on the brokers. */
import { allTopics } from '@fleet/contracts/topics'
import type { Admin, ITopicConfig } from 'kafkajs'
import { withAdmin } from './kafka-admin.ts'
import { waitUntil } from './wait.ts'

type Topic = (typeof allTopics)[number]

const CREATE_TIMEOUT_MS = 30_000

/** Creates those that are not there, on three brokers where there are as many. Saying it twice changes nothing. */
export async function createTopics(brokers: string[]): Promise<void> {
  const replicas = brokers.length >= 3 ? 3 : 1
  await withAdmin(brokers, async (admin) => {
    const there = new Set(await admin.listTopics())
    const missing = allTopics.filter(({ name }) => !there.has(name))
    if (missing.length === 0) return
    await createAndAwait(
      admin,
      missing.map((topic) => ({
        topic: topic.name,
        numPartitions: topic.partitions,
        replicationFactor: replicas,
        configEntries: Object.entries(topicConfig(topic, replicas)).map(([name, value]) => ({
          name,
          value: `${value}`,
        })),
      })),
    )
  })
}

/**
 * Creates `wanted` and waits until each partition has a leader. Brokers learn of new topics one after the other, and
 * kafkajs's own wait gives up at the first that does not know them yet.
 */
export async function createAndAwait(admin: Admin, wanted: ITopicConfig[]): Promise<void> {
  await admin.createTopics({ timeout: CREATE_TIMEOUT_MS, waitForLeaders: false, topics: wanted })
  await waitUntil(
    'leaders of the new topics',
    async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: wanted.map(({ topic }) => topic) })
      return topics.every(({ partitions }) => partitions.length > 0 && partitions.every(({ leader }) => leader >= 0))
    },
    { timeoutMs: CREATE_TIMEOUT_MS, everyMs: 50 },
  )
}

function topicConfig({ keeping, bytesMax }: Topic, replicas: number): Record<string, string | number> {
  return {
    'message.timestamp.type': 'LogAppendTime', // Revocation is judged by the broker's time (promise 5).
    'compression.type': 'uncompressed', // What a drone compressed in its own way would stop whoever reads it.
    'max.message.bytes': bytesMax,
    'min.insync.replicas': replicas === 3 ? 2 : 1,
    ...(keeping.kind === 'compacted'
      ? { 'cleanup.policy': 'compact' }
      : { 'cleanup.policy': 'delete', 'retention.ms': keeping.retentionMs }),
  }
}
