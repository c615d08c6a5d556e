/**
 * Positions of drones in flight, by the simulator's own physics and gusts: out from a base, a hover at the drop point,
 * home, a rest on the pad, again. Neither constants nor noise: what a packer and a database get in production.
 */
import { droneModel } from '@fleet/contracts/drone-model'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { type Body, type Course, isHoveringAt, move } from '@fleet/drone-sim/physics'
import { type Random, seededRandom } from '@fleet/drone-sim/random'
import { destination, type Point } from '@fleet/geo/distance'

const bases: readonly Point[] = [
  { lat: 43.6163, lon: 7.0552 },
  { lat: 43.5808, lon: 7.1251 },
  { lat: 43.5528, lon: 7.0174 },
]
const groundAltitudeM = 150
const gustShare = 0.03
const restSMin = 20
const hoverSMax = 12

type Flight = {
  body: Body
  base: Point
  to: Point
  leg: 'rest' | 'out' | 'hover' | 'home'
  leftS: number
  random: Random
}

/** The ids of the `count` drones of a benchmark: as long as enrolment makes them. */
export const droneIds = (count: number): DroneId[] =>
  Array.from({ length: count }, (_, i) => DroneId.parse(`drn_${(i + 1).toString(16).padStart(16, '0')}`))

const trip = (base: Point, random: Random): Point =>
  destination(base, { bearingDeg: random() * 360, distanceM: 400 + random() * 3_000 })

function takeOff(droneId: DroneId, index: number): Flight {
  const random = seededRandom('bench', droneId)
  const base = bases[index % bases.length] ?? { lat: 0, lon: 0 }
  const body: Body = {
    state: 'on-ground',
    place: base,
    heightM: 0,
    speedMps: 0,
    climbMps: 0,
    headingDeg: Math.floor(random() * 360),
    batteryPct: 100,
    weightG: 0,
  }
  // Not all at once: a fleet is spread over every phase of a delivery.
  return { body, base, to: trip(base, random), leg: 'rest', leftS: random() * 4 * restSMin, random }
}

function courseOf({ leg, base, to }: Flight): Course {
  const { cruiseHeightM, cruiseSpeedMps, handOverHeightM } = droneModel
  if (leg === 'rest') return { kind: 'stay' }
  if (leg === 'home') return { kind: 'fly', to: base, cruiseHeightM, cruiseSpeedMps, endHeightM: 0 }
  return { kind: 'fly', to, cruiseHeightM, cruiseSpeedMps, endHeightM: handOverHeightM }
}

/** One second of one drone. */
function pass(flight: Flight): void {
  const { random } = flight
  const load = 1 + gustShare * (2 * random() - 1)
  const onPad = flight.leg === 'rest'
  flight.body = move(flight.body, courseOf(flight), 1, { figures: droneModel, onPad, load })
  flight.leftS -= 1
  if (flight.leg === 'rest' && flight.leftS <= 0 && flight.body.batteryPct > 60) {
    Object.assign(flight, { leg: 'out', to: trip(flight.base, random) })
    flight.body = { ...flight.body, weightG: Math.round(500 + random() * 1_500) }
  } else if (flight.leg === 'out' && isHoveringAt(flight.body, flight.to, droneModel.handOverHeightM)) {
    Object.assign(flight, { leg: 'hover', leftS: 3 + random() * hoverSMax })
  } else if (flight.leg === 'hover' && flight.leftS <= 0) {
    flight.body = { ...flight.body, weightG: 0 }
    flight.leg = 'home'
  } else if (flight.leg === 'home' && flight.body.state === 'on-ground') {
    Object.assign(flight, { leg: 'rest', leftS: restSMin + random() * restSMin })
  }
}

const sevenDecimals = (deg: number) => Math.round(deg * 1e7) / 1e7
const twoDecimals = (value: number) => Math.round(value * 100) / 100

function sample(droneId: DroneId, { body }: Flight, seq: number, takenAtMs: number): DronePosition {
  return {
    droneId,
    boot: 1,
    seq,
    takenAtMs: UnixMs.parse(takenAtMs),
    lat: sevenDecimals(body.place.lat),
    lon: sevenDecimals(body.place.lon),
    altitudeM: twoDecimals(groundAltitudeM + body.heightM),
    speedMps: twoDecimals(body.speedMps),
    headingDeg: twoDecimals(body.headingDeg) % 360,
    batteryPct: twoDecimals(body.batteryPct),
  }
}

export type Fleet = {
  ids: readonly DroneId[]
  /** Lets a second pass, and gives where each drone is. Each drone's clock runs a little off the others'. */
  second(nowMs: number): DronePosition[]
}

/** A fleet of `count` drones, the same at each call. */
export function createFlights(count: number): Fleet {
  const ids = droneIds(count)
  const flights = ids.map(takeOff)
  let seq = 0
  return {
    ids,
    second: (nowMs) => {
      seq += 1
      return ids.flatMap((droneId, i) => {
        const flight = flights[i]
        if (flight === undefined) return []
        pass(flight)
        const jitterMs = Math.floor(flight.random() * 3)
        return [sample(droneId, flight, seq, nowMs + ((i * 7) % 1_000) + jitterMs)]
      })
    },
  }
}
