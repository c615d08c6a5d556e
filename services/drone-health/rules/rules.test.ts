import { ZoneId } from '@fleet/contracts/ids'
import { UnixMs } from '@fleet/contracts/units'
import { destination } from '@fleet/geo/distance'
import { describe, expect, it } from '@jest/globals'
import {
  base,
  dropOff,
  flight,
  groundAltitudeM,
  offNorth,
  recordFlight,
  sceneAt,
  spoilt,
  thresholds,
} from '../testing/flights.ts'
import { altitude } from './altitude.ts'
import { battery } from './battery.ts'
import { clock } from './clock.ts'
import { corridor } from './corridor.ts'
import { examine } from './examine.ts'
import { frozen } from './frozen.ts'
import { gaps } from './gaps.ts'
import { ignores } from './ignores.ts'
import { jump } from './jump.ts'
import { nonsense } from './nonsense.ts'
import { refuses } from './refuses.ts'
import type { Reading, Scene } from './scene.ts'
import { silent } from './silent.ts'
import { wander } from './wander.ts'
import { zone } from './zone.ts'

const recorded = recordFlight()
/** In cruise, well away from base and drop point. */
const cruise = 60
const cruiseReading = recorded[cruise - 1]
if (!cruiseReading) throw new Error('the recorded flight is too short')

/** The first second after `from` in which the rule speaks, or null within half a minute. */
function speaksAfterS(
  rule: (scene: Scene, limits: typeof thresholds) => unknown,
  readings: readonly Reading[],
  from: number,
  given: Partial<Scene> = {},
): number | null {
  for (let second = from; second < from + 30; second++) {
    if (rule(sceneAt(readings, second, given), thresholds) !== null) return second - from
  }
  return null
}

describe('all rules', () => {
  it.each(['1', '2', '3', '4', '5', '6', '7', '8'])(
    'say nothing of a whole healthy flight in wind with 2 %% lost (seed %s)',
    (seed) => {
      const readings = recordFlight({ seed, windMps: 8, loss: 0.02 })
      const said = readings.flatMap(({ seq }) => examine(sceneAt(readings, seq), thresholds).map(({ rule }) => rule))
      expect(said).toEqual([])
    },
  )
})

describe('silent', () => {
  it('speaks at the threshold, in flight alone, and never while we are blind', () => {
    const at = (silentMs: number | null, inFlight = true) => silent({ silentMs, inFlight }, thresholds)
    expect(at(thresholds.silentMs - 1)).toBeNull()
    expect(at(thresholds.silentMs)).toMatchObject({ rule: 'silent', readings: { silentMs: thresholds.silentMs } })
    expect(at(thresholds.silentMs, false)).toBeNull()
    expect(at(null)).toBeNull()
  })
})

describe('nonsense', () => {
  it('speaks when three of the last five cannot be read, and not at two', () => {
    expect(nonsense({ readable: [true, false, true, false, true] }, thresholds)).toBeNull()
    expect(nonsense({ readable: [true, false, true, false, false] }, thresholds)).toMatchObject({ rule: 'nonsense' })
    expect(nonsense({ readable: [false, false, false, true, true, true] }, thresholds)).toBeNull()
  })
})

