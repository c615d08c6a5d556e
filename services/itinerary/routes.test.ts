/** The operator's hand on bases, zones and undecided deliveries, on the real replica set. */
import { randomUUID } from 'node:crypto'
import { droneModel } from '@fleet/contracts/drone-model'
import { DeliveryHistoryReply } from '@fleet/contracts/flight-record'
import { BaseId, DroneId, ItineraryId, OrderId, PermitRequestId, ZoneId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { createHealth } from '@fleet/runtime/health'
import { type HttpServer, startHttp } from '@fleet/runtime/http'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { defaultBases } from './bases.ts'
import type { DeliveryCommand } from './decide.ts'
import { createFlights, type Flights } from './flights.ts'
import { itineraryRoutes } from './routes.ts'
import { createItineraryStore, type ItineraryStore } from './store.ts'

const atMs = UnixMs.parse(1_000_000)
const cause = { correlationId: 'c-1', causationId: 'test' }
const place = { lat: 43.6, lon: 7.05 }
const permitRequestId = PermitRequestId.parse('prq_1')

let db: Database
let store: ItineraryStore
let flights: Flights
let http: HttpServer
beforeAll(async () => {
  const infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`itinerary_routes_${randomUUID().slice(0, 8)}`))
  store = await createItineraryStore(db)
  await store.seedBases(defaultBases, { ...cause, at: atMs })
  const log = silentLog()
  const worldNow = () => atMs
  flights = createFlights({
    store,
    worldNow,
    permitMs: droneModel.permitMs,
    requestMsMax: droneModel.permitRequestMsMax,
    log,
  })
  http = await startHttp({
    host: '127.0.0.1',
    port: 0,
    routes: itineraryRoutes({ db, store, flights, worldNow }),
    // Whoever calls says what he is: tokens are another test's matter.
    authenticate: (header) =>
      header === 'operator' ? { role: 'operator', sub: 'olga' } : { code: 'auth.missing', field: 'Authorization' },
    health: createHealth(),
    log,
  })
}, 60_000)
afterAll(async () => {
  await http.close()
  await db.connection.dropDatabase()
  await db.close()
})

const call = async (method: string, path: string, json?: unknown, key: string = randomUUID()) => {
  const headers = { authorization: 'operator', 'content-type': 'application/json', 'idempotency-key': key }
  const body = json === undefined ? null : JSON.stringify(json)
  const response = await fetch(`http://127.0.0.1:${http.port}${path}`, { method, headers, body })
  return { status: response.status, body: await response.json() }
}
const told = async (topic: string, key: string) => {
  const rows = await db.outbox.rows.find({ topic, key: Buffer.from(key) }).lean()
  return rows.map(({ value }) => JSON.parse(String(value)).type)
}

describe('a base', () => {
  it('is paused and resumed, and says which it is', async () => {
    const paused = await call('POST', '/v1/bases/bas_sophia/pause')
    expect(paused).toMatchObject({ status: 200, body: { baseId: 'bas_sophia', paused: true } })
    expect((await store.bases()).filter((base) => base.paused).map(({ baseId }) => baseId)).toEqual(['bas_sophia'])

    expect(await call('POST', '/v1/bases/bas_sophia/pause')).toMatchObject({ status: 200, body: { paused: true } })
    expect(await call('POST', '/v1/bases/bas_sophia/resume')).toMatchObject({ status: 200, body: { paused: false } })
    expect(await call('POST', '/v1/bases/bas_nowhere/pause')).toMatchObject({ body: { code: 'base.unknown' } })
  })

  it('that is paused while a departure is written, makes one of the two run anew', async () => {
    const baseId = BaseId.parse('bas_antibes')
    await db.transact(async (tx) => {
      const loaded = await store.loadBase(baseId, tx)
      if (loaded === null) throw new Error('no base')
      await store.saveBase(loaded.state, loaded.version, tx)
      await expect(store.saveBase(loaded.state, loaded.version, tx)).rejects.toThrow('changed meanwhile')
    })
  })
})

