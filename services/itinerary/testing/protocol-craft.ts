/** For the protocol test: a drone as a value, its computer the production one, its body no more than where it is. */
import { droneModel } from '@fleet/contracts/drone-model'
import { BaseId, DroneId } from '@fleet/contracts/ids'
import { ItineraryMessage } from '@fleet/contracts/itineraries'
import { UnixMs } from '@fleet/contracts/units'
import type { Act, Drone, Instant, Outcome, Sensed } from '@fleet/drone-sim/computer'
import { courseOf, type Input, reportsAccepted, step } from '@fleet/drone-sim/drone'
import { newMemory } from '@fleet/drone-sim/memory'
import { destination, type Point } from '@fleet/geo/distance'
import type { Message } from './protocol-database.ts'

export const base = { baseId: BaseId.parse('bas_1'), place: { lat: 43.6163, lon: 7.0552 } }
const epochMs = 1_800_000_000_000

type Load = { orderId: string; itineraryId: string; epoch: number }
type Body = { place: Point; heightM: number; speedMps: number; batteryPct: number; parcel: Load | null }

export type Craft = {
  readonly drone: Drone
  readonly body: Body
  /** Decided and not done yet; `released` follows the opening of the hook. */
  readonly acts: readonly (Act | { readonly type: 'released' })[]
  /** How many of its topic's messages it was given. */
  readonly given: number
  /** Of its monotonic clock: 1 is right. */
  readonly clockRate: number
  readonly wrecked: boolean
}

export type LetGo = Load & { droneId: string; permitRequestId: string }

export const newCraft = (name: string, clockRate: number): Craft => ({
  drone: { memory: newMemory(DroneId.parse(name), base.place), computer: null },
  body: { place: base.place, heightM: 0, speedMps: 0, batteryPct: 100, parcel: null },
  acts: [],
  given: 0,
  clockRate,
  wrecked: false,
})

let lastWorldMs = UnixMs.parse(epochMs)
/** The world clock; remembers its last answer, since millions ask. */
export function worldMsAt(realMs: number): UnixMs {
  if (lastWorldMs !== epochMs + realMs) lastWorldMs = UnixMs.parse(epochMs + realMs)
  return lastWorldMs
}

const instant = (craft: Craft, realMs: number): Instant => ({
  worldMs: worldMsAt(realMs),
  elapsedMs: 1_000 + realMs * craft.clockRate,
})

const sense = ({ body }: Craft): Sensed => ({
  place: body.place,
  heightM: body.heightM,
  speedMps: body.speedMps,
  headingDeg: 0,
  batteryPct: body.batteryPct,
  onGround: body.heightM === 0,
  parcelAboard: body.parcel !== null,
})

type Fed = Input extends infer Each ? (Each extends Input ? Omit<Each, 'at' | 'sensed'> : never) : never
const after = (craft: Craft, { drone, acts }: Outcome): Craft => ({ ...craft, drone, acts: [...craft.acts, ...acts] })
const feed = (craft: Craft, input: Fed, realMs: number): Craft =>
  after(craft, step(craft.drone, { ...input, at: instant(craft, realMs), sensed: sense(craft) }))

export const wake = (craft: Craft, realMs: number): Craft => feed(craft, { type: 'wake' }, realMs)

/** The computer goes dark: what it had decided and not done is not done. It is given its last message again. */
export const goDark = (craft: Craft): Craft => ({
  ...craft,
  drone: { ...craft.drone, computer: null },
  acts: [],
  given: Math.max(0, craft.given - 1),
})

/** After one look at its situation, or null where that changes nothing. */
export function tick(craft: Craft, realMs: number): Craft | null {
  const { flight, diversion } = craft.drone.memory
  if (flight === null && diversion === null && craft.body.parcel === null) return null
  const { drone, acts } = step(craft.drone, { type: 'tick', at: instant(craft, realMs), sensed: sense(craft) })
  const same =
    acts.length === 0 &&
    drone.memory === craft.drone.memory &&
    JSON.stringify(drone.computer) === JSON.stringify(craft.drone.computer)
  return same ? null : after(craft, { drone, acts })
}

const read = new WeakMap<Message, ItineraryMessage>()

export function hear(craft: Craft, message: Message, realMs: number): Craft {
  const known = read.get(message) ?? ItineraryMessage.parse(message)
  read.set(message, known)
  return { ...feed(craft, { type: 'itinerary-message', message: known }, realMs), given: craft.given + 1 }
}

/** Does the first of what was decided. The last look and the opening of the hook are one moment. */
export function act(craft: Craft, realMs: number): { craft: Craft; letGo: LetGo | null } {
  const [first, ...acts] = craft.acts
  const rest: Craft = { ...craft, acts }
  const parcel = (load: Load | null): Craft => ({ ...rest, body: { ...rest.body, parcel: load } })
  switch (first?.type) {
    case undefined:
    case 'send-position':
    case 'restart':
      return { craft: rest, letGo: null }
    case 'load-parcel': {
      const { orderId, itineraryId, epoch } = first.itinerary
      return { craft: parcel({ orderId, itineraryId, epoch }), letGo: null }
    }
    case 'unload-parcel':
      return { craft: parcel(null), letGo: null }
    case 'look-again': {
      const looked = feed(rest, { type: 'look-again' }, realMs)
      return looked.acts.at(-1)?.type === 'let-go'
        ? act({ ...looked, acts: looked.acts.slice(-1) }, realMs)
        : { craft: looked, letGo: null }
    }
    case 'let-go': {
      const { parcel: load } = craft.body
      const released: Craft = { ...parcel(null), acts: [...acts, { type: 'released' }] }
      const letGo = load && { ...load, droneId: craft.drone.memory.droneId, permitRequestId: first.permitRequestId }
      return { craft: released, letGo }
    }
    case 'released':
      return { craft: feed(rest, { type: 'released' }, realMs), letGo: null }
  }
}

/** Where its flight takes it next, half of the way or all of it; null where it stays. What was decided is done before it moves. */
export function fly(craft: Craft, share: 'half' | 'whole'): Craft | null {
  if (craft.acts.length > 0) return null
  const course = courseOf(craft.drone, sense(craft))
  if (course.kind === 'stay') return null
  const { body } = craft
  const there = body.place.lat === course.to.lat && body.place.lon === course.to.lon
  if (there && body.heightM === course.endHeightM) return null
  if (share === 'half') {
    if (body.speedMps > 0) return null
    const place = { lat: (body.place.lat + course.to.lat) / 2, lon: (body.place.lon + course.to.lon) / 2 }
    return { ...craft, body: { ...body, place, heightM: droneModel.cruiseHeightM, speedMps: 20 } }
  }
  const batteryPct = course.endHeightM === 0 ? 100 : body.batteryPct
  return { ...craft, body: { ...body, place: course.to, heightM: course.endHeightM, speedMps: 0, batteryPct } }
}

/** Its oldest report that no broker has accepted. */
export const pendingReport = (craft: Craft) => craft.drone.memory.outbox[0]
export const accepted = (craft: Craft, seq: number): Craft => ({ ...craft, drone: reportsAccepted(craft.drone, seq) })

/** Its battery is suddenly so low that it must fly home. */
export const drained = (craft: Craft): Craft => ({ ...craft, body: { ...craft.body, batteryPct: 5 } })

export const dropOffOf = (orderId: string): Point =>
  destination(base.place, { bearingDeg: 40 * Number(orderId.slice(4)), distanceM: 300 })
