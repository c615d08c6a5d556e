import { randomUUID } from 'node:crypto'
import { OrderId } from '@fleet/contracts/ids'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { waitUntil } from '@fleet/local/wait'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createOrderStore, type OrderStore } from './store.ts'
import { atMs, place } from './testing/examples.ts'

const cause = { atMs, correlationId: 'c-1', causationId: 'http' }
let infra: TestInfrastructure
let db: Database
let orders: OrderStore
beforeAll(async () => {
  infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`order_faults_${randomUUID().slice(0, 8)}`))
  orders = await createOrderStore(db)
}, 60_000)
afterAll(async () => {
  await db.connection.dropDatabase()
  await db.close()
})

describe('while both secondaries stand still', () => {
  it('neither a new order nor the repetition of an old one is confirmed, and both are afterwards', async () => {
    await using _turn = await infra.takeFaultTurn()
    const orderId = OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`)
    const fresh = OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`)
    await orders.handle(orderId, place({ orderId }), cause)
    const hello: unknown = await db.connection.db?.admin().command({ hello: 1 })
    const { primary } = z.object({ primary: z.string() }).parse(hello)
    const members = ['mongo-1', 'mongo-2', 'mongo-3'] as const
    const secondaries = members.filter((_, at) => infra.mongoHosts[at] !== primary)
    expect(secondaries).toHaveLength(2)

    for (const member of secondaries) await infra.pause(member)
    const answers = await Promise.allSettled([
      orders.handle(orderId, place({ orderId }), cause),
      orders.handle(fresh, place({ orderId: fresh }), cause),
    ])
    for (const member of secondaries) await infra.resume(member)

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const repeated = await waitUntil('a majority', () => orders.handle(orderId, place({ orderId }), cause), {
      timeoutMs: 60_000,
    })
    expect(repeated).toMatchObject({ ok: true, stored: { version: 1 } })
  }, 150_000)
})
