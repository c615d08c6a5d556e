/** `npm run dead -- list | show ID | replay ID | drop ID`: what drones sent and we refused. */
import { userInfo } from 'node:os'
import { readConfig } from '@fleet/runtime/config'
import { type DeadLetter, openDeadLetters } from './dead-letters.ts'
import { LocalConfig } from './launch.ts'
import { Missing } from './provision.ts'
import { databaseUri } from './stack-environment.ts'
import { readStackInfo } from './stack-info.ts'

const USAGE = 'Usage: npm run dead -- list | show ID | replay ID | drop ID'
const listMax = 200
const say = (line: string) => console.log(line)

function sayList(letters: readonly DeadLetter[]): void {
  const counts = new Map<string, number>()
  for (const { topic, reason, act } of letters) {
    const name = `${topic}\t${reason}\t${act}`
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  for (const letter of letters.slice(0, listMax)) {
    say([letter.id, letter.key ?? '(no key)', letter.reason, letter.act, letter.detail.slice(0, 100)].join('\t'))
  }
  if (letters.length > listMax) say(`… and ${letters.length - listMax} more`)
  say('')
  say('topic\treason\tstate\tcount')
  for (const [name, count] of counts) say(`${name}\t${count}`)
  say(`${letters.length} dead letters`)
}

function sayLetter({ value, headers, ...letter }: DeadLetter): void {
  const text = Object.fromEntries(Object.entries(headers).map(([name, bytes]) => [name, bytes.toString()]))
  say(JSON.stringify({ ...letter, headers: text, bytes: value?.length ?? null }, null, 2))
  say(value === null ? '(no value)' : value.toString())
}

async function run([act, id]: string[]): Promise<void> {
  const { LOCAL_DIR } = readConfig(LocalConfig)
  const { kafka, mongo } = readStackInfo(LOCAL_DIR)
  const letters = await openDeadLetters({
    brokers: kafka.internal.split(','),
    gatewayDatabase: databaseUri(mongo, 'gateway'),
    nowMs: Date.now,
  })
  const by = userInfo().username
  try {
    if (act === 'list') sayList(await letters.list())
    else if (act === 'show' && id !== undefined) sayLetter(await letters.show(id))
    else if (act === 'replay' && id !== undefined) {
      await letters.replay(id, by)
      say(`${id} sent again: it has its effect unless the drone's later messages have gone past it`)
    } else if (act === 'drop' && id !== undefined) {
      await letters.drop(id, by)
      say(`${id} dropped`)
    } else throw new Missing(USAGE)
  } finally {
    await letters.close()
  }
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Missing)) throw error
  console.error(error.message)
  process.exitCode = 1
}
