import { randomUUID } from 'node:crypto'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka, Producer } from 'kafkajs'
import { startTail } from './tail.ts'

const log = silentLog()
const bound = { timeoutMs: 30_000 }
let kafka: Kafka
let producer: Producer
beforeAll(async () => {
  const infra = await testInfrastructure()
  kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'gateway-test', log })
  producer = kafka.producer()
  await producer.connect()
}, 60_000)
afterAll(() => producer.disconnect())

async function freshTopic(): Promise<string> {
  const topic = `tail-${randomUUID().slice(0, 8)}`
  const admin = kafka.admin()
  await admin.connect()
  await createAndAwait(admin, [{ topic, numPartitions: 2 }])
  await admin.disconnect()
  return topic
}
const send = (topic: string, ...values: string[]) =>
  producer.send({ topic, messages: values.map((value) => ({ key: 'k', value })) })

async function following(topic: string) {
  const seen: string[] = []
  const groupId = `tail-${randomUUID().slice(0, 8)}`
  const onRecord = ({ value }: { value: Buffer | null }) => void seen.push(value?.toString() ?? '')
  const tail = startTail({ kafka, topics: [topic], groupId, log, onRecord })
  await waitUntil('the tail to stand at the end', () => tail.problem() === null, bound)
  return { seen, groupId, [Symbol.asyncDispose]: () => tail.close() }
}

describe('the tail of a topic', () => {
  it('begins at the end, and gives what comes in order', async () => {
    const topic = await freshTopic()
    await send(topic, 'before')
    await using tail = await following(topic)

    await send(topic, 'a', 'b')
    await send(topic, 'c')

    await waitUntil('all to be seen', () => tail.seen.length >= 3, bound)
    expect(tail.seen).toEqual(['a', 'b', 'c'])
  })

  it('misses nothing of what was written while its group was rebalanced', async () => {
    const topic = await freshTopic()
    await using tail = await following(topic)
    await send(topic, 'first')
    await waitUntil('the first', () => tail.seen.length === 1, bound)
    const intruder = kafka.consumer({ groupId: tail.groupId, sessionTimeout: 6_000 })
    await intruder.connect()
    await intruder.subscribe({ topics: [topic] })
    const joined = new Promise((resolve) => intruder.on(intruder.events.GROUP_JOIN, resolve))
    await intruder.run({ autoCommit: false, eachMessage: async () => undefined })
    await joined
    const meanwhile = Array.from({ length: 20 }, (_, at) => `m${at}`)

    await send(topic, ...meanwhile)
    await intruder.disconnect()

    await waitUntil('the rest', () => tail.seen.length >= 21, bound)
    expect(tail.seen).toEqual(['first', ...meanwhile])
  })
})
