/** Stands between a relay and its producer, so that a test chooses the moment of a fault. */
import type { Kafka, ProducerBatch, RecordMetadata } from 'kafkajs'

type Send = (batch: ProducerBatch) => Promise<RecordMetadata[]>

/** `kafka`, whose producers hand each batch to `intercept` with the true way to send it. */
export function interceptSends(
  kafka: Kafka,
  intercept: (batch: ProducerBatch, send: Send) => Promise<RecordMetadata[]>,
) {
  const makeProducer = kafka.producer.bind(kafka)
  kafka.producer = (config) => {
    const producer = makeProducer(config)
    const { sendBatch } = producer
    return { ...producer, sendBatch: (batch) => intercept(batch, sendBatch) }
  }
  return kafka
}
