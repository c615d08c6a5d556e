/**
 * A service's consumer as a table from message type to function. The table documents what the service hears; a type
 * without an entry does not compile, and ignoring one takes a reason.
 */
import type { Envelope } from '@fleet/contracts/envelope'
import type { Kafka } from 'kafkajs'
import type { Logger } from 'pino'
import { Counter } from 'prom-client'
import type { Database, Tx } from './database.ts'
import { type Decoded, decode, UnreadableMessage } from './decode.ts'
import type { DroneAuthenticator } from './drone-authenticator.ts'
import { createLastSeqs, type LastSeqs } from './last-seqs.ts'
import type { DeadLetter } from './outbox.ts'
import { type PartitionConsumer, type RecordBatch, startPartitionConsumer } from './partition-consumer.ts'
import type { EventTopic } from './topic.ts'

const handled = new Counter({
  name: 'consumer_messages_handled_total',
  help: 'Messages that had their effect.',
  labelNames: ['group', 'topic', 'type'],
})
const dropped = new Counter({
  name: 'consumer_messages_dropped_total',
  help: 'Messages without effect: copies, unknown types, ignored types. Copies rise after a relay or broker died.',
  labelNames: ['group', 'topic', 'why'],
})
const refusedMessages = new Counter({
  name: 'drone_messages_refused_total',
  help: 'Messages of drones that were refused, by reason. A rise means an attack, a defective drone or a wrong key.',
  labelNames: ['group', 'topic', 'reason'],
})

/** `appendedAtMs`: when the broker took the message, by its real time. */
export type Handler<M> = (message: M, tx: Tx, about: { appendedAtMs: number }) => Promise<void>
export type Ignored = { ignoredBecause: string }
export const ignore = (ignoredBecause: string): Ignored => ({ ignoredBecause })

export type Table<M extends Envelope> = { [Type in M['type']]: Handler<Extract<M, { type: Type }>> | Ignored }

export type Subscription = {
  topic: string
  handle(batch: RecordBatch, context: { group: string; seqs: LastSeqs; tx: Tx; log: Logger }): Promise<void>
}

type Known<M extends Envelope> = Extract<Decoded<M>, { kind: 'message' | 'unknown' }> & { appendedAtMs: number }

/** Hands each message that is new to its key to the table, in order. */
async function dispatch<M extends Envelope>(
  topic: EventTopic<M>,
  on: Table<M>,
  messages: readonly Known<M>[],
  { group, seqs, tx }: { group: string; seqs: LastSeqs; tx: Tx },
) {
  const counts: (() => void)[] = []
  const keyOf = (one: (typeof messages)[number]) => (one.kind === 'message' ? one.message : one.envelope)
  const highest = new Map<string, number>()
  for (const { key, seq } of messages.map(keyOf)) highest.set(key, Math.max(seq, highest.get(key) ?? 0))
  const last = await seqs.advance(topic.name, highest, tx)
  const drop = (why: string) => counts.push(() => dropped.inc({ group, topic: topic.name, why }))
  for (const one of messages) {
    const { key, seq } = keyOf(one)
    if (seq <= (last.get(key) ?? 0)) {
      drop('copy')
      continue
    }
    last.set(key, seq)
    if (one.kind === 'unknown') {
      drop('unknown-type')
      continue
    }
    const { message } = one
    // The key of the table is the message's own type, so handler and message fit.
    const entry = on[message.type as M['type']] as Handler<M> | Ignored
    if ('ignoredBecause' in entry) {
      drop('ignored')
      continue
    }
    await entry(message, tx, one)
    counts.push(() => handled.inc({ group, topic: topic.name, type: message.type }))
  }
  tx.afterCommit(() => {
    for (const count of counts) count()
  })
}

/** What a service does with a topic that only our services write. */
export function subscription<M extends Envelope>(topic: EventTopic<M>, on: Table<M>): Subscription {
  const types = new Set(Object.keys(on))
  return {
    topic: topic.name,
    handle: async (batch, context) => {
      const messages = batch.records.map((record) => {
        const decoded = decode(topic, types, record.value)
        if (decoded.kind === 'broken') throw new UnreadableMessage(record, decoded.why)
        return { ...decoded, appendedAtMs: record.appendedAtMs }
      })
      await dispatch(topic, on, messages, context)
    },
  }
}

/**
 * What a service does with what drones send. A record that is not authentic or breaks the schema never stops the
 * partition: it is counted, and becomes a dead letter where `deadLetters` says that this service writes them
 * (one service a topic does, so that there is one letter a refusal).
 */
export function droneSubscription<M extends Envelope>(
  topic: EventTopic<M>,
  { authenticator, deadLetters }: { authenticator: DroneAuthenticator; deadLetters: boolean },
  on: Table<M>,
): Subscription {
  const types = new Set(Object.keys(on))
  return {
    topic: topic.name,
    handle: async (batch, context) => {
      const { group, tx, log } = context
      const messages: Known<M>[] = []
      const letters: DeadLetter[] = []
      for (const record of batch.records) {
        const judged = await authenticator.judge(record, topic.partitions)
        const decoded = judged.ok ? decode(topic, types, judged.value) : null
        const refusal = !judged.ok
          ? judged
          : decoded?.kind === 'broken'
            ? { code: 'schema', detail: decoded.why }
            : decoded && keyOfDecoded(decoded) !== judged.key
              ? { code: 'key-differs', detail: 'the key in the envelope is not the key of the record' }
              : null
        if (refusal === null) {
          if (decoded && decoded.kind !== 'broken') messages.push({ ...decoded, appendedAtMs: record.appendedAtMs })
          continue
        }
        letters.push({ record, reason: { code: refusal.code, detail: refusal.detail, group } })
        tx.afterCommit(() => {
          refusedMessages.inc({ group, topic: topic.name, reason: refusal.code })
          log.info(
            { topic: record.topic, partition: record.partition, offset: record.offset, reason: refusal.code },
            'drone message refused',
          )
        })
      }
      if (deadLetters) await tx.outbox.deadLetters(letters)
      await dispatch(topic, on, messages, context)
    },
  }
}

const keyOfDecoded = (decoded: Decoded<Envelope>): string | null =>
  decoded.kind === 'message' ? decoded.message.key : decoded.kind === 'unknown' ? decoded.envelope.key : null

/**
 * Messages a transaction. Each takes several round trips; two hundred drones' reports in one transaction took seconds, lost
 * every conflict to the short ones of dispatch, and got nowhere.
 */
const batchRecordsMax = 20
/** Transactions at a time, each of one partition: a flood in one topic must leave some for the others. */
const partitionsAtOnce = 8

/** Starts one consumer group over all `subscriptions`; each batch has its effect exactly once. */
export async function startConsumer({
  kafka,
  db,
  group,
  subscriptions,
  log,
}: {
  kafka: Kafka
  db: Database
  group: string
  subscriptions: readonly Subscription[]
  log: Logger
}): Promise<PartitionConsumer> {
  const seqs = await createLastSeqs(db.connection, group)
  const byTopic = new Map(subscriptions.map((one) => [one.topic, one]))
  if (byTopic.size < subscriptions.length) throw new RangeError(`group ${group} subscribes to a topic twice`)
  return startPartitionConsumer({
    kafka,
    db,
    group,
    topics: [...byTopic.keys()],
    batchRecordsMax,
    partitionsAtOnce,
    log,
    handle: async (batch, tx) => {
      await byTopic.get(batch.topic)?.handle(batch, { group, seqs, tx, log })
    },
  })
}
