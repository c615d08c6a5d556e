/**
 * What is remembered of one drone's recent messages, bounded: the window that the rules look at. Derived from the topic
 * alone, so that a restart reads it again rather than having lost it.
 */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { Point } from '@fleet/geo/distance'
import { lastOf, type Reading, readableMax, readingsMax } from './rules/scene.ts'

const standingReadings = 3
const standingM = 0.5
/** A drone that hovers to hand over stands higher than this, and its altimeter is wrong by less. */
const nearGroundM = 3

export type Track = {
  boot: number
  readings: readonly Reading[]
  readable: readonly boolean[]
  anchor: Point | null
  groundAltitudeM: number | null
  /** Where and when, by its own clock, it last came to stand on the ground, and whether it still does. */
  stood: (Point & { atMs: number; still: boolean }) | null
  partition: number
  /** When its last authentic message reached us, by the monotonic world clock. */
  heardAtMs: number
  /** Readings of this boot without trouble since the last that had some. */
  good: number
}

export const newTrack = (partition: number, heardAtMs: number): Track => ({
  boot: 0,
  readings: [],
  readable: [],
  anchor: null,
  groundAltitudeM: null,
  stood: null,
  partition,
  heardAtMs,
  good: 0,
})

/** At most `max`, the newest last. */
function withLast<T>(before: readonly T[], one: T, max: number): T[] {
  const all = before.slice(-(max - 1))
  all.push(one)
  return all
}

/** After an authentic message that cannot be read. It is a voice, and no reading. */
export const takeUnreadable = (track: Track, heardAtMs: number): Track => ({
  ...track,
  heardAtMs,
  readable: withLast(track.readable, false, readableMax),
  good: 0,
})

/** After the report of a newer boot: what was read of the one before says nothing of it, and the report is a voice. */
export const takeBoot = (track: Track, boot: number, heardAtMs: number): Track =>
  boot <= track.boot ? track : { ...track, boot, readings: [], readable: [], anchor: null, heardAtMs, good: 0 }

/** After the report of a take-off, a voice: a drone at rest speaks seldom, and what it was silent before says nothing. */
export const takeOff = (track: Track, heardAtMs: number): Track => ({ ...track, heardAtMs })

/** After a position. A copy, and one of a boot that is over, change nothing. */
export function takePosition(
  track: Track,
  position: DronePosition,
  at: { appendedAtMs: number; heardAtMs: number; inFlight: boolean },
): Track {
  const { boot, seq } = position
  if (boot < track.boot || (boot === track.boot && seq <= (track.readings.at(-1)?.seq ?? 0))) return track
  const woke = boot > track.boot
  const reading = { ...position, appendedAtMs: at.appendedAtMs }
  const readings = withLast(woke ? [] : track.readings, reading, readingsMax)
  const stands = isStanding(readings)
  const { lat, lon, takenAtMs } = position
  const onGround = track.groundAltitudeM === null || Math.abs(position.altitudeM - track.groundAltitudeM) < nearGroundM
  const stood = track.stood?.still && !woke ? track.stood : { lat, lon, atMs: takenAtMs, still: true }
  return {
    ...track,
    boot,
    readings,
    readable: withLast(woke ? [] : track.readable, true, readableMax),
    anchor: woke || track.anchor === null ? { lat, lon } : track.anchor,
    groundAltitudeM: !at.inFlight && stands ? position.altitudeM : track.groundAltitudeM,
    stood: stands && onGround ? stood : track.stood && { ...track.stood, still: false },
    heardAtMs: at.heardAtMs,
    good: woke ? 1 : track.good + 1,
  }
}

/** Whether its last word was from the air, over ground at `groundM`. */
export const wasInTheAir = ({ readings }: Track, groundM: number | null): boolean => {
  const last = readings.at(-1)
  return last !== undefined && groundM !== null && last.altitudeM - groundM > nearGroundM
}

/** It climbs with no speed along the ground, and its report of the take-off may come after that: only what stays is standing. */
function isStanding(readings: readonly Reading[]): boolean {
  const last = lastOf(readings, standingReadings)
  const [first] = last ?? []
  if (!last || !first) return false
  return last.every(({ speedMps, altitudeM }) => speedMps === 0 && Math.abs(altitudeM - first.altitudeM) < standingM)
}
