/** What a test of this package stands on: its own topics, group and database on the real brokers and the replica set. */
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import type { Admin, Kafka, KafkaMessage } from 'kafkajs'
import pino, { type Logger } from 'pino'
import { type Database, openDatabase } from '../database.ts'
import { createKafka } from '../kafka.ts'
import type { EventTopic } from '../topic.ts'
import { partitionOf } from '../topic.ts'
import { type Effects, openEffects } from './effects.ts'
import { type Note, noteTopic } from './note.ts'

export type Bench = {
  infra: TestInfrastructure
  kafka: Kafka
  admin: Admin
  db: Database
  group: string
  log: Logger
  effects: Effects
  /** Makes a topic of fresh name, and one for its dead letters where wanted. */
  makeTopic(options?: {
    partitions?: number
    config?: Record<string, string>
    dead?: boolean
  }): Promise<EventTopic<Note>>
  /** Writes bare values to one partition, past the outbox. */
  produce(topic: string, values: readonly string[], partition?: number): Promise<void>
  /** How many offsets the topic has given out. */
  length(topic: string): Promise<number>
  /** All records of the topic, by partition and offset. */
  read(topic: string): Promise<KafkaMessage[]>
  /** Closes `part` before what the bench itself holds. */
  own<Part extends { close(): Promise<unknown> }>(part: Part): Part
  [Symbol.asyncDispose](): Promise<void>
}

export const silent = pino({ level: 'silent' })

/** `name` sets this test's topics, group and database apart from every other's of the run. */
export async function openBench(
  name: string,
  { transactionMsMax }: { transactionMsMax?: number } = {},
): Promise<Bench> {
  const infra = await testInfrastructure()
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: name, log: silent })
  const admin = kafka.admin()
  await admin.connect()
  const uri = infra.mongoUri(name.replaceAll('.', '_'))
  const db = await openDatabase(uri, transactionMsMax === undefined ? {} : { transactionMsMax })
  const effects = await openEffects(db.connection)
  const producer = kafka.producer()
  await producer.connect()
  const parts: { close(): Promise<unknown> }[] = []
  let [topicsMade, readers] = [0, 0]

  const ends = (topic: string) => admin.fetchTopicOffsets(topic)

  return {
    infra,
    kafka,
    admin,
    db,
    group: name,
    log: silent,
    effects,
    makeTopic: async ({ partitions = 1, config = {}, dead = false } = {}) => {
      topicsMade += 1
      const topic = noteTopic(`${name}.${topicsMade}`, partitions)
      const configEntries = Object.entries(config).map(([key, value]) => ({ name: key, value }))
      const names = [topic.name, ...(dead ? [`${topic.name}.dead`] : [])]
      await createAndAwait(
        admin,
        names.map((each) => ({ topic: each, numPartitions: partitions, replicationFactor: 3, configEntries })),
      )
      return topic
    },
    produce: async (topic, values, partition = 0) => {
      await producer.send({ topic, messages: values.map((value) => ({ value, partition })) })
    },
    length: async (topic) => (await ends(topic)).reduce((sum, { high }) => sum + Number(high), 0),
    read: async (topic) => {
      const due = await ends(topic)
      const found: { partition: number; message: KafkaMessage }[] = []
      const reached = new Map<number, number>()
      readers += 1
      const reader = kafka.consumer({ groupId: `${topic}.reader-${readers}`, maxWaitTimeInMs: 100 })
      reader.on(reader.events.END_BATCH_PROCESS, ({ payload: { partition, lastOffset } }) => {
        reached.set(partition, Number(lastOffset) + 1)
      })
      await reader.connect()
      await reader.subscribe({ topic, fromBeginning: true })
      await reader.run({ eachMessage: async ({ partition, message }) => void found.push({ partition, message }) })
      await until('the reader to reach the end', () =>
        due.every(({ partition, low, high }) => low === high || (reached.get(partition) ?? 0) >= Number(high)),
      )
      await reader.disconnect()
      return found
        .sort((a, b) => a.partition - b.partition || Number(a.message.offset) - Number(b.message.offset))
        .map(({ message }) => message)
    },
    own: (part) => {
      parts.push(part)
      return part
    },
    [Symbol.asyncDispose]: async () => {
      for (const part of parts.toReversed()) await part.close()
      await producer.disconnect()
      await admin.disconnect()
      await db.close()
    },
  }
}

/** A key that falls into `partition` of `count`. */
export function keyIn(partition: number, count: number): string {
  for (let n = 0; ; n++) if (partitionOf(`key-${n}`, count) === partition) return `key-${n}`
}

/** Waits for `condition`, and looks often. */
export const until = (what: string, condition: () => Promise<boolean> | boolean, timeoutMs = 30_000) =>
  waitUntil(what, condition, { timeoutMs, everyMs: 25 })
