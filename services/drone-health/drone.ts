/** One drone of the registry: enrolled, revoked for good, and what it last said of itself. */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { BaseId, DroneId, HostId } from '@fleet/contracts/ids'
import { accept, type Decision, refuse } from '@fleet/contracts/problems'
import type { Place, UnixMs } from '@fleet/contracts/units'

/** The newest report, and what is known from it or from the ones before. `atMs` is the drone's clock. */
export type Seen = {
  report: DroneReport['type']
  atMs: UnixMs
  boot: number
  landed: boolean | null
  batteryPct: number | null
  place: Place | null
}

export type Registered = {
  droneId: DroneId
  name: string
  hostId: HostId
  keyVersion: number
  baseId: BaseId
  enrolledAtMs: UnixMs
  seen: Seen | null
}

export type Drone =
  | { status: 'none' }
  | (Registered & { status: 'enrolled' })
  | (Registered & { status: 'revoked'; revokedAtMs: UnixMs })

export type DroneCommand =
  | {
      type: 'drone.enrol'
      droneId: DroneId
      name: string
      hostId: HostId
      baseId: BaseId
      /** The drone that has this name, revoked ones included: a name in a log means one drone for ever. */
      nameTakenBy: DroneId | null
      atMs: UnixMs
    }
  | { type: 'drone.revoke'; droneId: DroneId; atMs: UnixMs }

export type DroneEvent =
  | { type: 'drone.enrolled'; entry: Omit<Registered, 'seen'> }
  | { type: 'drone.revoked'; revokedAtMs: UnixMs }

/** The first key of a drone; a change of keys makes it the next. */
const firstKeyVersion = 1

/**
 * What `command` makes of `drone`. Refuses a name that is taken (`drone.name-taken`), an unknown drone
 * (`drone.unknown`), and the key of an enrolment for another one (`idempotency.key-reused`).
 */
export function decide(drone: Drone, command: DroneCommand): Decision<DroneEvent> {
  switch (command.type) {
    case 'drone.enrol': {
      const { droneId, name, hostId, baseId, nameTakenBy, atMs } = command
      if (drone.status !== 'none') {
        const same = drone.name === name && drone.hostId === hostId && drone.baseId === baseId
        return same ? accept() : refuse('idempotency.key-reused', { field: 'Idempotency-Key', value: drone.name })
      }
      if (nameTakenBy !== null) {
        return refuse('drone.name-taken', { field: '/name', limit: 'a name never used before', value: name })
      }
      const entry = { droneId, name, hostId, keyVersion: firstKeyVersion, baseId, enrolledAtMs: atMs }
      return accept({ type: 'drone.enrolled', entry })
    }
    case 'drone.revoke':
      if (drone.status === 'none') return refuse('drone.unknown', { field: 'id', value: command.droneId })
      if (drone.status === 'revoked') return accept()
      return accept({ type: 'drone.revoked', revokedAtMs: command.atMs })
  }
}

/** `drone` after `event`. @throws where the event cannot follow: a bug of ours. */
export function evolve(drone: Drone, event: DroneEvent): Drone {
  switch (event.type) {
    case 'drone.enrolled':
      return { status: 'enrolled', ...event.entry, seen: null }
    case 'drone.revoked':
      if (drone.status !== 'enrolled') throw new Error(`a drone that is ${drone.status} was revoked`)
      return { ...drone, status: 'revoked', revokedAtMs: event.revokedAtMs }
  }
}

/** What is known of a drone after `report`. Boot counts never go back: an older boot's report says nothing of the newer one. */
export function observe(before: Seen | null, report: DroneReport): Seen {
  if (before !== null && report.data.boot < before.boot) return before
  const known = {
    landed: before?.landed ?? null,
    batteryPct: before?.batteryPct ?? null,
    place: before?.place ?? null,
    ...readings(report),
  }
  return { report: report.type, atMs: report.at, boot: report.data.boot, ...known }
}

function readings(report: DroneReport): Partial<Pick<Seen, 'landed' | 'batteryPct' | 'place'>> {
  switch (report.type) {
    case 'booted':
      return { landed: report.data.landed, batteryPct: report.data.batteryPct, place: report.data.place }
    case 'leg.started':
      return { landed: false, batteryPct: report.data.batteryPct, place: report.data.place }
    case 'landed':
      return { landed: true, batteryPct: report.data.batteryPct, place: report.data.place }
    case 'permit.requested':
    case 'parcel.handed-over':
    case 'parcel.unknown':
      return { place: report.data.place }
    case 'itinerary.accepted':
    case 'itinerary.refused':
    case 'parcel.kept':
    case 'command.acknowledged':
    case 'command.finished':
      return {}
  }
}