describe('frozen', () => {
  const freezeAt = (from: number) => {
    const still = recorded[from - 1]
    return spoilt(recorded, from, (reading) => ({
      ...reading,
      ...(still && { ...still, seq: reading.seq, takenAtMs: reading.takenAtMs }),
      appendedAtMs: reading.appendedAtMs,
    }))
  }

  it('catches within four seconds a drone that repeats itself in cruise', () => {
    expect(speaksAfterS(frozen, freezeAt(cruise), cruise)).toBeLessThanOrEqual(4)
  })

  it('catches one that freezes while it hovers, by its battery, and leaves one alone that does hover', () => {
    const hover = recorded.findIndex((reading, index) => index > 20 && reading.speedMps === 0) + 40
    expect(speaksAfterS(frozen, freezeAt(hover), hover)).toBeLessThanOrEqual(4)
    expect(speaksAfterS(frozen, recorded, hover)).toBeNull()
  })

  it('catches one that stands still in the air where it does not hand over, and none that was told to hold there', () => {
    const stopped = recorded[cruise]
    if (!stopped) throw new Error('no flight')
    const { lat, lon, altitudeM } = stopped
    const readings = spoilt(recorded, stopped.seq, (reading) => ({ ...reading, lat, lon, altitudeM, speedMps: 0 }))
    const at = (seconds: number, heldUntilMs: number) =>
      frozen(sceneAt(readings, stopped.seq + seconds, { heldUntilMs }), thresholds)
    const never = Number.NEGATIVE_INFINITY

    expect(at(2, never)).toBeNull()
    expect(at(4, never)).toMatchObject({ rule: 'frozen' })
    expect(at(60, Number.POSITIVE_INFINITY)).toBeNull()
    // What it said while it held says nothing of it once it may go on.
    expect(at(60, stopped.appendedAtMs + 59_000)).toBeNull()
    expect(at(60, stopped.appendedAtMs + 50_000)).toMatchObject({ rule: 'frozen' })
  })

  it('waits for one more reading than three', () => {
    expect(frozen(sceneAt(freezeAt(cruise), cruise + 1), thresholds)).toBeNull()
  })

  it('leaves a drone alone that has landed at its base, although its report is not here yet', () => {
    const landed = recorded.at(-1)
    if (!landed) throw new Error('no flight')
    const readings = Array.from({ length: 10 }, (_, i) => ({
      ...landed,
      seq: landed.seq + i,
      takenAtMs: UnixMs.parse(landed.takenAtMs + i * 1_000),
    }))
    expect(frozen(sceneAt(readings, landed.seq + 10), thresholds)).toBeNull()
  })
})

describe('jump', () => {
  const jumping = (metres: number) =>
    spoilt(recorded, cruise, (reading, s) => offNorth(reading, s % 2 === 0 ? metres : 0))

  it('catches jumps past the implied speed, and not those below it', () => {
    // Sideways to the way of 20 m/s: sqrt(20² + m²) against 45 m/s, so about 40 m.
    expect(speaksAfterS(jump, jumping(44), cruise)).toBeLessThanOrEqual(4)
    expect(speaksAfterS(jump, jumping(5_000), cruise)).toBeLessThanOrEqual(4)
    expect(speaksAfterS(jump, jumping(30), cruise)).toBeNull()
  })

  it('forgives one bad reading, which makes two bad intervals', () => {
    const once = spoilt(recorded, cruise, (reading, s) => (s === 0 ? offNorth(reading, 9_000) : reading))
    expect(speaksAfterS(jump, once, cruise)).toBeNull()
  })
})

describe('corridor', () => {
  const drifting = (mps: number) => spoilt(recorded, cruise, (reading, s) => offNorth(reading, s * mps))

  it('catches a drift of 3 m/s within four seconds, and a slow one once it is too far off', () => {
    expect(speaksAfterS(corridor, drifting(3), cruise)).toBeLessThanOrEqual(4)
    expect(speaksAfterS(corridor, drifting(0.8), cruise)).toBeGreaterThan(10)
  })

  it('speaks just past the half width and not just below it', () => {
    const off = (metres: number) => recorded.map((reading) => offNorth(reading, metres))
    // North is 70° off the way of 70°, so the distance to the line is sin 70°.
    expect(corridor(sceneAt(off(12.2 / Math.sin((70 * Math.PI) / 180)), cruise), thresholds)).not.toBeNull()
    expect(corridor(sceneAt(off(11.8 / Math.sin((70 * Math.PI) / 180)), cruise), thresholds)).toBeNull()
  })

  it('lets a drone that woke off its line go straight on from there', () => {
    const woke = { lat: cruiseReading.lat + 0.002, lon: cruiseReading.lon }
    const readings = recorded.slice(0, 10).map((reading, i) => {
      const awayM = i * 18
      return { ...reading, ...destination(woke, { bearingDeg: 97, distanceM: awayM }) }
    })
    const scene = { readings, inFlight: true, flight, anchor: woke }
    expect(corridor({ ...scene, anchor: null }, thresholds)).not.toBeNull()
    const towards = readings.map((reading, i) => ({ ...reading, ...between(woke, dropOff, i / 60) }))
    expect(corridor({ ...scene, readings: towards }, thresholds)).toBeNull()
  })
})

