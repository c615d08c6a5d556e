/** For tests on the real replica set: the itinerary service's parts over a database of their own, with orders and drones to dispatch. */
import { randomUUID } from 'node:crypto'
import { droneModel } from '@fleet/contracts/drone-model'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, DroneId, HostId, ItineraryId, MessageId, OrderId, PermitRequestId, ZoneId } from '@fleet/contracts/ids'
import { type Epoch, UnixMs } from '@fleet/contracts/units'
import { destination } from '@fleet/geo/distance'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { openDatabase } from '@fleet/messaging/database'
import { silentLog } from '@fleet/runtime/log'
import { defaultBases } from '../bases.ts'
import { type DispatcherOptions, dispatchRound } from '../dispatcher.ts'
import { type Drone, enrolled } from '../drone.ts'
import { createFlights } from '../flights.ts'
import { createItineraryStore } from '../store.ts'

const atMs = UnixMs.parse(1_000_000)
const cause = { correlationId: 'c-1', causationId: 'http', at: atMs }
const baseId = BaseId.parse('bas_sophia')
const home = { lat: 43.6163, lon: 7.0552 }
const near = destination(home, { bearingDeg: 45, distanceM: 800 })
const fresh = () => randomUUID().replaceAll('-', '')

export type DispatchRig = Awaited<ReturnType<typeof openDispatch>>

/** Time stands still at `atMs`. */
export async function openDispatch() {
  const infra = await testInfrastructure()
  const db = await openDatabase(infra.mongoUri(`itinerary_${fresh().slice(0, 8)}`))
  const store = await createItineraryStore(db)
  const flights = createFlights({
    store,
    worldNow: () => atMs,
    permitMs: droneModel.permitMs,
    requestMsMax: droneModel.permitRequestMsMax,
    log: silentLog(),
  })
  const newItineraryId = () => ItineraryId.parse(`itn_${fresh()}`)
  const dispatcher: DispatcherOptions = { db, store, flights, worldNow: () => atMs, newItineraryId, waitMsMax: 60_000 }
  await store.seedBases(defaultBases, cause)

  /** An idle drone, but for `more`. */
  const aDrone = async (more: Partial<Drone>): Promise<DroneId> => {
    const droneId = DroneId.parse(`drn_${fresh()}`)
    const entry = { droneId, name: 'x', hostId: HostId.parse('host-x'), keyVersion: 1, baseId, enrolledAtMs: atMs }
    const heard = { boot: 1, landed: true, place: home, batteryPct: 100, atMs }
    await db.transact((tx) => store.saveDrone({ ...enrolled(entry), heard, ...more }, null, tx))
    return droneId
  }

  return {
    atMs,
    home,
    cause,
    db,
    store,
    flights,
    dispatcher,
    /** A waiting order, which any idle drone can fly but for `more`. */
    anOrder: async ({ weightG = 500, placedAtMs = atMs } = {}): Promise<OrderId> => {
      const orderId = OrderId.parse(`ord_${fresh()}`)
      const open = { type: 'open' as const, orderId, dropOff: near, parcel: { weightG }, placedAtMs, atMs }
      await db.transact((tx) => flights.handle(orderId, open, cause, tx))
      return orderId
    },
    anIdleDrone: () => aDrone({}),
    aDrone,
    /** One that an order of this rig is flown through. */
    aZoneOnTheWay: () => ({
      zoneId: ZoneId.parse(`zon_${fresh()}`),
      name: 'on the way',
      outline: [0, 120, 240].map((bearingDeg) =>
        destination(destination(home, { bearingDeg: 45, distanceM: 400 }), { bearingDeg, distanceM: 100 }),
      ),
    }),
    flightOf: async (orderId: OrderId) => {
      const delivery = await store.flightsOf(orderId)
      if (delivery.status !== 'assigned') throw new Error(`${orderId} is ${delivery.status}`)
      return delivery.flight
    },
    /** Takes all drones out of the next test's way. */
    forgetDrones: async () => void (await db.connection.collection('drones').deleteMany({})),
    forgetOrders: async () => void (await db.connection.collection('deliveries').deleteMany({})),
    close: async () => {
      await db.connection.dropDatabase()
      await db.close()
    },
  }
}

export const permitRequest = (
  orderId: OrderId,
  flight: { droneId: DroneId; itineraryId: ItineraryId; epoch: Epoch },
  n: number,
): DroneReport => ({
  id: MessageId.parse(`msg_${fresh()}`),
  type: 'permit.requested',
  version: 1,
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

/**
 * A drone asks for its permit while it is given up, `rounds` times, and how often each won, by the state that its order came to.
 * Throws where both did: a permit on an order that may be given away, or none on one that may not.
 */
export async function racePermitWithLoss(rig: DispatchRig, rounds: number): Promise<ReadonlyMap<string, number>> {
  const { db, flights, store } = rig
  const wins = new Map<string, number>()
  for (let round = 1; round <= rounds; round += 1) {
    const droneId = await rig.anIdleDrone()
    const orderId = await rig.anOrder()
    await dispatchRound(rig.dispatcher)
    const flight = await rig.flightOf(orderId)
    const ask = () => db.transact((tx) => flights.takeReport(permitRequest(orderId, flight, round), tx, { ageMs: 0 }))
    const loss = { type: 'lose-drone', droneId, reason: 'drone-silent', atMs } as const
    const lose = () => db.transact((tx) => flights.handle(orderId, loss, cause, tx))
    // Whoever begins is the more likely winner.
    await Promise.all(round % 2 === 0 ? [ask(), lose()] : [lose(), ask()])

    const rows = await db.outbox.rows.find({ topic: 'itineraries', key: Buffer.from(droneId) }).lean()
    const told = rows.map(({ value }) => JSON.parse(String(value)).type)
    const { status } = await store.flightsOf(orderId)
    const [granted, refused] = [told.includes('permit.granted'), told.includes('permit.refused')]
    const oneWon = status === 'undecided' ? granted && !refused : status === 'waiting' && refused && !granted
    if (!oneWon) throw new Error(`round ${round}: ${orderId} is ${status}, its drone was told ${told.join(', ')}`)
    wins.set(status, (wins.get(status) ?? 0) + 1)
    await db.transact((tx) => flights.handle(orderId, { type: 'cancel', atMs }, cause, tx))
    await rig.forgetDrones()
  }
  return wins
}
