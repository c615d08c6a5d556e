/** What dispatch knows of one drone, by its own reports and the registry. A drone has one assignment at a time. */

import { HealthState } from '@fleet/contracts/drone-health'
import { droneModel } from '@fleet/contracts/drone-model'
import type { RegistryEntry } from '@fleet/contracts/drone-registry'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { BaseId, DroneId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { BatteryPct, BootCount, Epoch, Place, UnixMs } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import { z } from 'zod'

const Assignment = z.object({ itineraryId: ItineraryId, orderId: OrderId, epoch: Epoch })

export const Drone = z.object({
  droneId: DroneId,
  baseId: BaseId,
  revoked: z.boolean(),
  /** What drone-health last said of it. */
  health: HealthState,
  /** The flight that it was given and has not ended; it gets no other until then. */
  assignment: Assignment.nullable(),
  /** What it said of itself; null until its first boot was heard. */
  heard: z
    .object({ boot: BootCount, landed: z.boolean(), place: Place, batteryPct: BatteryPct, atMs: UnixMs })
    .nullable(),
  /** By its last word on it, it holds, and would refuse a flight. */
  held: z.boolean().default(false),
  /** It refused an itinerary: not asked again before this. */
  restsUntilMs: UnixMs,
})
export type Drone = z.infer<typeof Drone>

/** How long a drone that refused an itinerary is left alone, in world time. */
const restMs = 30_000

/** A drone as the registry introduces it: it flies nothing before its first boot was heard. */
export const enrolled = ({ droneId, baseId }: RegistryEntry): Drone => ({
  droneId,
  baseId,
  revoked: false,
  health: 'healthy',
  assignment: null,
  heard: null,
  held: false,
  restsUntilMs: UnixMs.parse(0),
})

/** `drone` after one of its reports, which was taken at `atMs` (world clock of this service). */
export function afterReport(drone: Drone, report: DroneReport, atMs: UnixMs): Drone {
  switch (report.type) {
    case 'booted': {
      const { boot, landed, place, batteryPct } = report.data
      return { ...drone, held: false, heard: { boot, landed, place, batteryPct, atMs } }
    }
    case 'leg.started': {
      const { boot, place, batteryPct } = report.data
      return { ...drone, heard: { boot, landed: false, place, batteryPct, atMs } }
    }
    case 'landed': {
      const { boot, place, batteryPct, itinerary, held = drone.held } = report.data
      const ended = itinerary !== null && itinerary.itineraryId === drone.assignment?.itineraryId
      return {
        ...drone,
        held,
        heard: { boot, landed: true, place, batteryPct, atMs },
        assignment: ended ? null : drone.assignment,
      }
    }
    case 'itinerary.refused': {
      if (report.data.itineraryId !== drone.assignment?.itineraryId) return drone
      return { ...drone, assignment: null, restsUntilMs: UnixMs.parse(atMs + restMs) }
    }
    case 'command.finished': {
      const { held = drone.held } = report.data
      return held === drone.held ? drone : { ...drone, held }
    }
    case 'itinerary.accepted':
    case 'permit.requested':
    case 'parcel.handed-over':
    case 'parcel.kept':
    case 'parcel.unknown':
    case 'command.acknowledged':
      return drone
  }
}

/** Its battery now, in percent, by what it last said and how fast a pad charges. */
export function batteryNowPct(drone: Drone, atMs: UnixMs, chargePctPerS: number): number {
  if (drone.heard === null) return 0
  if (!drone.heard.landed) return drone.heard.batteryPct
  return Math.min(100, drone.heard.batteryPct + (chargePctPerS * Math.max(0, atMs - drone.heard.atMs)) / 1_000)
}

/** Given up by drone-health: its flight is lost, and it may hand nothing over until an operator has released it. */
export const isGrounded = ({ health }: Pick<Drone, 'health'>): boolean => health === 'grounded'

/** Whether it may be given a flight at `atMs`: heard, on a pad of its base, which is at `basePlace`, healthy, free, neither held nor resting. */
export const isIdle = (drone: Drone, basePlace: Place, atMs: UnixMs): boolean =>
  !drone.revoked &&
  drone.health === 'healthy' &&
  drone.assignment === null &&
  !drone.held &&
  drone.heard?.landed === true &&
  distanceM(drone.heard.place, basePlace) <= droneModel.atBaseM &&
  atMs >= drone.restsUntilMs
