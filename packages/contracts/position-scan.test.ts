import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { scan } from './position-scan.ts'
import { goodPosition } from './testing/good-position.ts'

const good = goodPosition
const a = good.droneId
const fields = Object.keys(good).slice(1)

const digits = (minLength: number, maxLength: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength, maxLength })

/** Numbers as JSON has them, and what is nearly one. */
const numeral = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.tuple(fc.constantFrom('', '-'), digits(1, 9), digits(1, 8)).map(([s, w, f]) => `${s}${w}.${f}`),
  },
  fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
  fc.tuple(fc.constantFrom('', '-', '+', '0', '-0'), digits(0, 20)).map((parts) => parts.join('')),
  fc.tuple(digits(0, 3), fc.constantFrom('.', 'e', 'E', '.e', '-', ' '), digits(0, 17)).map((parts) => parts.join('')),
  fc.constantFrom(
    '0',
    '-0',
    '-0.0',
    '0.1',
    '01',
    '1.',
    '.5',
    '9007199254740993',
    '999999999999999',
    '0.30000000000000004',
  ),
)

const textOf = (numbers: readonly string[]) =>
  `{"droneId":"${a}",${fields.map((field, i) => `"${field}":${numbers[i] ?? '1'}`).join(',')}}`

/** Texts in the drones' form with any numerals, and what becomes of them where a byte is lost, changed or doubled. */
const text = fc.oneof(
  { weight: 4, arbitrary: numeral.map((one) => textOf(fields.map(() => one))) },
  fc
    .array(
      fc.double({ min: -200, max: 200, noNaN: true }).map((n) => n.toFixed(7)),
      { minLength: 9 },
    )
    .map(textOf),
  fc.tuple(fc.nat(), fc.string({ maxLength: 2 }), fc.nat(2)).map(([at, put, taken]) => {
    const whole = JSON.stringify(good)
    const place = at % (whole.length + 1)
    return whole.slice(0, place) + put + whole.slice(place + taken)
  }),
)

const jsonIn = (json: string): unknown => {
  try {
    return JSON.parse(json)
  } catch {
    return undefined
  }
}

describe('the scan of a position', () => {
  it('gives what JSON.parse gives, number for number, or nothing', () => {
    let [found, left] = [0, 0]
    fc.assert(
      fc.property(text, (json) => {
        const scanned = scan(Buffer.from(json), a)
        if (scanned === null) left += 1
        else {
          found += 1
          expect(scanned).toEqual(jsonIn(json))
        }
      }),
      { numRuns: 5_000, seed: 8 },
    )
    expect(Math.min(found, left)).toBeGreaterThan(500)
  })

  it('reads what a drone writes', () => {
    expect(scan(Buffer.from(JSON.stringify(good)), a)).toEqual(good)
    expect(scan(Buffer.from(textOf(fields.map(() => '-0.0'))), a)).toMatchObject({ lat: -0 })
  })

  it.each([
    ['another drone', JSON.stringify({ ...good, droneId: 'drn_b' })],
    ['a drone whose name goes on', JSON.stringify(good).replace(a, `${a}a`)],
    ['another order', JSON.stringify(Object.fromEntries(Object.entries(good).toReversed()))],
    ['a space', JSON.stringify(good, null, 1)],
    ['something after it', `${JSON.stringify(good)} `],
    ['sixteen digits', textOf(['1234567890123456'])],
    ['nothing', ''],
  ])('leaves %s to others', (_, json) => {
    expect(scan(Buffer.from(json), a)).toBeNull()
  })
})
