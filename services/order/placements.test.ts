import { randomUUID } from 'node:crypto'
import { OrderId } from '@fleet/contracts/ids'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createAirspaceStore } from './airspace.ts'
import { createPlacements, type Placement, type Placements } from './placements.ts'
import { createOrderStore, type OrderStore } from './store.ts'
import { anna, atMs, base } from './testing/examples.ts'

let db: Database
let orders: OrderStore
let placements: Placements
/** How many transactions were run. */
let transactions = 0
beforeAll(async () => {
  const infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`order_placements_${randomUUID().slice(0, 8)}`))
  orders = await createOrderStore(db)
  const airspace = await createAirspaceStore(db)
  await db.transact((tx) => airspace.put({ kind: 'base', value: base() }, tx))
  const counted: Pick<Database, 'transact'> = {
    transact: (work) => {
      transactions += 1
      return db.transact(work)
    },
  }
  placements = createPlacements({ db: counted, orders, airspace })
}, 60_000)
afterAll(async () => {
  await db.connection.dropDatabase()
  await db.close()
})

const placement = (given: Partial<Placement> = {}): Placement => ({
  orderId: OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`),
  customerId: anna,
  body: { dropOff: { lat: 43.585, lon: 7.13 }, parcel: { weightG: 500 } },
  bodyHash: 'a',
  cause: { atMs, correlationId: 'c-1', causationId: 'http' },
  signal: new AbortController().signal,
  ...given,
})

describe('placements', () => {
  it('that come while one is stored share a transaction', async () => {
    const before = transactions
    const asked = Array.from({ length: 12 }, () => placement())

    const outcomes = await Promise.all(asked.map((one) => placements.place(one)))

    expect(outcomes.every(({ ok }) => ok)).toBe(true)
    expect(transactions - before).toBe(2)
    const stored = await Promise.all(asked.map(({ orderId }) => orders.find(orderId)))
    expect(stored.map((found) => found?.order.orderId)).toEqual(asked.map(({ orderId }) => orderId))
  })

  it('are left undone where nobody waits any more when their turn comes', async () => {
    const left = new AbortController()
    const [first, gone] = [placement(), placement({ signal: left.signal })]

    const both = Promise.all([placements.place(first), placements.place(gone)])
    left.abort()

    expect(await both).toMatchObject([{ ok: true }, { ok: false, refusal: { code: 'service.unavailable' } }])
    expect(await orders.find(gone.orderId)).toBeNull()
  })
})
