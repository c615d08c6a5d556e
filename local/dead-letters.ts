/** The dead letters of a running stack: read whole from their topics, acted on by a person, every act kept. */
import { deadLetterTopics } from '@fleet/contracts/topics'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { headersOf } from '@fleet/messaging/topic'
import { silentLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { Missing } from './provision.ts'
import { readTopics } from './read-topics.ts'

/** More than this is a flood, and a person wants the counts, not the letters. */
const recordsMax = 100_000

export type DeadLetter = {
  /** `topic:partition:offset` in the dead-letter topic. */
  id: string
  topic: string
  reason: string
  detail: string
  refusedBy: string
  key: string | null
  value: Buffer | null
  headers: Record<string, Buffer>
  act: 'open' | 'replayed' | 'dropped'
}

type Act = { _id: string; act: 'replayed' | 'dropped'; by: string; at: Date }

const Headers = z.object({ 'dead-reason': z.string(), 'dead-detail': z.string(), 'dead-group': z.string() })

export type DeadLetters = {
  /** All that stand in the topics now, oldest first in each partition. */
  list(): Promise<DeadLetter[]>
  show(id: string): Promise<DeadLetter>
  /** Sends the refused bytes to their topic again, as they came. Whoever takes them drops what it has had: the effect comes once at most. */
  replay(id: string, by: string): Promise<void>
  drop(id: string, by: string): Promise<void>
  close(): Promise<void>
}

/** `gatewayDatabase`: where the audit log is. */
export async function openDeadLetters({
  brokers,
  gatewayDatabase,
  nowMs,
}: {
  brokers: string[]
  gatewayDatabase: string
  nowMs: () => number
}): Promise<DeadLetters> {
  const kafka = createKafka({ brokers, clientId: 'dead-letters', log: silentLog() })
  const db = await openDatabase(gatewayDatabase)
  const acts = db.connection.collection<Act>('dead_letter_acts')

  const list = async () => {
    const done = new Map((await acts.find({}).toArray()).map(({ _id, act }) => [_id, act]))
    const letters: DeadLetter[] = []
    for (const { name } of Object.values(deadLetterTopics)) {
      for (const { partition, message } of await readTopics(kafka, brokers, [name], { recordsMax })) {
        const headers = headersOf(message)
        const text = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header, value.toString()]))
        const facts = Headers.parse(text)
        const id = `${name}:${partition}:${message.offset}`
        letters.push({
          id,
          topic: name.replace(/\.dead$/, ''),
          reason: facts['dead-reason'],
          detail: facts['dead-detail'],
          refusedBy: facts['dead-group'],
          key: message.key?.toString() ?? null,
          value: message.value,
          headers,
          act: done.get(id) ?? 'open',
        })
      }
    }
    return letters
  }

  const show = async (id: string) => {
    const found = (await list()).find((letter) => letter.id === id)
    if (!found) throw new Missing(`There is no dead letter ${id}: 'npm run dead -- list' names those that there are.`)
    return found
  }

  /** The act and its line in the audit log, in one transaction. */
  const record = async (id: string, act: Act['act'], by: string) => {
    const at = new Date(nowMs())
    await db.transact(async ({ session }) => {
      await acts.updateOne({ _id: id }, { $set: { act, by, at } }, { upsert: true, session })
      const audit = db.connection.collection('audit_log')
      await audit.insertOne({ at, who: by, what: `dead-letter.${act}`, target: id, from: 'command line' }, { session })
    })
  }

  return {
    list,
    show,
    replay: async (id, by) => {
      const letter = await show(id)
      if (letter.act === 'dropped') throw new Missing(`Dead letter ${id} was dropped: it is not replayed.`)
      // The act first: a crash in between leaves an act without an effect, never an effect that nobody answers for.
      await record(id, 'replayed', by)
      const headers = Object.fromEntries(Object.entries(letter.headers).filter(([name]) => !name.startsWith('dead-')))
      const producer = kafka.producer({ idempotent: true, maxInFlightRequests: 1 })
      await producer.connect()
      try {
        await producer.send({
          topic: letter.topic,
          acks: -1,
          messages: [{ key: letter.key, value: letter.value, headers }],
        })
      } finally {
        await producer.disconnect()
      }
    },
    drop: async (id, by) => {
      await show(id)
      await record(id, 'dropped', by)
    },
    close: () => closeDatabase(db),
  }
}

const closeDatabase = (db: Database) => db.close()
