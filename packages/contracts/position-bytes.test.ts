import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { DronePosition } from './drone-positions.ts'
import { jsonOf, positionIn } from './position-bytes.ts'
import { LatestPosition } from './rest.ts'
import { goodPosition } from './testing/good-position.ts'
import { unixMsMax } from './units.ts'

const good = goodPosition
const a = good.droneId
const fields = Object.keys(good)

/** Values that lie at, beyond or beside what the schema allows. */
const oddValue: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(-501, -500, -181, -180, -91, -90, -1, -0, 0, 0.5, 1, 90, 90.000001, 99.99, 100, 100.5, 150, 151),
  fc.constantFrom(180, 180.01, 359.99, 360, 361, 10_000, 10_001, 1e9, 1e9 + 1, 2 ** 31 - 1, 2 ** 31, 8.64e15, 8.65e15),
  fc.constantFrom(2 ** 53, 2 ** 53 + 2, 1e300, null, true, '1', 'drn_a', 'drn_b', 'drn_', '', [], {}, [1]),
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer(),
)

/** What lies at and just beyond each bound: chance alone meets them too seldom. */
const bounds: Record<string, number[]> = {
  boot: [0, 1, 1_000_000_000, 1_000_000_001, 1.5],
  seq: [0, 1, 2_147_483_647, 2_147_483_648, 1.5],
  takenAtMs: [-1, 0, unixMsMax, unixMsMax + 1, 1.5],
  lat: [-90.000_001, -90, 90, 90.000_001],
  lon: [-180.000_001, -180, 180, 180.000_001],
  altitudeM: [-500.01, -500, 10_000, 10_000.01],
  speedMps: [-0.01, 0, 150, 150.01],
  headingDeg: [-0.01, 0, 359.999_999, 360, 360.01],
  batteryPct: [-0.01, 0, 100, 100.01],
}

/** A good position, with some fields changed, some missing and some too many. */
const nearly = fc
  .record({
    changed: fc.array(fc.tuple(fc.constantFrom(...fields), oddValue), { maxLength: 3 }),
    missing: fc.option(fc.constantFrom(...fields), { freq: 6 }),
    extra: fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 1 }),
  })
  .map(({ changed, missing, extra }) => {
    const made = { ...extra, ...good, ...Object.fromEntries(changed) }
    return JSON.stringify(Object.fromEntries(Object.entries(made).filter(([name]) => name !== missing)))
  })

const anyText = fc.oneof(
  { weight: 8, arbitrary: nearly },
  fc.string(),
  fc.json(),
  fc.constantFrom('{"lat":1e999}', `${JSON.stringify(good).slice(0, -1)},"lat":95}`, 'null', '[]', '"x"'),
)

describe('the quick reading of a position', () => {
  it('gives what the schema gives, and null where the schema refuses or the drone is another', () => {
    let [taken, left] = [0, 0]
    fc.assert(
      fc.property(anyText, (text) => {
        const value = Buffer.from(text)
        const due = DronePosition.safeParse(jsonOf(value))
        const found = positionIn(value, a)
        if (found === null) left += 1
        else taken += 1
        expect(found).toEqual(due.success && due.data.droneId === a ? due.data : null)
      }),
      { numRuns: 2_000, seed: 8 },
    )
    expect(Math.min(taken, left)).toBeGreaterThan(50)
  })

  it.each(Object.entries(bounds))('and the schema have the same bounds of %s', (field, values) => {
    for (const value of values) {
      const bytes = Buffer.from(JSON.stringify({ ...good, [field]: value }))
      const due = DronePosition.safeParse(jsonOf(bytes))
      expect(positionIn(bytes, a)).toEqual(due.data ?? null)
    }
  })

  it('takes no time that a reply could not tell', () => {
    const latest = positionIn(Buffer.from(JSON.stringify({ ...good, takenAtMs: unixMsMax })), a)
    const { takenAtMs = 0, ...position } = latest ?? {}
    const told = { ...position, takenAt: new Date(takenAtMs).toISOString() }

    expect(LatestPosition.parse(told)).toMatchObject({ takenAt: '9999-12-31T23:59:59.999Z' })
  })

  it('does not read what is far larger than a position', () => {
    expect(positionIn(Buffer.from(JSON.stringify({ ...good, note: 'x'.repeat(5_000) })), a)).toBeNull()
  })
})
