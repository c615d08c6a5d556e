/** Which drone flies which order. */
import type { Base, Zone } from '@fleet/contracts/airspace'
import type { WaitingReason } from '@fleet/contracts/deliveries'
import type { droneModel } from '@fleet/contracts/drone-model'
import type { BaseId } from '@fleet/contracts/ids'
import type { UnixMs } from '@fleet/contracts/units'
import { distanceM, type Point } from '@fleet/geo/distance'
import { type FlightPlan, planFlight } from '@fleet/geo/flight-plan'
import { isInside } from '@fleet/geo/zone'
import type { Waiting } from './delivery.ts'
import { batteryNowPct, type Drone, isIdle } from './drone.ts'

export type Choice =
  | { ok: true; drone: Drone; base: Base; plan: FlightPlan }
  /** `charging`: where charge is missing, the fullest idle drone of the nearest base in reach that has one. */
  | { ok: false; waitingFor: WaitingReason; charging: Drone | null }

type Figures = Omit<typeof droneModel, 'payloadGMax'> & { payloadGMax: number }

/** The straight way is looked at this often; a zone's tip that is narrower may be missed, and the watch over drones sees it. */
const lookEveryM = 25

/** Whether the straight way `from` → `to` touches one of `zones`. A way of some kilometres, so degrees are taken as a plane. */
export function crossesZone(from: Point, to: Point, zones: readonly Pick<Zone, 'outline'>[]): boolean {
  if (zones.length === 0) return false
  const steps = Math.max(1, Math.ceil(distanceM(from, to) / lookEveryM))
  return Array.from({ length: steps + 1 }, (_, step) => step / steps).some((share) => {
    const place = { lat: from.lat + (to.lat - from.lat) * share, lon: from.lon + (to.lon - from.lon) * share }
    return zones.some(({ outline }) => isInside(place, outline))
  })
}

/**
 * The drone for `delivery`: at the nearest base in reach, not paused and with a way clear of zones, that has an idle one with
 * the charge for the way there, the longest hover, the way back and the reserve; the fullest of those. Or what the order
 * waits for: what is missing at the base that comes nearest to flying it.
 */
export function chooseDrone(
  delivery: Waiting,
  {
    bases,
    zones,
    drones,
    crewed,
    figures,
    atMs,
  }: {
    bases: readonly (Base & { paused: boolean })[]
    zones: readonly Zone[]
    /** Those that are idle, whatever else is among them. */
    drones: readonly Drone[]
    /** The bases that have a drone which could ever fly, idle or not. */
    crewed: ReadonlySet<BaseId>
    figures: Figures
    atMs: UnixMs
  },
): Choice {
  const { weightG } = delivery.parcel
  const inReach = bases
    .map((base) => ({ base, wayM: distanceM(base.place, delivery.dropOff) }))
    .filter(({ base, wayM }) => wayM <= base.rangeM && weightG <= base.payloadGMax)
    .sort((a, b) => a.wayM - b.wayM)
  const missing: WaitingReason[] = []
  let charging: Drone | null = null
  for (const { base, wayM } of inReach) {
    const idle = drones.filter((drone) => drone.baseId === base.baseId && isIdle(drone, base.place, atMs))
    if (idle.length === 0 && !crewed.has(base.baseId)) missing.push('no-drone-at-base')
    else if (crossesZone(base.place, delivery.dropOff, zones)) missing.push('no-fly-zone')
    else if (base.paused) missing.push('base-paused')
    else if (idle.length === 0) missing.push('no-idle-drone')
    else {
      const plan = planFlight(figures, { distanceM: wayM, weightG })
      const charge = (drone: Drone) => batteryNowPct(drone, atMs, figures.chargePctPerS)
      const fullest = idle.toSorted((a, b) => charge(b) - charge(a))[0]
      if (fullest && charge(fullest) >= plan.batteryNeededPct) return { ok: true, drone: fullest, base, plan }
      missing.push('no-charged-drone')
      if (plan.batteryNeededPct <= 100) charging ??= fullest ?? null
    }
  }
  const waitingFor = nearestToFlying.find((reason) => missing.includes(reason)) ?? 'no-drone-at-base'
  return { ok: false, waitingFor, charging }
}

const nearestToFlying: readonly WaitingReason[] = [
  'no-charged-drone',
  'no-idle-drone',
  'base-paused',
  'no-fly-zone',
  'no-drone-at-base',
]
