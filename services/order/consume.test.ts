import { randomUUID } from 'node:crypto'
import { MessageId, ZoneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { startConsumer } from '@fleet/messaging/consumer'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Kafka } from 'kafkajs'
import { type AirspaceStore, createAirspaceStore } from './airspace.ts'
import { consumeForOrders } from './consume.ts'
import { createOrderStore, type OrderStore } from './store.ts'
import { atMs, base, news, orderId, place } from './testing/examples.ts'

const run = randomUUID().slice(0, 8)
const heard = {
  deliveries: { ...topics.deliveries, name: `deliveries-${run}` },
  airspace: { ...topics.airspace, name: `airspace-${run}` },
}
const log = silentLog()
let db: Database
let kafka: Kafka
let orders: OrderStore
let airspace: AirspaceStore
const closers: (() => Promise<unknown>)[] = []

beforeAll(async () => {
  const infra = await testInfrastructure()
  kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'order-test', log })
  const admin = kafka.admin()
  await admin.connect()
  await createAndAwait(
    admin,
    Object.values(heard).map(({ name, partitions }) => ({ topic: name, numPartitions: partitions })),
  )
  await admin.disconnect()
  db = await openDatabase(infra.mongoUri(`order_consume_${run}`))
  orders = await createOrderStore(db)
  airspace = await createAirspaceStore(db)
  const subscriptions = consumeForOrders(orders, airspace, heard)
  const consumer = await startConsumer({ kafka, db, group: `order-${run}`, subscriptions, log })
  closers.push(() => consumer.close())
}, 60_000)
afterAll(async () => {
  for (const close of closers) await close()
  await db.connection.dropDatabase()
  await db.close()
})

/** As the itinerary service's relay would publish it. */
async function publish(topic: string, key: string, seq: number, { type, data }: { type: string; data: object }) {
  const id = MessageId.parse(`msg_${randomUUID().replaceAll('-', '')}`)
  const message = { id, type, version: 1, at: atMs, key, seq, correlationId: 'c-1', causationId: 'msg_1', data }
  const producer = kafka.producer()
  await producer.connect()
  await producer.send({ topic, messages: [{ key, value: JSON.stringify(message) }] })
  await producer.disconnect()
}

describe('what the order service hears', () => {
  it('moves an order by the news of its delivery, once, however often they stand in the topic', async () => {
    const cause = { atMs, correlationId: 'c-1', causationId: 'http' }
    await orders.handle(orderId, place(), cause)
    const words = [news.assigned(), news.departed(), news.departed(), news.handedOver(), news.completed()]
    const seqs = [1, 2, 2, 3, 4]

    for (const [at, word] of words.entries()) {
      await publish(heard.deliveries.name, orderId, seqs[at] ?? 0, word)
    }

    const stored = await waitUntil(
      'the order to close',
      async () => {
        const found = await orders.find(orderId)
        return found?.order.status === 'closed' && found
      },
      { timeoutMs: 30_000 },
    )
    expect(stored).toMatchObject({ version: 5, seen: { orders: 1, deliveries: 4 } })
  })

  it('keeps the bases and zones that are published, and forgets a zone that is withdrawn', async () => {
    const corners = [
      { lat: 0, lon: 0 },
      { lat: 1, lon: 0 },
      { lat: 1, lon: 1 },
    ]
    const zone = { zoneId: 'zon_1', name: 'Z', outline: corners }

    await publish(heard.airspace.name, 'bas_north', 1, { type: 'base.published', data: base() })
    await publish(heard.airspace.name, 'zon_1', 1, { type: 'zone.published', data: zone })
    await waitUntil('the zone', async () => (await airspace.read()).zones.length === 1, { timeoutMs: 30_000 })
    await publish(heard.airspace.name, 'zon_1', 2, { type: 'zone.withdrawn', data: { zoneId: 'zon_1' } })

    await waitUntil('the zone to go', async () => (await airspace.read()).zones.length === 0, { timeoutMs: 30_000 })
    await waitUntil('the base', async () => (await airspace.read()).bases.length === 1, { timeoutMs: 30_000 })
    expect((await airspace.read()).bases).toEqual([base()])
  })

  it('knows a zone at once where it took it, and soon where another instance did', async () => {
    const other = await createAirspaceStore(db)
    const outline = [
      { lat: 0, lon: 0 },
      { lat: 1, lon: 0 },
      { lat: 1, lon: 1 },
    ]
    const zone = { zoneId: ZoneId.parse('zon_2'), name: 'Z', outline }
    const zonesOf = async (store: AirspaceStore) => (await store.read()).zones.map(({ zoneId }) => zoneId)
    expect([await zonesOf(airspace), await zonesOf(other)]).toEqual([[], []])

    await db.transact((tx) => airspace.put({ kind: 'zone', value: zone }, tx))

    expect(await zonesOf(airspace)).toEqual(['zon_2'])
    await waitUntil('the other to hear', async () => (await zonesOf(other)).length === 1, { timeoutMs: 5_000 })
  })
})
