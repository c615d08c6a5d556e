import { randomUUID } from 'node:crypto'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka, Producer } from 'kafkajs'
import { createKafka } from './kafka.ts'
import { startTail, type TailOptions } from './tail.ts'
import { silent } from './testing/bench.ts'

const log = silent
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

async function following(topic: string, more: Partial<Pick<TailOptions, 'from' | 'onRead'>> = {}) {
  const seen: string[] = []
  const groupPrefix = `tail-${randomUUID().slice(0, 8)}`
  const onRecord = ({ value }: { value: Buffer | null }) => void seen.push(value?.toString() ?? '')
  const tail = startTail({ kafka, topics: [topic], groupPrefix, what: 'test', from: 'end', log, onRecord, ...more })
  await waitUntil('the tail to stand at its beginning', () => tail.problem() === null, bound)
  const groupId = async () => {
    const admin = kafka.admin()
    await admin.connect()
    const { groups } = await admin.listGroups()
    await admin.disconnect()
    return groups.map((group) => group.groupId).find((name) => name.startsWith(groupPrefix)) ?? ''
  }
  return { seen, groupId, next: () => tail.next(topic), [Symbol.asyncDispose]: () => tail.close() }
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
    const intruder = kafka.consumer({ groupId: await tail.groupId(), sessionTimeout: 6_000 })
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

  it('begins at a moment of the past where that is asked for, and tells how far each partition was read', async () => {
    const topic = await freshTopic()
    await send(topic, 'old')
    const [{ baseOffset } = { baseOffset: '' }] = await send(topic, 'a', 'b')
    const read = new Map<number, number>()
    await using tail = await following(topic, {
      from: { appendedMs: 0 },
      onRead: (_topic, partition, next) => void read.set(partition, next),
    })

    await waitUntil('all to be seen', () => tail.seen.length >= 3, bound)

    expect(tail.seen).toEqual(['old', 'a', 'b'])
    const end = Number(baseOffset) + 2
    await waitUntil('the reading to be told', () => [...read.values()].includes(end), bound)
    expect([...tail.next().values()].toSorted()).toEqual([0, end])
  })
})
