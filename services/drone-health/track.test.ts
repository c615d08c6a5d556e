import type { DronePosition } from '@fleet/contracts/drone-positions'
import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { readingsMax } from './rules/scene.ts'
import { base, droneId, recordFlight } from './testing/flights.ts'
import { newTrack, type Track, takeBoot, takePosition, takeUnreadable } from './track.ts'

const position = (given: Partial<DronePosition>): DronePosition => ({
  droneId,
  boot: 1,
  seq: 1,
  takenAtMs: UnixMs.parse(1_700_000_000_000),
  ...base,
  altitudeM: 150,
  speedMps: 0,
  headingDeg: 0,
  batteryPct: 100,
  ...given,
})
const take = (track: Track, given: Partial<DronePosition>, inFlight = true) =>
  takePosition(track, position(given), { appendedAtMs: 0, heardAtMs: 5, inFlight })
const fresh = newTrack(0, 0)

describe('a track', () => {
  it('keeps a bounded window of one boot, and drops copies and earlier boots', () => {
    const long = Array.from({ length: 100 }, (_, i) => i + 1).reduce((track, seq) => take(track, { seq }), fresh)
    expect(long.readings.length).toBe(readingsMax)
    expect(take(long, { seq: 100 })).toBe(long)
    const woke = take(long, { boot: 2, seq: 1 })
    expect(woke.readings.length).toBe(1)
    expect(woke.good).toBe(1)
    expect(take(woke, { boot: 1, seq: 101 })).toBe(woke)
  })

  it('learns the ground where the drone stands, not where it climbs before its report is heard', () => {
    const standing = [1, 2, 3].reduce((track, seq) => take(track, { seq }, false), fresh)
    expect(standing.groundAltitudeM).toBe(150)
    const climbing = recordFlight()
      .slice(0, 15)
      .reduce(
        (track, { altitudeM, speedMps, seq }) => take(track, { altitudeM, speedMps, seq: seq + 3 }, false),
        standing,
      )
    expect(climbing.groundAltitudeM).toBe(150)
  })

  it('takes what cannot be read for a voice, and the report of a boot for a new beginning', () => {
    const heard = takeUnreadable(take(fresh, { seq: 1 }), 9)
    expect(heard).toMatchObject({ heardAtMs: 9, readable: [true, false], good: 0 })
    expect(takeBoot(heard, 2, 10)).toMatchObject({ boot: 2, readings: [], readable: [], anchor: null, heardAtMs: 10 })
    expect(takeBoot(heard, 1, 10)).toBe(heard)
  })
})
