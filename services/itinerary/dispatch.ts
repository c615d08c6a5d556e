/** Which drone flies which order. */
import type { Base } from '@fleet/contracts/airspace'
import type { WaitingReason } from '@fleet/contracts/deliveries'
import type { droneModel } from '@fleet/contracts/drone-model'
import type { UnixMs } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import { type FlightPlan, planFlight } from '@fleet/geo/flight-plan'
import type { Waiting } from './delivery.ts'
import { batteryNowPct, type Drone, isIdle } from './drone.ts'

export type Choice = { ok: true; drone: Drone; base: Base; plan: FlightPlan } | { ok: false; waitingFor: WaitingReason }

type Figures = Omit<typeof droneModel, 'payloadGMax'> & { payloadGMax: number }

/**
 * The drone for `delivery`: at the nearest base in reach that has an idle one with the charge for the way there, the
 * longest hover, the way back and the reserve; the fullest of those. Or what the order waits for.
 */
export function chooseDrone(
  delivery: Waiting,
  {
    bases,
    drones,
    figures,
    atMs,
  }: { bases: readonly Base[]; drones: readonly Drone[]; figures: Figures; atMs: UnixMs },
): Choice {
  const { weightG } = delivery.parcel
  const inReach = bases
    .map((base) => ({ base, wayM: distanceM(base.place, delivery.dropOff) }))
    .filter(({ base, wayM }) => wayM <= base.rangeM && weightG <= base.payloadGMax)
    .sort((a, b) => a.wayM - b.wayM)
  let waitingFor: WaitingReason = 'no-drone-at-base'
  for (const { base, wayM } of inReach) {
    const stationed = drones.filter((drone) => drone.baseId === base.baseId && !drone.revoked && !drone.grounded)
    if (stationed.length > 0 && waitingFor === 'no-drone-at-base') waitingFor = 'no-idle-drone'
    const idle = stationed.filter((drone) => isIdle(drone, atMs))
    if (idle.length > 0) waitingFor = 'no-charged-drone'
    const plan = planFlight(figures, { distanceM: wayM, weightG })
    const charge = (drone: Drone) => batteryNowPct(drone, atMs, figures.chargePctPerS)
    const fullest = idle.toSorted((a, b) => charge(b) - charge(a))[0]
    if (fullest && charge(fullest) >= plan.batteryNeededPct) return { ok: true, drone: fullest, base, plan }
  }
  return { ok: false, waitingFor }
}
