/** What the rest of the package knows of a topic and its messages. */
import type { Envelope } from '@fleet/contracts/envelope'
import { type KafkaMessage, Partitioners, type PartitionMetadata } from 'kafkajs'
import type { z } from 'zod'

/** A topic of enveloped messages, as `topics` in contracts declares them. */
export type EventTopic<M extends Envelope = Envelope> = { name: string; schema: z.ZodType<M>; partitions: number }

/** One record as the broker gave it. `appendedAtMs` is the broker's real time (LogAppendTime). */
export type TopicRecord = {
  topic: string
  partition: number
  offset: number
  appendedAtMs: number
  key: Buffer | null
  value: Buffer | null
  headers: ReadonlyMap<string, Buffer>
}

/** A message as kafkajs gives it. Of headers that come twice, the first counts. */
export function recordOf(at: { topic: string; partition: number }, message: KafkaMessage): TopicRecord {
  const headers = new Map<string, Buffer>()
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const first = Array.isArray(value) ? value[0] : value
    if (first !== undefined) headers.set(name, Buffer.from(first))
  }
  const { key, value, offset, timestamp } = message
  return { ...at, offset: Number(offset), appendedAtMs: Number(timestamp), key, value, headers }
}

const partitioner = Partitioners.DefaultPartitioner()

/** The default partitioner asks for a whole topic's metadata and uses its length; one of each length is enough. */
const metadataOf = new Map<number, PartitionMetadata[]>()

function metadata(count: number): PartitionMetadata[] {
  const known = metadataOf.get(count)
  if (known) return known
  const made = Array.from({ length: count }, (_, partitionId) => ({
    partitionId,
    partitionErrorCode: 0,
    leader: 0,
    replicas: [],
    isr: [],
  }))
  metadataOf.set(count, made)
  return made
}

/** The partition of `key` among `count`: murmur2 as in Java's client. */
export const partitionOf = (key: string, count: number): number =>
  partitioner({ topic: '', partitionMetadata: metadata(count), message: { key, value: null } })
