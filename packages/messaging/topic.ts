/** What the rest of the package knows of a topic and its messages. */
import type { Envelope } from '@fleet/contracts/envelope'
import { type EachBatchPayload, type KafkaMessage, Partitioners, type PartitionMetadata } from 'kafkajs'
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
  headers: Headers
}

type Headers = Readonly<Record<string, Buffer>>
type GivenHeaders = NonNullable<KafkaMessage['headers']>

/** The headers of a message as kafkajs gives it. Of those that come twice, the first counts. */
export const headersOf = ({ headers = {} }: Pick<KafkaMessage, 'headers'>): Headers =>
  areSingle(headers) ? headers : firstOf(headers)

/** A message as kafkajs gives it. */
export function recordOf(
  { topic, partition }: { topic: string; partition: number },
  message: KafkaMessage,
): TopicRecord {
  const { key, value, offset, timestamp } = message
  const headers = headersOf(message)
  return { topic, partition, offset: Number(offset), appendedAtMs: Number(timestamp), key, value, headers }
}

/** As nearly all are: such headers are not copied, at a hundred thousand messages a second. */
function areSingle(headers: GivenHeaders): headers is Record<string, Buffer> {
  for (const name in headers) if (!Buffer.isBuffer(headers[name])) return false
  return true
}

/**
 * By `fromEntries`: a header may have any name, also `__proto__`, and goes into dead letters as it came. What has no
 * bytes is no header to us: Kafka allows null, and kafkajs finds a function where compressed records name one `toString`.
 */
const firstOf = (given: GivenHeaders): Headers =>
  Object.fromEntries(
    Object.entries(given).flatMap(([name, value]) => {
      const first = [value].flat().find((one) => typeof one === 'string' || Buffer.isBuffer(one))
      return first === undefined ? [] : [[name, Buffer.isBuffer(first) ? first : Buffer.from(first)]]
    }),
  )

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

/** kafkajs computes murmur2 with arbitrary-precision integers, which takes longer than a message's MAC: so it is remembered. */
const remembered = new Map<number, Map<string, number>>()
/** As many keys as a large fleet has; beyond it all are forgotten, and computed anew. */
const rememberedMax = 200_000

/** The partition of `key` among `count`: murmur2 as in Java's client. */
export function partitionOf(key: string, count: number): number {
  const known = remembered.get(count) ?? new Map<string, number>()
  const found = known.get(key)
  if (found !== undefined) return found
  const partition = partitioner({ topic: '', partitionMetadata: metadata(count), message: { key, value: null } })
  if (known.size >= rememberedMax) known.clear()
  remembered.set(count, known.set(key, partition))
  return partition
}

/** kafkajs's batch knows where its fetch began; its type does not say so. */
export function fetchedFromOf(batch: EachBatchPayload['batch']): number {
  const fetched: unknown = Reflect.get(batch, 'fetchedOffset')
  if (typeof fetched !== 'string') throw new Error('kafkajs no longer tells where a fetch began')
  return Number(fetched)
}
