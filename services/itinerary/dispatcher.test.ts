import { droneModel } from '@fleet/contracts/drone-model'
import { BaseId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import { planFlight } from '@fleet/geo/flight-plan'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { dispatchRound } from './dispatcher.ts'
import type { Drone } from './drone.ts'
import { type DispatchRig, openDispatch, permitRequest, racePermitWithLoss } from './testing/dispatch-rig.ts'

const sophia = BaseId.parse('bas_sophia')

let rig: DispatchRig
beforeAll(async () => {
  rig = await openDispatch()
}, 60_000)
afterAll(() => rig.close())

describe('dispatch', () => {
  it('gives a waiting order to an idle drone, and tells drone and customer in the same transaction', async () => {
    const droneId = await rig.anIdleDrone()
    const orderId = await rig.anOrder()

    await dispatchRound(rig.dispatcher)

    const flight = await rig.flightOf(orderId)
    expect(flight.droneId).toBe(droneId)
    const rows = await rig.db.outbox.rows.find({ key: { $in: [Buffer.from(orderId), Buffer.from(droneId)] } }).lean()
    expect(rows.map(({ topic }) => topic).sort()).toEqual(['deliveries', 'itineraries'])
    await rig.forgetDrones()
  })

  it('gives one drone one order, though two dispatchers run at once', async () => {
    await rig.anIdleDrone()
    const orders = await Promise.all(Array.from({ length: 4 }, () => rig.anOrder()))

    await Promise.all([dispatchRound(rig.dispatcher), dispatchRound(rig.dispatcher), dispatchRound(rig.dispatcher)])

    const states = await Promise.all(orders.map(rig.store.flightsOf))
    expect(states.map(({ status }) => status).sort()).toEqual(['assigned', 'waiting', 'waiting', 'waiting'])
    await rig.forgetDrones()
  })

  it('reads the drones that are idle, and no others', async () => {
    const { store, atMs } = rig
    const idle = await rig.aDrone({})
    const others: Partial<Drone>[] = [
      { health: 'suspect' },
      { health: 'grounded' },
      { revoked: true },
      { held: true },
      { heard: null },
      { heard: { boot: 1, landed: false, place: { lat: 43.6, lon: 7 }, batteryPct: 100, atMs } },
      {
        assignment: { itineraryId: ItineraryId.parse('itn_1'), orderId: OrderId.parse('ord_1'), epoch: Epoch.parse(1) },
      },
      { baseId: BaseId.parse('bas_antibes') },
    ]
    for (const other of others) await rig.aDrone(other)

    expect((await store.idleDrones([sophia])).map(({ droneId }) => droneId)).toEqual([idle])
    await rig.forgetDrones()
  })

  it.each([
    ['flies', { heard: null }, true],
    ['is grounded', { health: 'grounded' }, false],
    ['is revoked', { revoked: true }, false],
  ] as const)('says whether a base has a drone that could ever fly: one that %s', async (_, drone, could) => {
    await rig.aDrone(drone)

    expect((await rig.store.crewedBases([sophia, BaseId.parse('bas_cannes')])).has(sophia)).toBe(could)
    expect((await rig.store.crewedBases([BaseId.parse('bas_cannes')])).size).toBe(0)
    await rig.forgetDrones()
  })

  it('says what an order waits for, once', async () => {
    const orderId = await rig.anOrder()

    await dispatchRound(rig.dispatcher)
    await dispatchRound(rig.dispatcher)

    expect(await rig.store.flightsOf(orderId)).toMatchObject({ status: 'waiting', waitingFor: 'no-drone-at-base' })
    const told = await rig.db.outbox.rows.find({ topic: 'deliveries', key: Buffer.from(orderId) }).lean()
    expect(told).toHaveLength(1)
  })

  it('flies an order behind hundreds of older ones that nobody can fly, and tells those what they wait for', async () => {
    await rig.forgetOrders()
    await rig.anIdleDrone()
    const older = UnixMs.parse(rig.atMs - 1)
    const tooHeavy = await Promise.all(
      Array.from({ length: 250 }, () => rig.anOrder({ weightG: 100_000, placedAtMs: older })),
    )
    const orderId = await rig.anOrder()

    const goOnAfter = await dispatchRound(rig.dispatcher)
    expect(await rig.store.flightsOf(orderId)).toMatchObject({ status: 'waiting', waitingFor: null })
    expect(await dispatchRound(rig.dispatcher, goOnAfter)).toBeNull()

    expect(await rig.store.flightsOf(orderId)).toMatchObject({ status: 'assigned' })
    const others = await Promise.all(tooHeavy.map(rig.store.flightsOf))
    expect(new Set(others.map((one) => one.status === 'waiting' && one.waitingFor))).toEqual(
      new Set(['no-drone-at-base']),
    )
    await rig.forgetDrones()
    await rig.forgetOrders()
  })

  it('gives the oldest order the only drone, wherever the look behind the oldest goes on', async () => {
    await rig.anIdleDrone()
    const orders = []
    for (let n = 0; n < 150; n += 1) orders.push(await rig.anOrder({ placedAtMs: UnixMs.parse(rig.atMs - 150 + n) }))
    const [first] = orders
    if (first === undefined) throw new Error('no order')

    await dispatchRound(rig.dispatcher, { placedAtMs: UnixMs.parse(rig.atMs - 50), orderId: first })

    expect(await rig.store.flightsOf(first)).toMatchObject({ status: 'assigned' })
    await rig.forgetDrones()
    await rig.forgetOrders()
  })

  it.each([
    ['after it was read for the round', 'crewedBases'],
    ['after the flight was about to be written', 'saveDrone'],
  ] as const)('flies nobody through a zone that is published %s', async (_, step) => {
    await rig.anIdleDrone()
    const orderId = await rig.anOrder()
    const zone = rig.aZoneOnTheWay()
    let published = 0
    const publish = async () => {
      published++
      await rig.db.transact((tx) => rig.store.addZone(zone, rig.cause, tx))
    }
    const store = {
      ...rig.store,
      crewedBases: async (...args: Parameters<typeof rig.store.crewedBases>) => {
        if (step === 'crewedBases') await publish()
        return rig.store.crewedBases(...args)
      },
      saveDrone: async (...args: Parameters<typeof rig.store.saveDrone>) => {
        if (step === 'saveDrone') await publish()
        return rig.store.saveDrone(...args)
      },
    }

    await dispatchRound({ ...rig.dispatcher, store })

    expect(published).toBe(1)
    expect(await rig.store.flightsOf(orderId)).toMatchObject({ status: 'waiting', flights: 0 })
    await rig.db.transact((tx) => rig.store.withdrawZone(zone.zoneId, rig.cause, tx))
    await rig.forgetDrones()
    await rig.forgetOrders()
  })

  it('keeps a charging drone for an order that has long waited for the charge, and gives it to the next one before', async () => {
    await rig.forgetOrders()
    const needed = (weightG: number) => planFlight(droneModel, { distanceM: 800, weightG }).batteryNeededPct
    const batteryPct = (needed(100) + needed(2_500)) / 2
    const heard = { boot: 1, landed: true, place: rig.home, batteryPct, atMs: rig.atMs }
    await rig.aDrone({ heard })
    const dispatcher = { ...rig.dispatcher, waitMsMax: 3_600_000 }
    const heavy = await rig.anOrder({ weightG: 2_500, placedAtMs: UnixMs.parse(rig.atMs - 300_000) })
    const light = await rig.anOrder({ weightG: 100 })

    await dispatchRound(dispatcher)
    expect(await rig.store.flightsOf(heavy)).toMatchObject({ status: 'waiting', waitingFor: 'no-charged-drone' })
    expect(await rig.store.flightsOf(light)).toMatchObject({ status: 'waiting', waitingFor: 'no-idle-drone' })

    const chargedAtMs = UnixMs.parse(
      Math.ceil(rig.atMs + ((needed(2_500) - batteryPct) / droneModel.chargePctPerS) * 1_000),
    )
    await dispatchRound({ ...dispatcher, worldNow: () => chargedAtMs })
    expect(await rig.store.flightsOf(heavy)).toMatchObject({ status: 'assigned' })
    await rig.forgetDrones()
    await rig.forgetOrders()

    await rig.aDrone({ heard })
    const young = await rig.anOrder({ weightG: 2_500, placedAtMs: UnixMs.parse(rig.atMs - 299_999) })
    const next = await rig.anOrder({ weightG: 100 })
    await dispatchRound(dispatcher)
    expect(await rig.store.flightsOf(young)).toMatchObject({ status: 'waiting' })
    expect(await rig.store.flightsOf(next)).toMatchObject({ status: 'assigned' })
    await rig.forgetDrones()
    await rig.forgetOrders()
  })

  it('keeps one drone a base, however many orders have long waited for charge', async () => {
    await rig.forgetOrders()
    const heard = { boot: 1, landed: true, place: rig.home, batteryPct: 45, atMs: rig.atMs }
    for (let n = 0; n < 2; n += 1) {
      await rig.aDrone({ heard })
      await rig.anOrder({ weightG: 2_500, placedAtMs: UnixMs.parse(rig.atMs - 300_000) })
    }
    const light = await rig.anOrder({ weightG: 100 })

    await dispatchRound({ ...rig.dispatcher, waitMsMax: 3_600_000 })

    expect(await rig.store.flightsOf(light)).toMatchObject({ status: 'assigned' })
    expect(await rig.store.countOpen()).toEqual(
      expect.arrayContaining([
        { status: 'waiting', count: 2 },
        { status: 'assigned', count: 1 },
      ]),
    )
    await rig.forgetDrones()
    await rig.forgetOrders()
  })

  it('fails an order that has waited past the limit, with the reason', async () => {
    const orderId = await rig.anOrder()

    await dispatchRound({ ...rig.dispatcher, worldNow: () => UnixMs.parse(rig.atMs + 60_000) })

    expect(await rig.store.flightsOf(orderId)).toMatchObject({
      status: 'ended',
      how: 'failed',
      failed: 'no-drone-in-time',
    })
  })
})

it('counts the deliveries in each state, and no longer those that have ended', async () => {
  const { db, flights, atMs, cause } = rig
  await rig.forgetOrders()
  await rig.anOrder()
  const orderId = await rig.anOrder()

  await db.transact((tx) => flights.handle(orderId, { type: 'cancel', atMs }, cause, tx))

  expect(await rig.store.countOpen()).toEqual([{ status: 'waiting', count: 1 }])
  await rig.forgetOrders()
})

describe('a request for a permit', () => {
  it('leaves the answer ten seconds of its way before the drone asks anew, and half of the permit to run', () => {
    expect(droneModel.permitAskAgainMs - droneModel.permitRequestMsMax).toBeGreaterThanOrEqual(10_000)
    expect(droneModel.permitMs - droneModel.permitRequestMsMax).toBeGreaterThanOrEqual(droneModel.permitMs / 2)
  })

  it('that is read so late that the drone asks anew before its answer counts as lost, and the next is granted', async () => {
    const { db, flights, store } = rig
    await rig.anIdleDrone()
    const orderId = await rig.anOrder()
    await dispatchRound(rig.dispatcher)
    const flight = await rig.flightOf(orderId)
    const ask = (n: number, ageMs: number) =>
      db.transact((tx) => flights.takeReport(permitRequest(orderId, flight, n), tx, { ageMs }))

    await ask(1, droneModel.permitRequestMsMax + 1)
    expect(await store.flightsOf(orderId)).toMatchObject({ status: 'assigned', permit: null })

    await ask(2, droneModel.permitRequestMsMax)
    expect(await store.flightsOf(orderId)).toMatchObject({ permit: { permitRequestId: 'prq_2', time: 'running' } })
    await rig.forgetDrones()
  })
})

describe('a permit that races with the loss of its drone', () => {
  it('leaves the order undecided or given away, and never a permit on an order that was given away', async () => {
    const wins = await racePermitWithLoss(rig, 30)

    expect([...wins.values()].reduce((sum, count) => sum + count, 0)).toBe(30)
  }, 120_000)
})
