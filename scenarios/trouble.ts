/**
 * What scenarios of failing drones share: drones that carry an order, a fault given to one, what the fleet then did about it and when.
 * Times are read from the product's own records, in world time; real time is that by the world's speed.
 */
import assert from 'node:assert/strict'
import { DroneHistoryReply, OrderRecordReply, type RecordedFlight } from '@fleet/contracts/flight-record'
import type { DroneId, OrderId } from '@fleet/contracts/ids'
import {
  BasesReply,
  DroneHealthReply,
  DroneHealthsReply,
  DronesReply,
  FleetCommandReply,
  HealthAlertsReply,
  ProblemReply,
} from '@fleet/contracts/rest'
import type { Place, UnixMs } from '@fleet/contracts/units'
import type { FaultOrder } from '@fleet/drone-sim/faults'
import { destination } from '@fleet/geo/distance'
import type { FollowedOrder } from './customer.ts'
import type { Stage } from './stage.ts'

/** World seconds: long enough for silence to be told from a broker's failover at any speed, and for two reboots. */
export const troubleWorldS = 600
const releaseWorldS = 1_800

type Health = DroneHealthReply['status']

/** A drop point `way` from `place`, in as many digits as an order may have. */
export function dropOffFrom(place: Place, way: { bearingDeg: number; distanceM: number }): Place {
  const { lat, lon } = destination(place, way)
  return { lat: Number(lat.toFixed(7)), lon: Number(lon.toFixed(7)) }
}

/** The bases at which at least `count` drones may fly, with how many. Refuses where there is none. */
export async function basesWith({ get }: Stage, count: number) {
  const bases = BasesReply.parse((await get('/v1/bases')).body).items
  const drones = DronesReply.parse((await get('/v1/drones')).body).items
  const { items } = DroneHealthsReply.parse((await get('/v1/health/drones')).body)
  const well = new Set(items.filter(({ status }) => status === 'healthy').map(({ droneId }) => droneId))
  // The drone that nobody simulates belongs to a host of its own, and flies nothing.
  const flying = drones.filter(({ droneId, hostId }) => well.has(droneId) && hostId !== 'host-spare')
  const found = bases
    .map((base) => ({ base, drones: flying.filter(({ baseId }) => baseId === base.baseId).length }))
    .filter((one) => one.drones >= count)
    .toSorted((a, b) => b.drones - a.drones)
  assert(found.length > 0, `no base has ${count} healthy drones left: start the stack anew`)
  return found
}

export type Carried = { order: FollowedOrder; droneId: DroneId; epoch: number }

/** Orders, each `distanceM` metres from the base with the most drones, in another direction; and the drones that took off with them. */
export async function flyOrders(stage: Stage, count: number, distanceM: number): Promise<Carried[]> {
  const bases = await basesWith(stage, 1)
  const orders: FollowedOrder[] = []
  for (let index = 0; index < count; index += 1) {
    const { base } = bases[index % bases.length] ?? assert.fail('no base')
    orders.push(await stage.customer.order(dropOffFrom(base.place, { bearingDeg: 200 + 37 * index, distanceM })))
  }
  return Promise.all(
    orders.map(async (order) => {
      const { flight } = await order.reaches('in-flight')
      assert(flight, `${order.id} is in flight, and the customer reads of no flight`)
      return { order, droneId: flight.droneId, epoch: flight.epoch }
    }),
  )
}

/** One such order. */
export async function flyOrder(stage: Stage, distanceM: number): Promise<Carried> {
  const [carried] = await flyOrders(stage, 1, distanceM)
  return carried ?? assert.fail('no order')
}

/** Gives `droneId` a fault; what `told` tells begins here. */
export async function breakDrone(stage: Stage, droneId: DroneId, ...faults: Omit<FaultOrder, 'droneId'>[]) {
  const sinceMs = stage.clock.worldNow()
  for (const fault of faults) await stage.inflict({ droneId, ...fault })
  return troubleOf(stage, droneId, sinceMs)
}

export type Trouble = {
  /** Waits until its health has been `to` since the fault, and gives that change, with its evidence. */
  comesTo(...to: Health[]): Promise<DroneHistoryReply['health'][number]>
  /** Everything since the fault. */
  history(): Promise<DroneHistoryReply>
  /** The timings: detection, command sent, acknowledged, done, recovered or grounded; of each the first. */
  timings(): Promise<string>
}

