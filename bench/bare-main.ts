/**
 * What placing an order costs at the least: the same Express, body parser and zod schema, and the same documents in one
 * majority transaction. No token, no limits, no airspace, no relay: the floor that the gateway is held against.
 */
import { randomUUID } from 'node:crypto'
import { PlaceOrderBody } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { readConfig } from '@fleet/runtime/config'
import express from 'express'
import { MongoClient } from 'mongodb'
import { z } from 'zod'

const config = readConfig(z.object({ HTTP_PORT: z.coerce.number().int(), MONGO_URI: z.string(), DATABASE: z.string() }))
/** As the services have it. */
const poolMax = 20
const bodyBytesMax = 64 * 1024

type Row = Record<string, unknown> & { _id: string }
const client = await new MongoClient(config.MONGO_URI, {
  readPreference: 'primary',
  readConcernLevel: 'majority',
  writeConcern: { w: 'majority' },
  maxPoolSize: poolMax,
}).connect()
const db = client.db(config.DATABASE)
const orders = db.collection<Row>('orders')
const outbox = db.collection<Row>('outbox')
const seqs = db.collection<{ _id: string; seq: number }>('outbox_seqs')
await orders.createIndexes([
  { key: { customerId: 1, placedAtMs: -1 } },
  { key: { placedAtMs: -1 } },
  { key: { status: 1, placedAtMs: 1 }, partialFilterExpression: { open: true } },
])
await outbox.createIndexes([{ key: { deadLetter: 1, seq: 1 } }, { key: { storedAt: 1 } }])
await seqs.findOne()

async function place({ dropOff, parcel }: PlaceOrderBody): Promise<string> {
  const orderId = `ord_${randomUUID().replaceAll('-', '')}`
  const [customerId, placedAtMs] = ['cus_bench', Date.now()]
  const bodyHash = '0'.repeat(64)
  const data = { orderId, customerId, dropOff, parcel, placedAtMs }
  const state = { status: 'accepted', ...data, bodyHash, estimatedHandOverAtMs: placedAtMs, waitingFor: null }
  const history = [{ seq: 1, type: 'order.accepted', atMs: placedAtMs, status: 'accepted' }]
  const seen = { orders: 1, deliveries: 0 }
  const row = { customerId, placedAtMs, status: 'accepted', open: true, version: 1, seen, state, history }
  const envelope = {
    id: `msg_${randomUUID()}`,
    type: 'order.accepted',
    version: 1,
    at: placedAtMs,
    key: orderId,
    seq: 1,
  }
  const message = { ...envelope, correlationId: randomUUID(), causationId: 'http', data }
  const record = { topic: topics.orders.name, key: Buffer.from(orderId), seq: 1, headers: [], deadLetter: false }
  await client.withSession((session) =>
    session.withTransaction(
      async () => {
        await orders.insertOne({ _id: orderId, ...row }, { session })
        await seqs.findOneAndUpdate({ _id: `orders/${orderId}` }, { $inc: { seq: 1 } }, { upsert: true, session })
        const value = Buffer.from(JSON.stringify(message))
        await outbox.insertOne({ _id: randomUUID(), ...record, value, storedAt: new Date(placedAtMs) }, { session })
      },
      { readConcern: { level: 'snapshot' }, writeConcern: { w: 'majority' } },
    ),
  )
  return orderId
}

const app = express()
app.disable('x-powered-by')
app.set('etag', false)
app.post('/v1/orders', express.json({ limit: bodyBytesMax }), async (request, response) => {
  const orderId = await place(PlaceOrderBody.parse(request.body))
  response.status(201).location(`/v1/orders/${orderId}`).json({ orderId })
})
app.get('/health/live', (_request, response) => void response.json({ status: 'live' }))
const server = app.listen(config.HTTP_PORT, '127.0.0.1')
process.once('SIGTERM', () => {
  server.close()
  server.closeAllConnections()
  void client.close().then(() => process.exit(0))
})
