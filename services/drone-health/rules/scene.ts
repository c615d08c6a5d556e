/**
 * What the rules look at: the recent past of one drone, bounded, and what else is known of it. A rule is a pure function
 * from a scene and thresholds to evidence, or null where all is well; it looks at a rate or a span, never at one reading.
 */
import type { Zone } from '@fleet/contracts/airspace'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { Point } from '@fleet/geo/distance'

export const ruleNames = [
  'silent',
  'nonsense',
  'frozen',
  'jump',
  'battery',
  'no-fly-zone',
  'altitude',
  'corridor',
  'wander',
  'clock',
  'ignores',
  'refuses',
  'gaps',
] as const
export type RuleName = (typeof ruleNames)[number]

/** Why a rule speaks: what was read, and what it was held against. Names carry units. */
export type Evidence = {
  rule: RuleName | 'operator'
  readings: Record<string, number | string>
  thresholds: Record<string, number>
}

/** One position, and when the broker had it: the append time as world milliseconds. */
export type Reading = DronePosition & { appendedAtMs: number }

export type Flight = {
  itineraryId: string
  base: Point
  dropOff: Point
  cruiseHeightM: number
  weightG: number
}

/** Something that the drone was asked and has not answered, and for how long by the monotonic world clock. */
export type Unanswered = { what: 'command' | 'itinerary'; id: string; waitedMs: number }

export type Scene = {
  /** Of the newest boot, newest last, at most `readingsMax`. */
  readings: readonly Reading[]
  /** Whether the last messages under the drone's own MAC could be read, newest last. */
  readable: readonly boolean[]
  inFlight: boolean
  /** Up to when, by the broker's time as world milliseconds, it was told to hold where it is, or may have been; infinite while it may be. */
  heldUntilMs: number
  flight: Flight | null
  /** Where it was first seen in this boot: from here it may go straight to its goals. */
  anchor: Point | null
  /** Altitude of the ground where it last stood, above mean sea level; null where it was never seen standing. */
  groundAltitudeM: number | null
  zones: readonly Zone[]
  /** How long nothing was heard while we could have heard it; null while we are blind. */
  silentMs: number | null
  unanswered: Unanswered | null
  /** How many itineraries and commands it refused of late. */
  refusals: number
}

export const readingsMax = 32
export const readableMax = 10

/** The last `count` of `list`, or null where there are fewer. */
export const lastOf = <T>(list: readonly T[], count: number): readonly T[] | null =>
  list.length < count ? null : list.slice(-count)
