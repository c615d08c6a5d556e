/**
 * A producer that believes only what was answered. kafkajs sends a failed request again to whoever leads by then, but
 * leaves out a broker that has answered already: what moved there meanwhile is never sent, and no error says so.
 */
import { type Kafka, Partitioners, type Producer, type ProducerConfig, type TopicMessages } from 'kafkajs'
import { connectOrLeave } from './kafka.ts'
import { partitionOf } from './topic.ts'

const ackTimeoutMs = 5_000

export type Sender = {
  /** Resolves once every partition that the messages go to was acknowledged by all replicas in sync; one request in flight. */
  send(topicMessages: TopicMessages[]): Promise<void>
  disconnect(): Promise<void>
}

/** Connects a sender. One that failed may be out of step with the brokers: disconnect it, and connect another. */
export async function connectSender(
  kafka: Kafka,
  config: Pick<ProducerConfig, 'idempotent' | 'retry'>,
): Promise<Sender> {
  const asked = new Set<string>()
  const producer: Producer = kafka.producer({
    ...config,
    maxInFlightRequests: 1,
    allowAutoTopicCreation: false,
    createPartitioner: () => {
      const partitioner = Partitioners.DefaultPartitioner()
      return (args) => {
        const { topic, message, partitionMetadata } = args
        const { key } = message
        // The same partition, which is remembered by key.
        const partition =
          typeof key === 'string' && message.partition === undefined
            ? partitionOf(key, partitionMetadata.length)
            : partitioner(args)
        asked.add(`${topic}/${partition}`)
        return partition
      }
    },
  })
  await connectOrLeave(producer)
  return {
    send: async (topicMessages) => {
      asked.clear()
      const answers = await producer.sendBatch({ topicMessages, acks: -1, timeout: ackTimeoutMs })
      for (const { topicName, partition } of answers) asked.delete(`${topicName}/${partition}`)
      if (asked.size > 0) throw new Error(`no broker acknowledged ${[...asked].join(', ')}`)
    },
    disconnect: () => producer.disconnect(),
  }
}
