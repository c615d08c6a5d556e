/**
 * From the brokers to the drones: this host's drones' itineraries and commands, in order. An offset is committed only when the
 * drone's non-volatile store has what the message said (open-offsets.ts); what comes twice is dropped there by its `seq`.
 */
import { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import { DroneId, type HostId } from '@fleet/contracts/ids'
import { ItineraryMessage } from '@fleet/contracts/itineraries'
import { topics } from '@fleet/contracts/topics'
import { connectOrLeave, consumerDefaults } from '@fleet/messaging/kafka'
import { startLoop } from '@fleet/messaging/loop'
import { waitedHeader } from '@fleet/messaging/row-ages'
import type { Clock } from '@fleet/runtime/clock'
import type { Log } from '@fleet/runtime/log'
import type { Admin, Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs'
import { Counter } from 'prom-client'
import { z } from 'zod'
import { type CommandAges, createCommandAges } from './command-age.ts'
import type { Incoming } from './fleet.ts'
import { createOpenOffsets, type OpenOffsets } from './open-offsets.ts'

const skipped = new Counter({
  name: 'sim_messages_skipped_total',
  help: 'Messages for our drones that they cannot read. A rise means that a service speaks a newer language.',
  labelNames: ['topic'],
})

/** Real milliseconds between looks at the end of the command topic, and before a consumer that crashed is made anew. */
const endsEveryMs = 1_000
const renewAfterMs = 1_000

export type DownlinkOptions = {
  kafka: Kafka
  hostId: HostId
  drones: ReadonlySet<string>
  clock: Clock
  log: Log
  deliver(droneId: DroneId, incoming: Incoming): Promise<void>
}

export type Downlink = { problem(): string | null; close(): Promise<void> }

export function startDownlink(options: DownlinkOptions): Downlink {
  const { kafka, hostId, log, clock } = options
  const ages = createCommandAges()
  const open = createOpenOffsets()
  let consumer: Consumer | undefined
  let failure: string | null = 'not joined yet'

  // The loop makes a consumer where there is none: kafkajs gives up on some errors for good, and what it retries itself it
  // retries within bounds. A crash clears the place.
  const renewal = startLoop('downlink', renewAfterMs, log, async () => {
    if (consumer !== undefined) return
    const fresh = kafka.consumer({
      ...consumerDefaults,
      groupId: `${hostId}.sim`,
      heartbeatInterval: 1_000,
    })
    fresh.on(fresh.events.GROUP_JOIN, () => {
      failure = null
    })
    fresh.on(fresh.events.CRASH, ({ payload }) => {
      log.warn({ err: payload.error }, 'downlink lost, is made anew')
      failure = `itineraries and commands do not arrive: ${payload.error.message}`
      if (consumer === fresh) consumer = undefined
    })
    try {
      await fresh.connect()
      await fresh.subscribe({ topics: [topics.itineraries.name, topics.droneCommands.name], fromBeginning: true })
      consumer = fresh
      await fresh.run({
        autoCommit: false,
        partitionsConsumedConcurrently: topics.itineraries.partitions + topics.droneCommands.partitions,
        eachBatch: (payload) => takeBatch(payload, options, { ages, open }),
      })
    } catch (error) {
      failure = `itineraries and commands do not arrive: ${error instanceof Error ? error.message : String(error)}`
      consumer = undefined
      await fresh.disconnect()
      throw error
    }
  })

  let admin: Admin | undefined
  const ends = startLoop('command ages', endsEveryMs, log, async () => {
    try {
      admin ??= await connectOrLeave(kafka.admin({ retry: { retries: 2 } }))
      const askedAtMs = clock.worldElapsed()
      for (const { partition, high } of await admin.fetchTopicOffsets(topics.droneCommands.name)) {
        ages.ended(partition, BigInt(high), askedAtMs)
      }
    } catch (error) {
      const failed = admin
      admin = undefined
      await failed?.disconnect()
      throw error
    }
  })

  return {
    problem: () => failure,
    close: async () => {
      await Promise.all([renewal.close(), ends.close()])
      await Promise.allSettled([consumer?.disconnect(), admin?.disconnect()])
    },
  }
}

async function takeBatch(
  payload: EachBatchPayload,
  { drones, log, deliver }: DownlinkOptions,
  { ages, open }: { ages: CommandAges; open: OpenOffsets },
) {
  const { batch, heartbeat, isRunning, isStale, commitOffsetsIfNecessary } = payload
  const { topic, partition } = batch
  const name = `${topic}/${partition}`
  for (const message of batch.messages) {
    const droneId = message.key?.toString()
    if (droneId === undefined || !drones.has(droneId)) continue
    const incoming = readMessage(topic, message, () => ages.absentAtMs(partition, BigInt(message.offset)))
    if (incoming === null) {
      skipped.inc({ topic })
      log.error({ topic, partition, offset: message.offset, droneId }, 'message cannot be read')
      continue
    }
    await open.add(name, BigInt(message.offset), deliver(DroneId.parse(droneId), incoming))
  }
  await heartbeat()
  if (!isRunning() || isStale()) return
  const offset = String(open.upTo(name, BigInt(batch.lastOffset()) + 1n))
  await commitOffsetsIfNecessary({ topics: [{ topic, partitions: [{ partition, offset }] }] })
}

const Json = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    context.addIssue({ code: 'custom', message: String(error) })
    return z.NEVER
  }
})
const ItineraryJson = Json.pipe(ItineraryMessage)
const CommandJson = Json.pipe(DroneCommandMessage)

/** What a message says to a drone, or null where it cannot be read, or speaks of another drone than its key. */
export function readMessage(
  topic: string,
  { key, value, headers }: Pick<KafkaMessage, 'key' | 'value' | 'headers'>,
  absentAtMs: () => number | null,
): Incoming | null {
  const text = value?.toString() ?? ''
  if (topic === topics.itineraries.name) {
    const { data: message } = ItineraryJson.safeParse(text)
    return message?.data.droneId === key?.toString() && message ? { type: 'itinerary-message', message } : null
  }
  const { data: message } = CommandJson.safeParse(text)
  return message?.data.droneId === key?.toString() && message
    ? { type: 'command', message, absentAtMs: issuedAfterMs(absentAtMs(), headers?.[waitedHeader]?.toString()) }
    : null
}

const Waited = z.coerce.number().min(0)

/** It had waited before it came to the topic: so much earlier it was issued, or nobody knows. Without the header it had not. */
function issuedAfterMs(absentAtMs: number | null, waited = '0'): number | null {
  const { data: waitedMs } = Waited.safeParse(waited)
  return absentAtMs === null || waitedMs === undefined ? null : absentAtMs - waitedMs
}