describe('a no-fly zone', () => {
  it('is published with the answer, listed, and withdrawn', async () => {
    const outline = [place, { lat: 43.61, lon: 7.05 }, { lat: 43.61, lon: 7.06 }]
    const made = await call('POST', '/v1/zones', { name: 'school', outline })
    expect(made).toMatchObject({ status: 201, body: { name: 'school', outline } })
    const { zoneId } = z.object({ zoneId: ZoneId }).parse(made.body)
    expect((await call('GET', '/v1/zones')).body).toEqual({ items: [{ zoneId, name: 'school', outline }] })

    expect(await call('DELETE', `/v1/zones/${zoneId}`)).toMatchObject({ status: 200 })
    expect(await call('DELETE', `/v1/zones/${zoneId}`)).toMatchObject({ status: 404, body: { code: 'zone.unknown' } })
    expect(await told('airspace', zoneId)).toEqual(['zone.published', 'zone.withdrawn'])
  })

  it('is made once by a request that is sent again, also after it was withdrawn; another one under its key is refused', async () => {
    const outline = [place, { lat: 43.61, lon: 7.05 }, { lat: 43.61, lon: 7.06 }]
    const make = (name: string) => call('POST', '/v1/zones', { name, outline }, 'zone-once')
    const made = await make('fair')
    const { zoneId } = z.object({ zoneId: ZoneId }).parse(made.body)

    expect(await make('fair')).toEqual(made)
    expect(await make('circus')).toMatchObject({ status: 422, body: { code: 'idempotency.key-reused' } })
    await call('DELETE', `/v1/zones/${zoneId}`)
    expect(await make('fair')).toEqual(made)

    expect((await call('GET', '/v1/zones')).body).toEqual({ items: [] })
    expect(await told('airspace', zoneId)).toEqual(['zone.published', 'zone.withdrawn'])
  })

  it('is refused with two corners', async () => {
    expect((await call('POST', '/v1/zones', { name: 'line', outline: [place, place] })).status).toBe(400)
  })
})

describe('the closure of a delivery', () => {
  const note = 'the drone lies in the sea'
  const close = (orderId: string) => call('POST', `/v1/deliveries/${orderId}/closure`, { note })

  it('is refused while the permit may run, then done once, with the note', async () => {
    const orderId = OrderId.parse(`ord_${randomUUID().replaceAll('-', '')}`)
    const flight = {
      orderId,
      epoch: Epoch.parse(1),
      itineraryId: ItineraryId.parse('itn_1'),
      droneId: DroneId.parse('drn_1'),
    }
    const job = { orderId, dropOff: place, parcel: { weightG: 500 } }
    const base = { baseId: BaseId.parse('bas_sophia'), place }
    const itinerary = { ...flight, ...job, base, cruiseHeightM: 80, cruiseSpeedMps: 20, hoverMsMax: 300_000 }
    const commands: DeliveryCommand[] = [
      { type: 'open', ...job, placedAtMs: atMs, atMs },
      { type: 'order-flight', itinerary, estimatedHandOverAtMs: atMs, atMs },
      {
        type: 'permit.requested',
        report: { ...flight, boot: 1, permitRequestId, place, heightM: 4 },
        drone: { boot: 1, grounded: false, revoked: false, permitMs: 60_000 },
        atMs,
      },
      { type: 'lose-drone', droneId: flight.droneId, reason: 'drone-grounded', atMs },
    ]
    expect(await close(orderId)).toMatchObject({ status: 404, body: { code: 'order.unknown' } })
    for (const command of commands) await db.transact((tx) => flights.handle(orderId, command, cause, tx))

    expect(await close(orderId)).toMatchObject({ status: 409, body: { code: 'delivery.permit-running' } })
    await db.transact((tx) => flights.handle(orderId, { type: 'run-permit-out', permitRequestId }, cause, tx))
    expect(await close(orderId)).toMatchObject({ status: 200, body: { failed: 'closed-by-operator', note } })
    expect(await close(orderId)).toMatchObject({ status: 200 })
    expect((await told('deliveries', orderId)).filter((type) => type === 'delivery.failed')).toHaveLength(1)

    const history = DeliveryHistoryReply.parse((await call('GET', `/v1/deliveries/${orderId}/history`)).body)
    expect(history.flights).toMatchObject([{ epoch: 1, droneId: flight.droneId, until: null, parcel: 'unknown' }])
    expect(history.items.map(({ type }) => type)).toEqual([
      'delivery.opened',
      'delivery.assigned',
      'itinerary.assigned',
      'permit.granted',
      'delivery.undecided',
      'permit.ran-out',
      'delivery.failed',
      'itinerary.recalled',
    ])
    expect(await call('GET', '/v1/deliveries/ord_none/history')).toMatchObject({ body: { code: 'order.unknown' } })
  })
})
