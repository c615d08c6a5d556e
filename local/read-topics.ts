/** Topics read whole, by a consumer of their own that leaves nothing behind. */
import { allTopics } from '@fleet/contracts/topics'
import type { Kafka, KafkaMessage } from 'kafkajs'
import { withAdmin } from './kafka-admin.ts'

const readMsMax = 60_000

export type ReadRecord = { topic: string; partition: number; message: KafkaMessage }

/** Everything between the topics' present beginnings and ends, at most `recordsMax`; in order within each partition. */
export async function readTopics(
  kafka: Kafka,
  brokers: string[],
  topics: readonly string[],
  { recordsMax }: { recordsMax: number },
): Promise<ReadRecord[]> {
  const unknown = topics.find((topic) => !allTopics.some(({ name }) => name === topic))
  if (unknown !== undefined) throw new Error(`${unknown} is no topic of ours`)
  const left = new Map<string, number>()
  await withAdmin(brokers, async (admin) => {
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (Number(high) > Number(low)) left.set(`${topic}/${partition}`, Number(high))
      }
    }
  })
  const found: ReadRecord[] = []
  if (left.size === 0) return found
  const group = `read-topics.${process.pid}.${topics.join('.')}`.slice(0, 200)
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 200 })
  await consumer.connect()
  await consumer.subscribe({ topics: [...topics], fromBeginning: true })
  try {
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`${topics.join(', ')}: not read within ${readMsMax} ms`)),
        readMsMax,
      )
      const finish = () => {
        clearTimeout(timer)
        resolve()
      }
      const running = consumer.run({
        autoCommit: false,
        eachMessage: async ({ topic, partition, message }) => {
          const end = left.get(`${topic}/${partition}`)
          if (end === undefined || found.length >= recordsMax) return
          found.push({ topic, partition, message })
          if (Number(message.offset) + 1 >= end) left.delete(`${topic}/${partition}`)
          if (left.size === 0 || found.length >= recordsMax) finish()
        },
      })
      running.catch(reject)
    })
  } finally {
    await consumer.disconnect()
    await withAdmin(brokers, (admin) => admin.deleteGroups([group]))
  }
  return found.sort((a, b) => a.partition - b.partition || Number(a.message.offset) - Number(b.message.offset))
}
