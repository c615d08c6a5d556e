import { generateKeyPairSync, randomUUID } from 'node:crypto'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrderId } from '@fleet/contracts/ids'
import { OrderReply, OrdersReply, ProblemReply } from '@fleet/contracts/rest'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { bearerTokens } from '@fleet/runtime/bearer'
import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { type Caller, signToken } from '@fleet/runtime/tokens'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createAirspaceStore } from './airspace.ts'
import { createPlacements } from './placements.ts'
import { orderRoutes } from './routes.ts'
import { createOrderStore, type OrderStore } from './store.ts'
import { anna, atMs, base, ben, news } from './testing/examples.ts'

const body = { dropOff: { lat: 43.585, lon: 7.13 }, parcel: { weightG: 500 } }
const annaCalls: Caller = { role: 'customer', sub: anna }
const benCalls: Caller = { role: 'customer', sub: ben }
const operatorCalls: Caller = { role: 'operator', sub: 'olga' }

let db: Database
let orders: OrderStore
let http: HttpServer
let privateKeyPem: string
beforeAll(async () => {
  const infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`order_routes_${randomUUID().slice(0, 8)}`))
  orders = await createOrderStore(db)
  const airspace = await createAirspaceStore(db)
  await db.transact((tx) => airspace.put({ kind: 'base', value: base() }, tx))
  const pair = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  privateKeyPem = pair.privateKey
  const publicKeyFile = join(await mkdtemp(join(tmpdir(), 'order-routes-')), 'public.pem')
  await writeFile(publicKeyFile, pair.publicKey)
  const clock = { worldNow: () => atMs, worldElapsed: () => 0, realMs: (ms: number) => ms }
  http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: orderRoutes(orders, createPlacements({ db, orders, airspace }), clock),
    authenticate: bearerTokens(publicKeyFile, () => performance.timeOrigin + performance.now()),
    health: createHealth(),
    log: silentLog(),
  })
}, 60_000)
afterAll(async () => {
  await http.close()
  await db.connection.dropDatabase()
  await db.close()
})

const call = (caller: Caller, method: string, path: string, { json, key }: { json?: unknown; key?: string } = {}) =>
  fetch(`http://127.0.0.1:${http.port}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${signToken(privateKeyPem, caller, 60)}`,
      ...(json === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: json === undefined ? null : JSON.stringify(json),
  })
const placeOrder = (caller = annaCalls, key: string = randomUUID(), json: unknown = body) =>
  call(caller, 'POST', '/v1/orders', { json, key })
const orderOf = async (response: Response) => OrderReply.parse(await response.json())
const problemOf = async (response: Response) => ProblemReply.parse(await response.json())

describe('POST /v1/orders', () => {
  it('places an order, and says where it is', async () => {
    const response = await placeOrder()

    const order = await orderOf(response)
    expect(response.status).toBe(201)
    expect(response.headers.get('location')).toBe(`/v1/orders/${order.orderId}`)
    expect(order).toMatchObject({ status: 'accepted', ...body, flight: null, handedOver: null })
  })

  it('answers a repetition from the order as it stands now', async () => {
    const first = await orderOf(await placeOrder(annaCalls, 'again'))
    await orders.handle(first.orderId, news.assigned(), { atMs, correlationId: 'c', causationId: 'm' })

    const second = await placeOrder(annaCalls, 'again')

    expect(second.status).toBe(201)
    expect(await orderOf(second)).toMatchObject({ orderId: first.orderId, status: 'assigned' })
  })

  it('refuses the key with another body, and a request without a key', async () => {
    await placeOrder(annaCalls, 'reused')

    const reused = await placeOrder(annaCalls, 'reused', { ...body, parcel: { weightG: 501 } })
    const missing = await call(annaCalls, 'POST', '/v1/orders', { json: body })
    const broken = await placeOrder(annaCalls, 'with a space')

    expect([reused.status, (await problemOf(reused)).code]).toEqual([422, 'idempotency.key-reused'])
    expect([missing.status, (await problemOf(missing)).code]).toEqual([400, 'idempotency.key-missing'])
    expect([broken.status, (await problemOf(broken)).field]).toEqual([400, 'Idempotency-Key'])
  })

  it('answers each of many at once by its own order, repetitions and refusals among them', async () => {
    const keys = ['m1', 'm2', 'm3', 'm4', 'm5', 'm6']
    const far = { ...body, dropOff: { lat: 48, lon: 7.13 } }

    const answers = await Promise.all([
      ...[...keys, ...keys].map((key) => placeOrder(annaCalls, key)),
      placeOrder(annaCalls, 'too-far', far),
    ])

    expect(answers.map(({ status }) => status)).toEqual([...Array.from({ length: 12 }, () => 201), 422])
    const ids = await Promise.all(answers.slice(0, 12).map(async (answer) => (await orderOf(answer)).orderId))
    expect(ids.slice(6)).toEqual(ids.slice(0, 6))
    expect(new Set(ids).size).toBe(6)
  })

  it('makes two orders of one key by two customers', async () => {
    const annas = await orderOf(await placeOrder(annaCalls, 'shared'))
    const bens = await orderOf(await placeOrder(benCalls, 'shared'))

    expect(bens.orderId).not.toBe(annas.orderId)
  })

  it('refuses with the field, the value and the limit what cannot be flown', async () => {
    const far = await placeOrder(annaCalls, 'far', { ...body, dropOff: { lat: 48, lon: 7.13 } })

    expect(far.status).toBe(422)
    expect(await problemOf(far)).toMatchObject({ code: 'order.too-far', field: '/dropOff', limit: 8_000 })
  })
})

