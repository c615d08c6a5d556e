import { randomUUID } from 'node:crypto'
import { OrderId } from '@fleet/contracts/ids'
import { type TestInfrastructure, testInfrastructure } from '@fleet/local/test-infrastructure'
import { waitUntil } from '@fleet/local/wait'
import { type Database, isOutage, openDatabase } from '@fleet/messaging/database'
import { createHealth } from '@fleet/runtime/health'
import { startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { createAirspaceStore } from './airspace.ts'
import { createPlacements } from './placements.ts'
import { orderRoutes } from './routes.ts'
import { createOrderStore, type OrderStore } from './store.ts'
import { anna, atMs, base, place as placeCommand } from './testing/examples.ts'

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

/** Stops both secondaries until the returned function is called. */
async function stopSecondaries(): Promise<() => Promise<void>> {
  const hello: unknown = await db.connection.db?.admin().command({ hello: 1 })
  const { primary } = z.object({ primary: z.string() }).parse(hello)
  const members = ['mongo-1', 'mongo-2', 'mongo-3'] as const
  const secondaries = members.filter((_, at) => infra.mongoHosts[at] !== primary)
  expect(secondaries).toHaveLength(2)
  for (const member of secondaries) await infra.pause(member)
  return async () => {
    for (const member of secondaries) await infra.resume(member)
  }
}

describe('while both secondaries stand still', () => {
  it('neither a new order nor the repetition of an old one is confirmed, and both are afterwards', async () => {
    await using _turn = await infra.takeFaultTurn()
    const orderId = OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`)
    const fresh = OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`)
    await orders.handle(orderId, placeCommand({ orderId }), cause)

    const goOn = await stopSecondaries()
    const answers = await Promise.allSettled([
      orders.handle(orderId, placeCommand({ orderId }), cause),
      orders.handle(fresh, placeCommand({ orderId: fresh }), cause),
    ])
    await goOn()

    expect(answers.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    const repeated = await waitUntil('a majority', () => orders.handle(orderId, placeCommand({ orderId }), cause), {
      timeoutMs: 60_000,
    })
    expect(repeated).toMatchObject({ ok: true, stored: { version: 1 } })
  }, 150_000)

  it('requests are answered by 503 and when to ask again, not by 500, and as ever afterwards', async () => {
    await using _turn = await infra.takeFaultTurn()
    const impatient = await openDatabase(infra.mongoUri(db.connection.name), { transactionMsMax: 3_000 })
    const airspace = await createAirspaceStore(impatient)
    const stored = await createOrderStore(impatient)
    await impatient.transact((tx) => airspace.put({ kind: 'base', value: base() }, tx))
    const clock = { worldNow: () => atMs, worldElapsed: () => 0, realMs: (ms: number) => ms }
    const http = await startHttp({
      host: '127.0.0.1',
      port: 0,
      routes: orderRoutes(stored, createPlacements({ db: impatient, orders: stored, airspace }), clock),
      authenticate: () => ({ role: 'customer', sub: anna }),
      isOutage,
      health: createHealth(),
      log: silentLog(),
    })
    await using _ = { [Symbol.asyncDispose]: () => http.close().then(() => impatient.close()) }
    const body = JSON.stringify({ dropOff: { lat: 43.585, lon: 7.13 }, parcel: { weightG: 500 } })
    const ask = (path: string, init: RequestInit = {}) =>
      fetch(`http://127.0.0.1:${http.port}${path}`, {
        ...init,
        headers: { 'content-type': 'application/json', 'idempotency-key': 'one' },
      })
    const place = () => ask('/v1/orders', { method: 'POST', body })
    expect((await place()).status).toBe(201)

    const goOn = await stopSecondaries()
    const placed = await place()
    // The primary steps down once it has missed them; until then it may yet read.
    const read = await waitUntil(
      'a reading that fails',
      async () => {
        const answer = await ask('/v1/orders')
        return answer.status !== 200 && answer
      },
      { timeoutMs: 60_000 },
    )
    await goOn()

    for (const answer of [placed, read]) {
      expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '2'])
      expect(await answer.json()).toMatchObject({ code: 'service.unavailable', value: 'database' })
    }
    expect(await waitUntil('a majority', async () => (await place()).status === 201, { timeoutMs: 60_000 })).toBe(true)
  }, 180_000)
})
