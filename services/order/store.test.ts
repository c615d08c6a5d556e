import { randomUUID } from 'node:crypto'
import { OrderId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { OrderCommand } from './decide.ts'
import { createOrderStore, type OrderStore } from './store.ts'
import { anna, atMs, ben, cancel, later, news, place } from './testing/examples.ts'

let db: Database
let orders: OrderStore
beforeAll(async () => {
  const infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`order_store_${randomUUID().slice(0, 8)}`))
  orders = await createOrderStore(db)
}, 60_000)
afterAll(async () => {
  await db.connection.dropDatabase()
  await db.close()
})

const freshId = () => OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`)
const cause = { atMs, correlationId: 'c-1', causationId: 'http' }
const placed = async (rest: Parameters<typeof place>[0] = {}) => {
  const orderId = freshId()
  await orders.handle(orderId, place({ orderId, ...rest }), cause)
  return orderId
}
const sent = async (orderId: OrderId) => {
  const rows = await db.outbox.rows.find({ key: Buffer.from(orderId) }).sort({ seq: 1 })
  return rows.map(({ value }) => topics.orders.schema.parse(JSON.parse(value?.toString() ?? '')))
}

describe('the store of orders', () => {
  it('writes an order and its message together, with the correlation of the request', async () => {
    const orderId = await placed()

    expect(await orders.find(orderId)).toMatchObject({ order: { status: 'accepted' }, version: 1, seen: { orders: 1 } })
    expect(await sent(orderId)).toMatchObject([
      {
        type: 'order.accepted',
        seq: 1,
        correlationId: 'c-1',
        causationId: 'http',
        data: { orderId, customerId: anna },
      },
    ])
  })

  it('decides on several orders together as on each alone', async () => {
    const known = await placed()
    const [fresh, far] = [freshId(), freshId()]
    const refused = { ok: false, refusal: { code: 'order.no-base' } } as const
    const ask = (orderId: OrderId, command: OrderCommand) => ({ orderId, command, cause })

    const outcomes = await db.transact((tx) =>
      orders.handleAllIn(tx, [
        ask(fresh, place({ orderId: fresh })),
        ask(known, cancel()),
        ask(far, place({ orderId: far, reach: refused })),
      ]),
    )

    expect(outcomes).toMatchObject([
      { ok: true, stored: { version: 1, order: { status: 'accepted' } } },
      { ok: true, stored: { version: 2, order: { status: 'cancelling' } } },
      refused,
    ])
    expect(await Promise.all([fresh, known].map((id) => orders.find(id)))).toMatchObject([
      { version: 1 },
      { version: 2 },
    ])
    expect(await orders.find(far)).toBeNull()
    expect((await sent(known)).map(({ seq, type }) => `${seq} ${type}`)).toEqual([
      '1 order.accepted',
      '2 order.cancel-requested',
    ])
    expect(await sent(fresh)).toHaveLength(1)
  })

  it('writes neither where the transaction is given up', async () => {
    const orderId = freshId()

    const given = db.transact(async (tx) => {
      await orders.handleIn(tx, orderId, place({ orderId }), cause)
      throw new Error('given up')
    })

    await expect(given).rejects.toThrow('given up')
    expect(await orders.find(orderId)).toBeNull()
    expect(await sent(orderId)).toEqual([])
  })

  it('makes one order and one message of the same POST sent eight times at once', async () => {
    const orderId = freshId()

    const outcomes = await Promise.all(
      Array.from({ length: 8 }, () => orders.handle(orderId, place({ orderId }), cause)),
    )

    expect(outcomes.map(({ ok }) => ok)).toEqual(Array.from({ length: 8 }, () => true))
    expect(await orders.find(orderId)).toMatchObject({ version: 1 })
    expect(await sent(orderId)).toHaveLength(1)
  })

  it('runs anew where another places the same order after it has looked', async () => {
    const orderId = freshId()
    let runs = 0

    const outcome = await db.transact(async (tx) => {
      runs += 1
      await orders.handleIn(tx, freshId(), place({ orderId: freshId() }), cause) // Its snapshot is of now.
      if (runs === 1) await orders.handle(orderId, place({ orderId }), cause)
      return orders.handleIn(tx, orderId, place({ orderId }), cause)
    })

    expect([runs, outcome.ok]).toEqual([2, true])
    expect(await sent(orderId)).toHaveLength(1)
  })

  it('asks once where two cancellations race', async () => {
    const orderId = await placed()

    await Promise.all([orders.handle(orderId, cancel(), cause), orders.handle(orderId, cancel('operator'), cause)])

    expect((await sent(orderId)).map(({ type }) => type)).toEqual(['order.accepted', 'order.cancel-requested'])
  })

  it('remembers the last message about its delivery that it contains', async () => {
    const orderId = await placed()

    await orders.handle(orderId, news.waiting(), { ...cause, deliveriesSeq: 1 })
    await orders.handle(orderId, news.assigned(), { ...cause, deliveriesSeq: 2 })

    expect(await orders.find(orderId)).toMatchObject({ version: 3, seen: { orders: 1, deliveries: 2 } })
  })

  it("lists a customer's own orders, newest first", async () => {
    const customerId = ben
    const older = await placed({ customerId })
    const newer = await placed({ customerId, atMs: later(1_000) })
    await placed()

    const found = await orders.list({ customerId, limit: 10 })

    expect(found.map(({ order }) => order.orderId)).toEqual([newer, older])
    expect(await orders.list({ customerId: null, limit: 2 })).toHaveLength(2)
  })

  it('counts open orders by status and age, and ended ones not at all', async () => {
    const before = await orders.countOpen(later(0))
    const count = (counts: typeof before, status: string, ageMinMs: number) =>
      counts.find((one) => one.status === status && one.ageMinMs === ageMinMs)?.orders ?? 0
    const orderId = await placed({ atMs: later(3_600_000) })
    const ended = await placed({ atMs: later(3_600_000) })
    await orders.handle(ended, news.failed(), cause)

    const afterwards = await orders.countOpen(later(3_600_000 + 61_000))

    expect(count(afterwards, 'accepted', 60_000)).toBe(1)
    expect(count(afterwards, 'failed', 60_000)).toBe(0)
    expect(await orders.find(orderId)).not.toBeNull()
  })
})
