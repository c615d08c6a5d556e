/** Many healthy drones in flight at once, and what is said of them: for scenarios in which nothing is wrong with any of them. */
import assert from 'node:assert/strict'
import type { DroneId, OrderId } from '@fleet/contracts/ids'
import { BasesReply, DroneHealthsReply, LatestPositionsReply, OrderReply } from '@fleet/contracts/rest'
import { seededRandom } from '@fleet/drone-sim/random'
import type { Stage } from './stage.ts'
import { dropOffFrom, troubleOf } from './trouble.ts'

const askedAtOnce = 8
/** How far from the lowest drone one must be to be in the air. */
const inAirM = 5
const takeOffWorldS = 900
/** A drone on the ground may speak once a minute. */
const standingWorldS = 120
/** Of the drones, in the air: the others charge, or are on their way to be loaded. */
const fullShare = 0.85

export type FullSky = {
  inFlight(): Promise<number>
  /** Orders for the drones that have landed. Call it now and then. */
  refill(): Promise<void>
  /** The drones of which anything was said since the sky was full. */
  accusedDrones(): Promise<DroneId[]>
  /** The same, with what was said. */
  accused(): Promise<string[]>
}

/** Orders that keep `drones` drones in the air, some kilometres out and back, and waits until they are. */
export async function fillSky(
  stage: Stage,
  drones: number,
  seed: string,
  {
    minM = 3_500,
    maxM = 5_500,
    ordersEach = 1,
  }: {
    minM?: number
    maxM?: number
    /** Orders for each drone at the beginning: with more than one, the first to come home go out again while the last have not gone yet. */
    ordersEach?: number
  } = {},
): Promise<FullSky> {
  const { customer, get, until } = stage
  const bases = BasesReply.parse((await get('/v1/bases')).body).items
  const random = seededRandom(seed, 'sky')
  /** Orders that no drone had when they were last looked at. */
  const open = new Set<OrderId>()
  let placed = 0
  const place = async (count: number) => {
    const places = Array.from({ length: count }, () => {
      const { place: from } = bases[placed++ % bases.length] ?? assert.fail('the stack has no base')
      return dropOffFrom(from, {
        bearingDeg: 360 * random(),
        distanceM: minM + (maxM - minM) * random(),
      })
    })
    await forEach(places, async (next) => void open.add(await customer.place(next)))
  }
  const altitudesM = async () =>
    LatestPositionsReply.parse((await get('/v1/fleet/positions')).body).items.map(({ altitudeM }) => altitudeM)
  // Once all of them fly, none tells any more where the ground is.
  let groundM = Number.POSITIVE_INFINITY
  const inFlight = async () => {
    const now = await altitudesM()
    groundM = Math.min(groundM, ...now)
    return now.filter((altitudeM) => altitudeM > groundM + inAirM).length
  }
  await until(`${drones} drones to say where they stand`, standingWorldS, async () => {
    return (await altitudesM()).length >= drones
  })
  await inFlight()
  /** Orders that no drone has yet. */
  const waiting = async () => {
    await forEach([...open], async (id) => {
      const { status } = OrderReply.parse((await get(`/v1/orders/${id}`)).body)
      if (status !== 'accepted') open.delete(id)
    })
    return open.size
  }
  await place(Math.round(drones * ordersEach))
  await until(`${Math.round(drones * fullShare)} drones to be in the air`, takeOffWorldS, async () => {
    return (await inFlight()) >= drones * fullShare
  })
  const sinceMs = stage.clock.worldNow()
  const before = await incidents(stage)
  const accusedDrones = async () =>
    [...(await incidents(stage))].filter(([id, count]) => count !== before.get(id)).map(([droneId]) => droneId)
  return {
    inFlight,
    refill: async () => {
      const missing = drones - (await inFlight()) - (await waiting())
      if (missing > drones * (1 - fullShare)) await place(missing)
    },
    accusedDrones,
    accused: async () => {
      const told: string[] = []
      // One after the other: hundreds at once are what the gateway sheds.
      for (const droneId of await accusedDrones()) {
        const { health } = await troubleOf(stage, droneId, sinceMs).history()
        told.push(`${droneId}: ${health.map(({ to, evidence }) => `${to} (${evidence.rule})`).join(', ')}`)
      }
      return told
    },
  }
}

/** A few at a time, since the gateway sheds hundreds at once. */
async function forEach<T>(items: readonly T[], work: (item: T) => Promise<void>) {
  const left = [...items]
  const workers = Array.from({ length: askedAtOnce }, async () => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) await work(next)
  })
  await Promise.all(workers)
}

/** How many troubles each drone has had. */
async function incidents({ get }: Stage) {
  const { items } = DroneHealthsReply.parse((await get('/v1/health/drones')).body)
  return new Map(items.map(({ droneId, incident }) => [droneId, incident]))
}

/** Lets real time pass. */
export async function passReal(
  { until }: Stage,
  seconds: number,
  meanwhile: () => Promise<void> = async () => undefined,
) {
  const dueMs = performance.now() + seconds * 1_000
  let refilledAtMs = performance.now()
  await until(`${seconds} s to pass`, seconds * 20, async () => {
    if (performance.now() - refilledAtMs > 5_000) {
      refilledAtMs = performance.now()
      await meanwhile()
    }
    return performance.now() >= dueMs
  })
}
