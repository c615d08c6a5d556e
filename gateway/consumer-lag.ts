/**
 * How far each service's consumer is behind its topics, as the brokers know it: services commit to Kafka for just such
 * readers (what they go on from stands in their own database). Read once for all who ask within two seconds.
 */
import type { ConsumerLagReply } from '@fleet/contracts/front-door'
import { topics } from '@fleet/contracts/topics'
import { connectOrLeave } from '@fleet/messaging/kafka'
import { ok, problem, type Route, route } from '@fleet/runtime/http'
import type { Log } from '@fleet/runtime/log'
import type { Admin, Kafka } from 'kafkajs'

/** The consumer groups, and whose they are. */
const groups = [
  { group: 'order', service: 'order' },
  { group: 'itinerary', service: 'itinerary' },
  { group: 'position', service: 'position' },
  { group: 'position-boots', service: 'position' },
  { group: 'drone-health', service: 'drone-health' },
] as const
/** Real milliseconds. */
const freshMs = 2_000

type Lags = ConsumerLagReply['items']
export type ConsumerLag = { read(): Promise<Lags | null> }

/** `nowMs`: real monotonic milliseconds. The admin connection is opened with the first question. */
export function createConsumerLag(
  kafka: Pick<Kafka, 'admin'>,
  nowMs: () => number,
  log: Log,
): ConsumerLag & { close(): Promise<void> } {
  let admin: Admin | undefined
  let last: { lags: Lags | null; atMs: number } | undefined
  let reading: Promise<Lags | null> | undefined

  const ask = async (): Promise<Lags | null> => {
    try {
      admin ??= await connectOrLeave(kafka.admin())
      return await lagsOf(admin)
    } catch (error) {
      log.info({ err: error }, 'consumer lag not read')
      return null
    }
  }
  return {
    read: async () => {
      if (last !== undefined && nowMs() - last.atMs < freshMs) return last.lags
      reading ??= ask().finally(() => {
        reading = undefined
      })
      last = { lags: await reading, atMs: nowMs() }
      return last.lags
    },
    close: async () => {
      await admin?.disconnect()
    },
  }
}

async function lagsOf(admin: Admin): Promise<Lags> {
  const ends = new Map<string, Map<number, number>>()
  for (const { name } of Object.values(topics)) {
    const partitions = await admin.fetchTopicOffsets(name)
    ends.set(name, new Map(partitions.map(({ partition, high }) => [partition, Number(high)])))
  }
  const read = await Promise.all(
    groups.map(async ({ group, service }) => {
      const committed = await admin.fetchOffsets({ groupId: group, topics: [...ends.keys()] })
      return committed.map(({ topic, partitions }) => {
        // A partition of which nothing was committed is not one that the group reads, or it holds nothing yet.
        const known = partitions.filter(({ offset }) => Number(offset) >= 0)
        const behind = known.map(({ partition, offset }) =>
          Math.max(0, (ends.get(topic)?.get(partition) ?? 0) - Number(offset)),
        )
        return { service, topic, partitions: known.length, behind: behind.reduce((sum, each) => sum + each, 0) }
      })
    }),
  )
  return read.flat().filter(({ partitions }) => partitions > 0)
}

export const consumerLagRoute = (lag: ConsumerLag): Route =>
  route('GET /v1/health/lag', { allow: ['operator'] }, async () => {
    const items = await lag.read()
    if (items === null) return problem({ code: 'service.unavailable', field: 'service', value: 'kafka' })
    return ok({ items } satisfies ConsumerLagReply, { 'cache-control': 'no-store' })
  })
