/** The drone's computer as data: what it holds in working memory, what it senses, and what it makes the body and the radio do. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { PermitRequestId } from '@fleet/contracts/ids'
import type { Itinerary } from '@fleet/contracts/itineraries'
import type { Place, UnixMs } from '@fleet/contracts/units'
import type { Memory } from './memory.ts'

/** One moment, by both world clocks: `worldMs` for stamps, `elapsedMs` (monotonic) for every duration. */
export type Instant = { readonly worldMs: UnixMs; readonly elapsedMs: number }

export type Sensed = {
  readonly place: Place
  readonly heightM: number
  readonly speedMps: number
  readonly headingDeg: number
  readonly batteryPct: number
  readonly onGround: boolean
  readonly parcelAboard: boolean
}

/** Lost in a reboot. Times are monotonic world milliseconds. */
export type Computer = {
  readonly bootedAtMs: number
  readonly positionSeq: number
  /** Commanded to hold where it is. */
  readonly held: boolean
  /** When the open question for a permit was made; the permit runs from here. */
  readonly requestedAtMs: number | null
  readonly permit: { readonly permitRequestId: PermitRequestId; readonly runsOutAtMs: number } | null
  /** Since when it hovers at the drop point. */
  readonly hoveringSinceMs: number | null
  /** It has told the hook to open, and waits to hear that it is open. */
  readonly lettingGo: boolean
}

export type Drone = { readonly memory: Memory; readonly computer: Computer | null }
/** A drone whose computer runs. */
export type Awake = { readonly memory: Memory; readonly computer: Computer }

/** What the drone does beside remembering. The memory of the same outcome is stored before any of it is done. */
export type Act =
  | { readonly type: 'load-parcel'; readonly itinerary: Itinerary }
  | { readonly type: 'unload-parcel' }
  /** "Hand-over begun" is now stored: come back with the time of this very moment. */
  | { readonly type: 'look-again' }
  | { readonly type: 'let-go'; readonly permitRequestId: PermitRequestId }
  | { readonly type: 'restart' }
  | { readonly type: 'send-position'; readonly position: DronePosition }

export type Outcome = { readonly drone: Drone; readonly acts: readonly Act[] }

export const booted = (atElapsedMs: number): Computer => ({
  bootedAtMs: atElapsedMs,
  positionSeq: 0,
  held: false,
  requestedAtMs: null,
  permit: null,
  hoveringSinceMs: null,
  lettingGo: false,
})

export const outcome = (memory: Memory, computer: Computer | null, ...acts: Act[]): Outcome => ({
  drone: { memory, computer },
  acts,
})
