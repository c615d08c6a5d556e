import { randomUUID } from 'node:crypto'
import { droneModel } from '@fleet/contracts/drone-model'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, DroneId, HostId, ItineraryId, MessageId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import { type Epoch, UnixMs } from '@fleet/contracts/units'
import { destination } from '@fleet/geo/distance'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { type Database, openDatabase } from '@fleet/messaging/database'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import pino from 'pino'
import { defaultBases } from './bases.ts'
import { type DispatcherOptions, dispatchRound } from './dispatcher.ts'
import { enrolled } from './drone.ts'
import { createFlights, type Flights } from './flights.ts'
import { createItineraryStore, type ItineraryStore } from './store.ts'

const atMs = UnixMs.parse(1_000_000)
const cause = { correlationId: 'c-1', causationId: 'http' }
const baseId = BaseId.parse('bas_sophia')
const home = { lat: 43.6163, lon: 7.0552 }
const near = destination(home, { bearingDeg: 45, distanceM: 800 })

let db: Database
let store: ItineraryStore
let flights: Flights
let dispatcher: DispatcherOptions
beforeAll(async () => {
  const infra = await testInfrastructure()
  db = await openDatabase(infra.mongoUri(`itinerary_${randomUUID().slice(0, 8)}`))
  store = await createItineraryStore(db)
  const log = pino({ level: 'silent' })
  flights = createFlights({ store, worldNow: () => atMs, permitMs: droneModel.permitMs, log })
  const newItineraryId = () => ItineraryId.parse(`itn_${randomUUID().replaceAll('-', '')}`)
  dispatcher = { db, store, flights, worldNow: () => atMs, newItineraryId, waitMsMax: 60_000 }
  await store.seedBases(defaultBases, { ...cause, at: atMs })
}, 60_000)
afterAll(async () => {
  await db.connection.dropDatabase()
  await db.close()
})

const fresh = () => randomUUID().replaceAll('-', '')

async function anOrder(): Promise<OrderId> {
  const orderId = OrderId.parse(`ord_${fresh()}`)
  const open = { type: 'open' as const, orderId, dropOff: near, parcel: { weightG: 500 }, placedAtMs: atMs, atMs }
  await db.transact((tx) => flights.handle(orderId, open, cause, tx))
  return orderId
}

async function anIdleDrone(): Promise<DroneId> {
  const droneId = DroneId.parse(`drn_${fresh()}`)
  const entry = { droneId, name: 'x', hostId: HostId.parse('host-x'), keyVersion: 1, baseId, enrolledAtMs: atMs }
  const heard = { boot: 1, landed: true, place: home, batteryPct: 100, atMs }
  await db.transact((tx) => store.saveDrone({ ...enrolled(entry), heard }, null, tx))
  return droneId
}

const flightOf = async (orderId: OrderId) => {
  const delivery = await store.flightsOf(orderId)
  if (delivery.status !== 'assigned') throw new Error(`${orderId} is ${delivery.status}`)
  return delivery.flight
}

const permitRequest = (
  orderId: OrderId,
  flight: { droneId: DroneId; itineraryId: ItineraryId; epoch: Epoch },
  n: number,
): DroneReport => ({
  id: MessageId.parse(`msg_${fresh()}`),
  type: 'permit.requested',
  version: 1,
  at: atMs,
  key: flight.droneId,
  seq: n,
  ...cause,
  data: {
    droneId: flight.droneId,
    itineraryId: flight.itineraryId,
    epoch: flight.epoch,
    boot: 1,
    orderId,
    permitRequestId: PermitRequestId.parse(`prq_${n}`),
    place: near,
    heightM: 4,
  },
})

/** Takes all drones out of the other tests' way. */
const groundAll = async () => {
  for (const drone of (await store.drones()).filter(({ health }) => health !== 'grounded')) {
    await db.transact(async (tx) => {
      const loaded = await store.loadDrone(drone.droneId, tx)
      if (loaded !== null) await store.saveDrone({ ...loaded.state, health: 'grounded' }, loaded.version, tx)
    })
  }
}

describe('dispatch', () => {
  it('gives a waiting order to an idle drone, and tells drone and customer in the same transaction', async () => {
    const droneId = await anIdleDrone()
    const orderId = await anOrder()

    await dispatchRound(dispatcher)

    const flight = await flightOf(orderId)
    expect(flight.droneId).toBe(droneId)
    const rows = await db.outbox.rows.find({ key: { $in: [Buffer.from(orderId), Buffer.from(droneId)] } }).lean()
    expect(rows.map(({ topic }) => topic).sort()).toEqual(['deliveries', 'itineraries'])
    await groundAll()
  })

  it('gives one drone one order, though two dispatchers run at once', async () => {
    await anIdleDrone()
    const orders = await Promise.all(Array.from({ length: 4 }, anOrder))

    await Promise.all([dispatchRound(dispatcher), dispatchRound(dispatcher), dispatchRound(dispatcher)])

    const states = await Promise.all(orders.map(store.flightsOf))
    expect(states.map(({ status }) => status).sort()).toEqual(['assigned', 'waiting', 'waiting', 'waiting'])
    await groundAll()
  })

  it('says what an order waits for, once', async () => {
    const orderId = await anOrder()

    await dispatchRound(dispatcher)
    await dispatchRound(dispatcher)

    expect(await store.flightsOf(orderId)).toMatchObject({ status: 'waiting', waitingFor: 'no-drone-at-base' })
    const told = await db.outbox.rows.find({ topic: 'deliveries', key: Buffer.from(orderId) }).lean()
    expect(told).toHaveLength(1)
  })

  it('fails an order that has waited past the limit, with the reason', async () => {
    const orderId = await anOrder()

    await dispatchRound({ ...dispatcher, worldNow: () => UnixMs.parse(atMs + 60_000) })

    expect(await store.flightsOf(orderId)).toMatchObject({ status: 'ended', how: 'failed', failed: 'no-drone-in-time' })
  })
})

describe('a permit that races with the loss of its drone', () => {
  it('leaves the order undecided or given away, and never a permit on an order that was given away', async () => {
    const outcomes = new Map<string, number>()
    for (let round = 0; round < 30; round += 1) {
      const droneId = await anIdleDrone()
      const orderId = await anOrder()
      await dispatchRound(dispatcher)
      const flight = await flightOf(orderId)
      expect(flight.droneId).toBe(droneId)

      await Promise.all([
        db.transact((tx) => flights.takeReport(permitRequest(orderId, flight, round + 1), tx)),
        db.transact((tx) =>
          flights.handle(orderId, { type: 'lose-drone', droneId, reason: 'drone-silent', atMs }, cause, tx),
        ),
      ])

      const rows = await db.outbox.rows.find({ topic: 'itineraries', key: Buffer.from(droneId) }).lean()
      const told = rows.map(({ value }) => JSON.parse(String(value)).type)
      const { status } = await store.flightsOf(orderId)
      outcomes.set(status, (outcomes.get(status) ?? 0) + 1)
      expect(told.includes('permit.granted')).toBe(status === 'undecided')
      expect(told.includes('permit.refused')).toBe(status === 'waiting')
      await db.transact((tx) => flights.handle(orderId, { type: 'cancel', atMs }, cause, tx))
      await groundAll()
    }
    expect([...outcomes.keys()].every((status) => status === 'undecided' || status === 'waiting')).toBe(true)
  }, 120_000)
})
