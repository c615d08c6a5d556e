/** A relay in a process of its own that stands still at a chosen moment of its first request; its parent does the rest. */
import { z } from 'zod'
import { openDatabase } from '../database.ts'
import { createKafka } from '../kafka.ts'
import { startRelay } from '../relay.ts'
import { silent } from './bench.ts'
import { interceptSends } from './intercept.ts'

const Options = z.object({
  brokers: z.array(z.string()),
  uri: z.string(),
  /** `before-send`: stops itself (SIGSTOP) with the rows in hand. `before-delete`: hangs once the brokers have them. */
  stand: z.enum(['before-send', 'before-delete']),
})
const { brokers, uri, stand } = Options.parse(JSON.parse(process.argv[2] ?? ''))

const say = (line: string) => process.stdout.write(`${line}\n`)
const forever = new Promise<never>(() => undefined)

const kafka = interceptSends(createKafka({ brokers, clientId: 'relay-child', log: silent }), async (batch, send) => {
  if (stand === 'before-send') {
    say('about to send')
    process.kill(process.pid, 'SIGSTOP')
    const answers = await send(batch)
    say('sent')
    return answers
  }
  await send(batch)
  say('sent')
  return forever
})
startRelay({ db: await openDatabase(uri), kafka, log: silent })