describe('wander', () => {
  const off = (reading: Reading, bearingDeg: number, distanceM: number): Reading => ({
    ...reading,
    ...destination(reading, { bearingDeg, distanceM }),
  })
  const wandering = (mps: number, bearingDeg: number) =>
    spoilt(recorded, cruise, (reading, s) => off(reading, bearingDeg, s * mps))

  it.each([70, 115, 160, 250])('catches a wander of 3.5 m/s within six seconds, towards %s° as well', (bearingDeg) => {
    expect(speaksAfterS(wander, wandering(3.5, bearingDeg), cruise)).toBeLessThanOrEqual(6)
    expect(speaksAfterS(wander, wandering(20, bearingDeg), cruise)).toBeLessThanOrEqual(2)
  })

  it('leaves gusts alone, which bring a drone back, and a wander that is slower than they are', () => {
    expect(speaksAfterS(wander, wandering(2, 70), cruise)).toBeNull()
    const gusty = spoilt(recorded, cruise, (reading, s) => off(reading, 160, 5 * Math.sin(s)))
    expect(speaksAfterS(wander, gusty, cruise)).toBeNull()
  })

  it('forgives one bad place, however bad', () => {
    const bad = recorded.map((reading) => (reading.seq === cruise + 3 ? off(reading, 70, 900) : reading))
    expect(speaksAfterS(wander, bad, cruise)).toBeNull()
  })

  it('says nothing where readings are missing', () => {
    const sparse = wandering(20, 70).filter(({ seq }) => seq % 3 === 0)
    expect(speaksAfterS(wander, sparse, cruise)).toBeNull()
  })
})

const between = (a: { lat: number; lon: number }, b: { lat: number; lon: number }, share: number) => ({
  lat: a.lat + (b.lat - a.lat) * share,
  lon: a.lon + (b.lon - a.lon) * share,
})

describe('altitude', () => {
  const at = (altitudeM: number) => recorded.map((reading) => ({ ...reading, altitudeM }))
  const highM = groundAltitudeM + flight.cruiseHeightM + thresholds.altitude.overM
  const lowM = groundAltitudeM - thresholds.altitude.underM

  it('speaks just out of bounds, above and below, and not just within', () => {
    expect(altitude(sceneAt(at(highM + 0.1), cruise), thresholds)).not.toBeNull()
    expect(altitude(sceneAt(at(highM - 0.1), cruise), thresholds)).toBeNull()
    expect(altitude(sceneAt(at(lowM - 0.1), cruise), thresholds)).not.toBeNull()
    expect(altitude(sceneAt(at(lowM + 0.1), cruise), thresholds)).toBeNull()
  })

  it('has wide bounds where it does not know the ground', () => {
    expect(altitude(sceneAt(at(highM + 10), cruise, { groundAltitudeM: null }), thresholds)).toBeNull()
    expect(altitude(sceneAt(at(2_001), cruise, { groundAltitudeM: null }), thresholds)).not.toBeNull()
  })
})

describe('no-fly zone', () => {
  const around = (metres: number) => ({
    zoneId: ZoneId.parse('zon_test'),
    name: 'test',
    outline: [0, 90, 180, 270].map((bearingDeg) => destination(cruiseReading, { bearingDeg, distanceM: metres })),
  })

  it('speaks when three of the last four lie inside, and not when the drone has only touched it', () => {
    expect(speaksAfterS(zone, recorded, cruise, { zones: [around(200)] })).toBeLessThanOrEqual(3)
    expect(zone(sceneAt(recorded, cruise, { zones: [around(5)] }))).toBeNull()
  })
})

