import { randomUUID } from 'node:crypto'
import { openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import { type DeadLetters, openDeadLetters } from './dead-letters.ts'
import { type TestInfrastructure, testInfrastructure } from './test-infrastructure.ts'
import { createTopics } from './topics.ts'

let infra: TestInfrastructure
let kafka: Kafka
let letters: DeadLetters
let gatewayDatabase: string
beforeAll(async () => {
  infra = await testInfrastructure()
  await createTopics(infra.kafkaInner)
  kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'dead-letters-test', log: silentLog() })
  gatewayDatabase = infra.mongoUri(`dead_letters_${randomUUID().slice(0, 8)}`)
  letters = await openDeadLetters({ brokers: infra.kafkaInner, gatewayDatabase, nowMs: () => 1_000 })
}, 60_000)
afterAll(async () => {
  await letters.close()
})

/** A refused report in the dead-letter topic, as the outbox writes it; gives its id. */
async function aDeadLetter(value: Buffer): Promise<string> {
  const producer = kafka.producer()
  await producer.connect()
  const headers = {
    mac: 'c0ffee',
    'key-version': '1',
    'dead-reason': 'mac-wrong',
    'dead-detail': 'the MAC does not fit',
    'dead-group': 'itinerary',
  }
  const key = `drn_${randomUUID().replaceAll('-', '')}`
  const [sent] = await producer.send({ topic: 'drone.reports.dead', messages: [{ key, value, headers }] })
  await producer.disconnect()
  return `drone.reports.dead:${sent?.partition}:${sent?.baseOffset}`
}

/** The audit log of `id`, and what stands in `drone.reports` with these bytes. */
async function traces(id: string, value: Buffer) {
  const db = await openDatabase(gatewayDatabase)
  const audit = await db.connection.collection('audit_log').find({ target: id }).toArray()
  await db.close()
  const consumer = kafka.consumer({ groupId: randomUUID(), maxWaitTimeInMs: 100 })
  const admin = kafka.admin()
  await Promise.all([consumer.connect(), admin.connect()])
  const ends = await admin.fetchTopicOffsets('drone.reports')
  const left = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, Number(high)]),
  )
  const found: { key: string; headers: string[] }[] = []
  await consumer.subscribe({ topics: ['drone.reports'], fromBeginning: true })
  await new Promise<void>((resolve, reject) => {
    if (left.size === 0) resolve()
    const running = consumer.run({
      autoCommit: false,
      eachMessage: async ({ partition, message }) => {
        if (message.value?.equals(value))
          found.push({ key: String(message.key), headers: Object.keys(message.headers ?? {}) })
        if (Number(message.offset) + 1 >= (left.get(partition) ?? 0)) left.delete(partition)
        if (left.size === 0) resolve()
      },
    })
    running.catch(reject)
  })
  await Promise.all([consumer.disconnect(), admin.disconnect()])
  return { audit, found }
}

describe('dead letters', () => {
  it('are listed with their reason, and shown byte for byte', async () => {
    const value = Buffer.from(`{"not":"a report","n":"${randomUUID()}"}`)
    const id = await aDeadLetter(value)

    const listed = (await letters.list()).find((letter) => letter.id === id)
    const shown = await letters.show(id)

    expect(listed).toMatchObject({ topic: 'drone.reports', reason: 'mac-wrong', refusedBy: 'itinerary', act: 'open' })
    expect(shown.value?.equals(value)).toBe(true)
  })

  it('go to their topic again as they came, without the reason, and the act stands in the audit log', async () => {
    const value = Buffer.from(`replay ${randomUUID()}`)
    const id = await aDeadLetter(value)

    await letters.replay(id, 'op')

    const { audit, found } = await traces(id, value)
    expect(found).toEqual([{ key: (await letters.show(id)).key, headers: ['mac', 'key-version'] }])
    expect(audit).toMatchObject([{ who: 'op', what: 'dead-letter.replayed' }])
    expect(await letters.show(id)).toMatchObject({ act: 'replayed' })
  })

  it('that were dropped are not replayed', async () => {
    const value = Buffer.from(`drop ${randomUUID()}`)
    const id = await aDeadLetter(value)
    await letters.drop(id, 'op')

    await expect(letters.replay(id, 'op')).rejects.toThrow('was dropped')

    expect((await traces(id, value)).found).toEqual([])
  })

  it('that do not exist are named in the refusal', async () => {
    await expect(letters.show('drone.reports.dead:0:999999')).rejects.toThrow('drone.reports.dead:0:999999')
  })
})
