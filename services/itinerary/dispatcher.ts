/** Gives waiting orders to idle drones, tells what they wait for, and gives up those that have waited too long. */
import { droneModel } from '@fleet/contracts/drone-model'
import type { BaseId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import type { Database } from '@fleet/messaging/database'
import { type DeliveryCommand, decide } from './decide.ts'
import type { Waiting, WaitingPlace } from './delivery.ts'
import { type Choice, chooseDrone, crossesZone } from './dispatch.ts'
import { type Drone, isIdle } from './drone.ts'
import type { Flights } from './flights.ts'
import type { ItineraryStore } from './store.ts'

/** A round looks at so many of the oldest orders, and at as many of those after them. */
const lookMax = 100

/**
 * An order that has waited so long, in world milliseconds, and lacks charge has a drone kept for it, one a base: a busy base sends
 * its drones out again with what a near and light order takes, and none would ever have what a far and heavy one does.
 */
const keepAfterMs = 300_000

export type DispatcherOptions = {
  db: Pick<Database, 'transact'>
  store: ItineraryStore
  flights: Flights
  worldNow: () => UnixMs
  newItineraryId: () => ItineraryId
  /** How long an order waits for a drone before it fails, in world milliseconds. */
  waitMsMax: number
}

/** The oldest orders, who are served first, and some of those behind them, since the oldest may all wait for what a base lacks. */
async function waitingNow(store: Pick<ItineraryStore, 'waitingDeliveries'>, goOnAfter: WaitingPlace | null) {
  const oldest = await store.waitingDeliveries(lookMax)
  const last = oldest[lookMax - 1]
  if (last === undefined) return { waiting: oldest, goOnAfter: null }
  const after = goOnAfter !== null && isLater(goOnAfter, last) ? goOnAfter : last
  const further = await store.waitingDeliveries(lookMax, after)
  return { waiting: [...oldest, ...further], goOnAfter: further[lookMax - 1] ?? null }
}

const isLater = (a: WaitingPlace, b: WaitingPlace) =>
  a.placedAtMs === b.placedAtMs ? a.orderId > b.orderId : a.placedAtMs > b.placedAtMs

/**
 * One round of dispatch, which gives where the next is to go on behind the oldest orders (null: right after them). Bases
 * have their flights written side by side, each base its own one after the other: every flight writes its base. Two
 * instances may run a round at once: the documents' versions let one of them win.
 */
export async function dispatchRound(
  options: DispatcherOptions,
  from: WaitingPlace | null = null,
): Promise<WaitingPlace | null> {
  const { db, store, flights, worldNow, waitMsMax } = options
  const { waiting, goOnAfter } = await waitingNow(store, from)
  if (waiting.length === 0) return null
  const [bases, zones] = await Promise.all([store.bases(), store.zones()])
  const baseIds = bases.map(({ baseId }) => baseId)
  const [drones, crewed] = await Promise.all([store.idleDrones(baseIds), store.crewedBases(baseIds)])
  const free = new Map<string, Drone>(drones.map((drone) => [drone.droneId, drone]))

  const atMs = worldNow()
  const keeping = new Set<BaseId>()
  const works: { lane: string; run: () => Promise<void> }[] = []
  for (const delivery of waiting) {
    const choice = chooseDrone(delivery, {
      bases,
      zones,
      drones: [...free.values()],
      crewed,
      figures: droneModel,
      atMs,
    })
    if (choice.ok) {
      free.delete(choice.drone.droneId)
      works.push({ lane: choice.base.baseId, run: () => assign(delivery, choice, options) })
      continue
    }
    const { charging } = choice
    if (charging !== null && atMs - delivery.sinceMs >= keepAfterMs && !keeping.has(charging.baseId)) {
      keeping.add(charging.baseId)
      free.delete(charging.droneId)
    }
    const commands: DeliveryCommand[] = [
      { type: 'give-up-waiting', waitMsMax, atMs },
      { type: 'say-what-it-waits-for', waitingFor: choice.waitingFor },
    ]
    const due = commands.find((command) => decide(delivery, command).length > 0)
    const { orderId } = delivery
    if (due) {
      const run = () => db.transact((tx) => flights.handle(orderId, due, causeOf(orderId), tx))
      works.push({ lane: 'no base', run })
    }
  }
  const ended = await Promise.allSettled(
    [...Map.groupBy(works, ({ lane }) => lane).values()].map(async (inLane) => {
      for (const { run } of inLane) await run()
    }),
  )
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return goOnAfter
}

const causeOf = (orderId: OrderId) => ({ correlationId: orderId, causationId: 'dispatch' })

/** Gives `delivery` to the chosen drone, where all is still as it was when it was chosen. */
async function assign(
  delivery: Waiting,
  choice: Extract<Choice, { ok: true }>,
  { db, store, flights, worldNow, newItineraryId }: DispatcherOptions,
) {
  const atMs = worldNow()
  await db.transact(async (tx) => {
    const drone = await store.loadDrone(choice.drone.droneId, tx)
    const present = await store.loadDelivery(delivery.orderId, tx)
    const base = await store.loadBase(choice.base.baseId, tx)
    if (drone === null || !isIdle(drone.state, choice.base.place, atMs)) return
    if (base === null || base.state.paused) return
    if (present.state.status !== 'waiting' || present.state.flights !== delivery.flights) return
    if (crossesZone(choice.base.place, delivery.dropOff, await store.zones(tx))) return
    const itinerary = {
      ...itineraryFor(delivery, newItineraryId()),
      droneId: choice.drone.droneId,
      base: { baseId: choice.base.baseId, place: choice.base.place },
    }
    const { itineraryId, orderId, epoch } = itinerary
    const estimatedHandOverAtMs = UnixMs.parse(Math.round(atMs + choice.plan.handOverAfterMs))
    const order = { type: 'order-flight', itinerary, estimatedHandOverAtMs, atMs } as const
    await flights.handle(orderId, order, causeOf(orderId), tx)
    await store.saveDrone({ ...drone.state, assignment: { itineraryId, orderId, epoch } }, drone.version, tx)
    // Unchanged, but written: once a pause or a zone is confirmed, no departure follows that had not seen it.
    await store.saveBase(base.state, base.version, tx)
  })
}

const itineraryFor = (delivery: Waiting, itineraryId: ItineraryId) => ({
  itineraryId,
  orderId: delivery.orderId,
  epoch: Epoch.parse(delivery.flights + 1),
  dropOff: delivery.dropOff,
  parcel: delivery.parcel,
  cruiseHeightM: droneModel.cruiseHeightM,
  cruiseSpeedMps: droneModel.cruiseSpeedMps,
  hoverMsMax: droneModel.hoverMsMax,
})
