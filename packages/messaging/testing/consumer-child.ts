/** A consumer in a process of its own that stops itself (SIGSTOP) before its first transaction, and wakes as a zombie. */
import { z } from 'zod'
import { openDatabase } from '../database.ts'
import { createKafka } from '../kafka.ts'
import { startPartitionConsumer } from '../partition-consumer.ts'
import { silent } from './bench.ts'
import { openEffects } from './effects.ts'

const Options = z.object({ brokers: z.array(z.string()), uri: z.string(), group: z.string(), topic: z.string() })
const { brokers, uri, group, topic } = Options.parse(JSON.parse(process.argv[2] ?? ''))

const say = (line: string) => process.stdout.write(`${line}\n`)
const db = await openDatabase(uri)
const effects = await openEffects(db.connection)
const { transact } = db
let stopped = false

await startPartitionConsumer({
  kafka: createKafka({ brokers, clientId: 'consumer-child', log: silent }),
  db: {
    ...db,
    transact: async (work) => {
      if (!stopped) {
        stopped = true
        say('about to begin')
        process.kill(process.pid, 'SIGSTOP')
      }
      try {
        const result = await transact(work)
        say('committed')
        return result
      } catch (error) {
        say(error instanceof Error ? error.name : String(error))
        throw error
      }
    },
  },
  group,
  topics: [topic],
  log: silent,
  handle: async ({ partition, records }, tx) => {
    for (const { offset } of records) await effects.add(String(partition), offset, tx)
  },
})
