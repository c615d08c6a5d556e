/** Recorded flights for tests: flown by the simulator's own physics, sampled as its drones do, from a seed. */
import { droneModel } from '@fleet/contracts/drone-model'
import { DroneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { type Body, type Course, isHoveringAt, move } from '@fleet/drone-sim/physics'
import { seededRandom } from '@fleet/drone-sim/random'
import { blow, type Gust, pushedOff, still } from '@fleet/drone-sim/wind'
import { destination } from '@fleet/geo/distance'
import { type Flight, type Reading, readingsMax, type Scene } from '../rules/scene.ts'
import { HealthConfig, thresholdsAt } from '../rules/thresholds.ts'

export const base = { lat: 43.6163, lon: 7.0552 }
export const dropOff = destination(base, { bearingDeg: 70, distanceM: 2_400 })
export const groundAltitudeM = 150
export const epochMs = 1_700_000_000_000
export const droneId = DroneId.parse('drn_recorded')
export const thresholds = thresholdsAt(1, HealthConfig.parse({}))
export const flight: Flight = {
  itineraryId: 'itn_recorded',
  base,
  dropOff,
  cruiseHeightM: droneModel.cruiseHeightM,
  weightG: 0,
}

const hoverS = 20

/** A delivery to `to` and the way home, or its first `seconds`, one reading a second, in gusts of a wind; `loss`: the share of readings lost. */
export function recordFlight({ seed = '1', to = dropOff, windMps = 0, loss = 0, seconds = 1_000 } = {}): Reading[] {
  const random = seededRandom(seed, 'flight')
  const readings: Reading[] = []
  let body: Body = {
    state: 'on-ground',
    place: base,
    heightM: 0,
    speedMps: 0,
    climbMps: 0,
    headingDeg: 0,
    batteryPct: 90,
    weightG: 900,
  }
  const { cruiseHeightM, cruiseSpeedMps, handOverHeightM } = droneModel
  const fly = { kind: 'fly', cruiseHeightM, cruiseSpeedMps } as const
  let gust: Gust = still
  let course: Course = { ...fly, to, endHeightM: handOverHeightM }
  let hovered = 0
  for (let second = 1; second <= seconds; second++) {
    body = move(body, course, 1, { figures: droneModel, onPad: false, load: 0.97 + 0.06 * random() })
    if (isHoveringAt(body, to, handOverHeightM)) hovered += 1
    if (hovered === hoverS) {
      course = { ...fly, to: base, endHeightM: 0 }
      body = { ...body, weightG: 0 }
    }
    gust = body.state === 'airborne' ? blow(gust, { windMps, seconds: 1, random }) : still
    const reading = sample({ ...body, place: pushedOff(body.place, gust) }, second)
    if (random() >= loss) readings.push(reading)
    if (body.state === 'on-ground') return readings
  }
  if (seconds < 1_000) return readings
  throw new Error('the recorded flight never landed')
}

function sample(body: Body, second: number): Reading {
  const { lat, lon } = body.place
  const atMs = UnixMs.parse(epochMs + second * 1_000)
  return {
    droneId,
    boot: 1,
    seq: second,
    takenAtMs: atMs,
    lat: Math.round(lat * 1e7) / 1e7,
    lon: Math.round(lon * 1e7) / 1e7,
    altitudeM: Math.round((groundAltitudeM + body.heightM) * 100) / 100,
    speedMps: Math.round(body.speedMps * 100) / 100,
    headingDeg: (Math.round(body.headingDeg * 100) / 100) % 360,
    batteryPct: Math.round(body.batteryPct * 100) / 100,
    appendedAtMs: atMs + 200,
  }
}

/** Where the recorded drone was `seconds` after its take-off, between two readings on the line between them. */
export function placeAt(readings: readonly Reading[], seconds: number): Omit<Reading, 'appendedAtMs'> {
  const [from, to] = [readings[Math.floor(seconds)], readings[Math.floor(seconds) + 1]]
  if (!from || !to) throw new Error('the recorded flight is over')
  const share = seconds % 1
  const { appendedAtMs: _, ...place } = from
  return {
    ...place,
    lat: from.lat + (to.lat - from.lat) * share,
    lon: from.lon + (to.lon - from.lon) * share,
    altitudeM: from.altitudeM + (to.altitudeM - from.altitudeM) * share,
  }
}

/** The scene that ends `seconds` after the take-off of `readings`. */
export function sceneAt(readings: readonly Reading[], seconds: number, given: Partial<Scene> = {}): Scene {
  const window = readings.filter(({ seq }) => seq <= seconds).slice(-readingsMax)
  return {
    readings: window,
    readable: window.map(() => true).slice(-10),
    inFlight: true,
    heldUntilMs: Number.NEGATIVE_INFINITY,
    flight,
    anchor: base,
    groundAltitudeM,
    zones: [],
    silentMs: 0,
    unanswered: null,
    refusals: 0,
    ...given,
  }
}

/** The flight, spoilt from second `from` on by `spoil`, which is told how many seconds it has been at it. */
export const spoilt = (
  readings: readonly Reading[],
  from: number,
  spoil: (reading: Reading, seconds: number) => Reading,
): Reading[] => readings.map((reading) => (reading.seq < from ? reading : spoil(reading, reading.seq - from)))

/** Metres thrown off to the north. */
export const offNorth = (reading: Reading, distanceM: number): Reading => ({
  ...reading,
  ...destination(reading, { bearingDeg: 0, distanceM }),
})
