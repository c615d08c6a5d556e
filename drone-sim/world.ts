/**
 * The physical world: where each drone's body is, and which parcel hangs below it. It outlives the simulator's process, as a
 * drone in the air does: bodies are snapshotted now and then, parcels are as the ledger says. While the process is away, the
 * world stands still.
 */
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { droneModel } from '@fleet/contracts/drone-model'
import type { DroneId } from '@fleet/contracts/ids'
import type { Itinerary } from '@fleet/contracts/itineraries'
import { BatteryPct, HeadingDeg, Place, SpeedMps, type UnixMs } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import { z } from 'zod'
import type { Sensed } from './computer.ts'
import { type Ledger, type LedgerEntry, type Load, openLedger } from './ledger.ts'
import { readJson, replaceJson } from './non-volatile-store.ts'
import { type Body, type Course, move } from './physics.ts'
import type { Random } from './random.ts'
import { blow, type Gust, pushedOff, still } from './wind.ts'

const Snapshot = z.record(
  z.string(),
  z.object({
    state: z.enum(['on-ground', 'airborne', 'wrecked']),
    place: Place,
    heightM: z.number(),
    speedMps: SpeedMps,
    climbMps: z.number(),
    headingDeg: HeadingDeg,
    batteryPct: BatteryPct,
    weightG: z.number().min(0),
  }),
)

/** A drone stands on its base's pads, and is charged, within this of the base. */
const padM = 100

/** `body` is where its autopilot means it to be; gusts push it off that, and it is `gust` away. */
type Standing = { body: Body; base: Place; load: Load | null; gust: Gust }
const placeOf = ({ body, gust }: Standing) => pushedOff(body.place, gust)

type Pass = { seconds: number; load: number; windMps: number; random: Random; worldNow: () => UnixMs }

export type World = {
  sensed(droneId: DroneId): Sensed
  isWrecked(droneId: DroneId): boolean
  /** Lets `seconds` world seconds pass for one drone; `load` multiplies its consumption. */
  fly(droneId: DroneId, course: Course, pass: Pass): void
  /** The base's crew hangs the itinerary's parcel below the drone; where it hangs already, nothing happens. */
  loadParcel(droneId: DroneId, itinerary: Itinerary, atMs: UnixMs): void
  /** The hook opens. */
  letGo(droneId: DroneId, atMs: UnixMs): void
  /** The crew takes a parcel off that came home. */
  unloadParcel(droneId: DroneId, atMs: UnixMs): void
  /** Its cells fail: the battery has no more than `batteryPct` left. */
  drain(droneId: DroneId, batteryPct: number): void
  /** It falls, from wherever it is, and what it carries with it. */
  wreck(droneId: DroneId, atMs: UnixMs): void
  /** Writes down where all bodies are, if one has changed since; the next start goes on from there. */
  snapshot(): void
}

/** Opens the world in `folder`: drones that were never seen stand charged at their base. */
export function openWorld(folder: string, drones: readonly { droneId: DroneId; base: Place }[]): World {
  mkdirSync(join(folder, 'world'), { recursive: true })
  const file = join(folder, 'world', 'bodies.json')
  const ledger = openLedger(join(folder, 'ledger.jsonl'))
  const known = existsSync(file) ? readJson(file, Snapshot.parse) : {}
  const standing = new Map(
    drones.map(({ droneId, base }): [DroneId, Standing] => {
      const load = ledger.aboardAtOpening.get(droneId) ?? null
      const body = { ...(known[droneId] ?? charged(base)), weightG: load?.weightG ?? 0 }
      return [droneId, { body, base, load, gust: still }]
    }),
  )
  const snapshot = () =>
    replaceJson(file, { ...known, ...Object.fromEntries([...standing].map(([droneId, { body }]) => [droneId, body])) })
  return worldOf(standing, ledger, snapshot)
}

function worldOf(standing: ReadonlyMap<DroneId, Standing>, ledger: Ledger, write: () => void): World {
  /** A fleet that stands charged on its pads is not written down every second. */
  let moved = true
  const snapshot = () => {
    if (!moved) return
    write()
    moved = false
  }
  const at = (droneId: DroneId) => {
    const found = standing.get(droneId)
    if (found === undefined) throw new RangeError(`${droneId} is not in this world`)
    return found
  }
  const change = (one: Standing, body: Body) => {
    if (body !== one.body) moved = true
    one.body = body
  }
  const enter = (droneId: DroneId, event: LedgerEntry['event'], load: Load, atMs: UnixMs) => {
    const one = at(droneId)
    ledger.append({ atMs, event, droneId, ...load, ...placeOf(one), heightM: one.body.heightM })
  }
  const loseParcel = (droneId: DroneId, event: LedgerEntry['event'], atMs: UnixMs) => {
    const one = at(droneId)
    if (one.load === null) return
    enter(droneId, event, one.load, atMs)
    one.load = null
    change(one, { ...one.body, weightG: 0 })
    snapshot()
  }

  return {
    sensed: (droneId) => {
      const one = at(droneId)
      const { body, load } = one
      const place = placeOf(one)
      const { heightM, speedMps, headingDeg, batteryPct, state } = body
      const onGround = state === 'on-ground'
      return { place, heightM, speedMps, headingDeg, batteryPct, onGround, parcelAboard: load !== null }
    },
    isWrecked: (droneId) => at(droneId).body.state === 'wrecked',
    fly: (droneId, course, { seconds, load, windMps, random, worldNow }) => {
      const one = at(droneId)
      const was = one.body.state
      const onPad = was === 'on-ground' && distanceM(one.body.place, one.base) < padM
      change(one, move(one.body, course, seconds, { figures: droneModel, onPad, load }))
      one.gust = one.body.state === 'airborne' ? blow(one.gust, { windMps, seconds, random }) : still
      if (one.body.state === was) return
      if (one.body.state === 'wrecked') loseParcel(droneId, 'lost', worldNow())
      snapshot()
    },
    loadParcel: (droneId, { orderId, itineraryId, epoch, parcel }, atMs) => {
      const one = at(droneId)
      if (one.load?.itineraryId === itineraryId) return
      const load = { orderId, itineraryId, epoch, weightG: parcel.weightG }
      enter(droneId, 'loaded', load, atMs)
      one.load = load
      change(one, { ...one.body, weightG: load.weightG })
      snapshot()
    },
    letGo: (droneId, atMs) => loseParcel(droneId, 'handed-over', atMs),
    unloadParcel: (droneId, atMs) => loseParcel(droneId, 'brought-home', atMs),
    drain: (droneId, batteryPct) => {
      const one = at(droneId)
      change(one, { ...one.body, batteryPct: Math.max(0, Math.min(one.body.batteryPct, batteryPct)) })
    },
    wreck: (droneId, atMs) => {
      const one = at(droneId)
      change(one, { ...one.body, state: 'wrecked', heightM: 0, speedMps: 0, climbMps: 0 })
      loseParcel(droneId, 'lost', atMs)
      snapshot()
    },
    snapshot,
  }
}

const charged = (base: Place): Body => ({
  state: 'on-ground',
  place: base,
  heightM: 0,
  speedMps: 0,
  climbMps: 0,
  headingDeg: 0,
  batteryPct: 100,
  weightG: 0,
})
