/** Messages that stand in a topic are published once more, byte for byte: what a relay does that died before it noted its success. */
import { readTopics } from '@fleet/local/read-topics'
import type { StackInfo } from '@fleet/local/stack-info'
import { Kafka } from '@fleet/messaging/kafkajs'
import { logLevel } from 'kafkajs'

const recordsMax = 100_000
/** The newest of the topic: a relay that comes back has only those in its hands. */
const copiesMax = 30

/** Publishes the newest messages of `topic` again, each to the partition where it stands, in their order. */
export async function publishLateCopies({ kafka: { internal } }: StackInfo, topic: string): Promise<void> {
  const brokers = internal.split(',')
  const kafka = new Kafka({ brokers, clientId: 'late-copies', logLevel: logLevel.NOTHING })
  const records = await readTopics(kafka, brokers, [topic], { recordsMax })
  const newest = records.toSorted((a, b) => Number(a.message.timestamp) - Number(b.message.timestamp)).slice(-copiesMax)
  if (newest.length === 0) throw new Error(`${topic} holds nothing yet`)
  const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false })
  await producer.connect()
  try {
    await producer.send({
      topic,
      acks: -1,
      messages: newest.map(({ partition, message: { key, value, headers } }) => ({
        partition,
        key,
        value,
        ...(headers === undefined ? {} : { headers }),
      })),
    })
  } finally {
    await producer.disconnect()
  }
}