export function troubleOf(stage: Stage, droneId: DroneId, sinceMs: UnixMs): Trouble {
  const history = async () => {
    const { status, body } = await stage.get(`/v1/drones/${droneId}/history?from=${new Date(sinceMs).toISOString()}`)
    assert.equal(status, 200, JSON.stringify(body))
    return DroneHistoryReply.parse(body)
  }
  return {
    history,
    comesTo: (...to) =>
      stage.until(`${droneId} to be ${to.join(' or ')}`, troubleWorldS, async () =>
        (await history()).health.find((change) => to.includes(change.to)),
      ),
    timings: async () => {
      const { health, commands } = await history()
      const steps = commands.flatMap((command) => command.steps.map(({ status, at }) => ({ what: status, at })))
      const of = (list: readonly { at: string }[]) => list[0]?.at
      const named: [string, string | undefined][] = [
        ['detected', of(health.filter(({ from }) => from === 'healthy'))],
        ['command sent', of(steps.filter(({ what }) => what === 'sent'))],
        ['acknowledged', of(steps.filter(({ what }) => what === 'acknowledged'))],
        ['recovered', of(health.filter(({ to }) => to === 'healthy'))],
        ['grounded', of(health.filter(({ to }) => to === 'grounded'))],
      ]
      const known = named.flatMap(([what, at]) => (at === undefined ? [] : [`${what} ${after(stage, sinceMs, at)}`]))
      return known.join(', ')
    },
  }
}

/** How long after `sinceMs` it was, in world time and real time. */
export function after({ info }: Pick<Stage, 'info'>, sinceMs: number, at: string): string {
  const worldS = (Date.parse(at) - sinceMs) / 1_000
  return `+${worldS.toFixed(1)} s (${(worldS / info().world.speed).toFixed(1)} s real)`
}

/** The order's flight record, without positions. */
export async function recordOf({ get }: Pick<Stage, 'get'>, orderId: OrderId): Promise<OrderRecordReply> {
  const { status, body } = await get(`/v1/orders/${orderId}/record?positions=0`)
  assert.equal(status, 200, JSON.stringify(body))
  return OrderRecordReply.parse(body)
}

export async function flightOf(stage: Pick<Stage, 'get'>, { order, epoch }: Carried): Promise<RecordedFlight> {
  const flight = (await recordOf(stage, order.id)).flights.find((one) => one.epoch === epoch)
  return flight ?? assert.fail(`the record of ${order.id} has no flight of epoch ${epoch}`)
}

/** Waits until another drone flies the order, under a later epoch, and gives what the customer reads. */
export const reassigned = (stage: Stage, { order, droneId, epoch }: Carried) =>
  stage.until(`${order.id} to be given to another drone`, troubleWorldS, async () => {
    const now = order.latest()
    return now.flight !== null && now.flight.epoch > epoch && now.flight.droneId !== droneId && now
  })

export const alertsOf = async ({ get }: Pick<Stage, 'get'>): Promise<HealthAlertsReply> =>
  HealthAlertsReply.parse((await get('/v1/health/alerts')).body)

/** The one hand-over of the order's parcels, and which drones brought theirs home. */
export function parcelsOf({ ledgerOf }: Pick<Stage, 'ledgerOf'>, orderId: OrderId) {
  const entries = ledgerOf(orderId)
  const of = (wanted: (typeof entries)[number]['event']) =>
    entries.filter(({ event }) => event === wanted).map(({ droneId, epoch }) => ({ droneId, epoch }))
  return { handedOver: of('handed-over'), broughtHome: of('brought-home'), lost: of('lost') }
}

/** The operator releases a grounded drone, as soon as it passes its self-check: at its base, lately heard, well. */
export async function release(stage: Stage, droneId: DroneId): Promise<string> {
  let refusedFor = 'nothing'
  const { status } = await stage.until(`${droneId} to pass its self-check`, releaseWorldS, async () => {
    const { status, body } = await stage.post(`/v1/drones/${droneId}/release`, { note: 'looked at after a scenario' })
    if (status === 200) return DroneHealthReply.parse(body)
    refusedFor = String(ProblemReply.parse(body).value)
    return undefined
  })
  assert.equal(status, 'healthy')
  return `refused before for: ${refusedFor}`
}

/** One command to every drone, and waits until each part has its outcome. */
export async function commandFleet(stage: Stage, kind: 'hold' | 'resume', worldS: number): Promise<FleetCommandReply> {
  const { status, body } = await stage.post('/v1/fleet/commands', { kind, ttlMs: 600_000 })
  assert.equal(status, 201, JSON.stringify(body))
  const { commandId } = FleetCommandReply.parse(body)
  return stage.until(`the fleet to ${kind}`, worldS, async () => {
    const now = FleetCommandReply.parse((await stage.get(`/v1/fleet/commands/${commandId}`)).body)
    // Nobody simulates the spare drone: it answers nothing.
    return now.done >= now.total - 1 && now
  })
}