describe("a customer's orders", () => {
  it("are its own alone: another's is unknown, and an operator sees all", async () => {
    const { orderId } = await orderOf(await placeOrder())

    expect((await call(annaCalls, 'GET', `/v1/orders/${orderId}`)).status).toBe(200)
    expect((await call(benCalls, 'GET', `/v1/orders/${orderId}`)).status).toBe(404)
    expect((await call(benCalls, 'POST', `/v1/orders/${orderId}/cancellation`)).status).toBe(404)
    expect((await call(benCalls, 'POST', `/v1/orders/${orderId}/receipt`, { json: { came: true } })).status).toBe(404)
    expect((await call(operatorCalls, 'GET', `/v1/orders/${orderId}`)).status).toBe(200)
  })

  it('are listed newest first within a limit, and no longer a list than that', async () => {
    const carla: Caller = { ...annaCalls, sub: ben }
    const list = OrdersReply.parse(await (await call(carla, 'GET', '/v1/orders?limit=1')).json())

    expect(list.items.length).toBe(1)
    expect((await call(carla, 'GET', '/v1/orders?limit=0')).status).toBe(400)
  })

  it('are unknown where there are none, by an id that could be one', async () => {
    expect((await call(annaCalls, 'GET', '/v1/orders/ord_none')).status).toBe(404)
    expect((await call(annaCalls, 'GET', '/v1/orders/none')).status).toBe(400)
  })
})

describe('asking for a change', () => {
  it('answers 202 to a cancellation, which is then on its way', async () => {
    const { orderId } = await orderOf(await placeOrder())

    const response = await call(annaCalls, 'POST', `/v1/orders/${orderId}/cancellation`)

    expect(response.status).toBe(202)
    expect(await orderOf(response)).toMatchObject({ status: 'cancelling' })
  })

  it("refuses the recipient's word before any hand-over, and takes it when the order is undecided", async () => {
    const { orderId } = await orderOf(await placeOrder())
    const say = (came: unknown) => call(annaCalls, 'POST', `/v1/orders/${orderId}/receipt`, { json: { came } })

    expect((await say(true)).status).toBe(409)
    expect((await say('yes')).status).toBe(400)
    for (const word of [news.assigned(), news.departed(), news.undecided()]) {
      await orders.handle(OrderId.parse(orderId), word, { atMs, correlationId: 'c', causationId: 'm' })
    }
    expect((await say(true)).status).toBe(202)
  })

  it('needs a token', async () => {
    const response = await fetch(`http://127.0.0.1:${http.port}/v1/orders`)

    expect([response.status, (await problemOf(response)).code]).toEqual([401, 'auth.missing'])
  })
})

describe('whoever holds a tracking link', () => {
  it('reads its one order and states its receipt, and nothing else', async () => {
    const { orderId } = await orderOf(await placeOrder())
    const other = await orderOf(await placeOrder())
    const recipient: Caller = { role: 'recipient', sub: orderId }
    const json = { came: true }
    const receipt = (id: string) => call(recipient, 'POST', `/v1/orders/${id}/receipt`, { json })

    expect((await orderOf(await call(recipient, 'GET', `/v1/orders/${orderId}`))).orderId).toBe(orderId)
    expect(await problemOf(await receipt(orderId))).toMatchObject({ code: 'order.illegal-move' }) // It may, but it is too soon.

    expect((await call(recipient, 'GET', `/v1/orders/${other.orderId}`)).status).toBe(404)
    expect(await problemOf(await receipt(other.orderId))).toMatchObject({ status: 404, code: 'order.unknown' })
    const forbidden = [
      call(recipient, 'POST', '/v1/orders', { json: body, key: randomUUID() }),
      call(recipient, 'GET', '/v1/orders'),
      call(recipient, 'GET', `/v1/orders/${orderId}/history`),
      call(recipient, 'POST', `/v1/orders/${orderId}/cancellation`),
    ]
    expect((await Promise.all(forbidden)).map(({ status }) => status)).toEqual([403, 403, 403, 403])
  })
})