describe('clock', () => {
  const shifted = (ms: number) =>
    spoilt(recorded, cruise, (reading) => ({ ...reading, takenAtMs: UnixMs.parse(reading.takenAtMs + ms) }))

  it('speaks just past the limits, ahead and behind, and not just below', () => {
    // The broker has each reading 200 ms after it was taken.
    expect(speaksAfterS(clock, shifted(3_300), cruise)).toBeLessThanOrEqual(3)
    expect(speaksAfterS(clock, shifted(3_100), cruise)).toBeNull()
    expect(speaksAfterS(clock, shifted(-5_900), cruise)).toBeLessThanOrEqual(3)
    expect(speaksAfterS(clock, shifted(-5_700), cruise)).toBeNull()
    expect(speaksAfterS(clock, shifted(3_600_000), cruise)).toBeLessThanOrEqual(3)
  })

  it('takes what was kept while the link was down for what it is', () => {
    const backlog = spoilt(recorded, cruise, (reading, s) => ({
      ...reading,
      appendedAtMs: reading.appendedAtMs + Math.max(200, 60_000 - s * 900),
    }))
    expect(speaksAfterS(clock, backlog, cruise)).toBeNull()
  })
})

describe('gaps', () => {
  it('speaks when half of the last twelve are missing, and not at five', () => {
    const missing = (count: number) =>
      recorded.filter(({ seq }) => seq <= cruise || (seq - cruise) % 2 === 0 || seq > cruise + 2 * count)
    expect(speaksAfterS(gaps, missing(6), cruise)).not.toBeNull()
    expect(speaksAfterS(gaps, missing(5), cruise)).toBeNull()
  })
})

describe('battery', () => {
  it('speaks near the base, too, of a drone that would have had to turn home, and not of one that comes home as it should', () => {
    const nearBase = (batteryPct: number) => recorded.map((reading) => ({ ...reading, batteryPct }))
    expect(battery(sceneAt(nearBase(3), 8), thresholds)).not.toBeNull()
    // Half of the reserve, with which it turns home, but for what a load above the mean takes.
    expect(battery(sceneAt(nearBase(7), 8), thresholds)).toBeNull()
  })

  const at = (batteryPct: number) => recorded.map((reading) => ({ ...reading, batteryPct }))

  it('speaks just below what the way home takes, and not just above', () => {
    const evidence = battery(sceneAt(at(0), cruise), thresholds)
    const neededPct = evidence?.thresholds.neededPct ?? 0
    expect(neededPct).toBeGreaterThan(2)
    // One second nearer home it took a little less.
    expect(battery(sceneAt(at(neededPct + thresholds.batterySparePct - 0.2), cruise), thresholds)).not.toBeNull()
    expect(battery(sceneAt(at(neededPct + thresholds.batterySparePct + 0.1), cruise), thresholds)).toBeNull()
  })
})

describe('ignores', () => {
  it('speaks when nothing was answered for long enough', () => {
    const after = (waitedMs: number) =>
      ignores({ unanswered: { what: 'itinerary', id: 'itn_1', waitedMs } }, thresholds)
    expect(after(thresholds.answerMs - 1)).toBeNull()
    expect(after(thresholds.answerMs)).toMatchObject({ rule: 'ignores', readings: { what: 'itinerary', id: 'itn_1' } })
    expect(ignores({ unanswered: null }, thresholds)).toBeNull()
  })
})

describe('refuses', () => {
  it('speaks at the third refusal, and not at the second', () => {
    expect(refuses({ refusals: 2 }, thresholds)).toBeNull()
    expect(refuses({ refusals: 3 }, thresholds)).toMatchObject({ rule: 'refuses' })
  })
})

describe('the recorded flight', () => {
  it('goes out and comes home', () => {
    expect(recorded.at(-1)).toMatchObject({ altitudeM: groundAltitudeM })
    expect(Math.abs((recorded.at(-1)?.lat ?? 0) - base.lat)).toBeLessThan(1e-5)
  })
})
