/**
 * The JSON of a position, read byte for byte where it is written as our drones write it: the fields in the contract's
 * order, no space, no exponent, up to 15 digits a number. `JSON.parse` takes twice as long, as it makes a text and
 * the names of the fields first. Any other text is for `JSON.parse` to read; position-scan.test.ts holds the two together.
 *
 * Why the numbers are the same: up to 15 digits are a whole number that a double holds exactly, and so are the powers of
 * ten up to 1e22; so their quotient, rounded once, is the double nearest to the decimal number, which JSON.parse gives.
 */
import type { DroneId } from './ids.ts'

/** What is read, and how far. */
type Cursor = { readonly bytes: Buffer; at: number }

const digitsMax = 15
const powersOfTen = Array.from({ length: digitsMax + 1 }, (_, n) => 10 ** n)

const minus = 0x2d
const point = 0x2e
const zero = 0x30

/** The JSON in `bytes`, which names `droneId`; null where it is written in another way, or is none. */
export function scan(bytes: Buffer, droneId: DroneId): object | null {
  const from: Cursor = { bytes, at: 0 }
  pass(from, '{"droneId":"')
  pass(from, droneId)
  const json = {
    droneId,
    boot: numberAfter(from, '","boot":'),
    seq: numberAfter(from, ',"seq":'),
    takenAtMs: numberAfter(from, ',"takenAtMs":'),
    lat: numberAfter(from, ',"lat":'),
    lon: numberAfter(from, ',"lon":'),
    altitudeM: numberAfter(from, ',"altitudeM":'),
    speedMps: numberAfter(from, ',"speedMps":'),
    headingDeg: numberAfter(from, ',"headingDeg":'),
    batteryPct: numberAfter(from, ',"batteryPct":'),
  }
  pass(from, '}')
  return from.at === bytes.length ? json : null
}

/** Where something else stands than is due, the cursor goes past the end, where nothing is ever found again. */
function giveUp(from: Cursor): number {
  from.at = from.bytes.length + 1
  return Number.NaN
}

/** Goes past `text`, which is ASCII. */
function pass(from: Cursor, text: string): void {
  const { bytes, at } = from
  for (let i = 0; i < text.length; i++) {
    if (bytes[at + i] === text.charCodeAt(i)) continue
    giveUp(from)
    return
  }
  from.at += text.length
}

function numberAfter(from: Cursor, text: string): number {
  pass(from, text)
  const { bytes } = from
  const isNegative = bytes[from.at] === minus
  const start = isNegative ? from.at + 1 : from.at
  let at = start
  let mantissa = 0
  for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
    mantissa = mantissa * 10 + digit
    at += 1
  }
  const wholeDigits = at - start
  if (wholeDigits === 0 || (wholeDigits > 1 && bytes[start] === zero)) return giveUp(from)
  let decimals = 0
  if (bytes[at] === point) {
    at += 1
    for (let digit = digitAt(bytes, at); digit >= 0; digit = digitAt(bytes, at)) {
      mantissa = mantissa * 10 + digit
      at += 1
      decimals += 1
    }
    if (decimals === 0) return giveUp(from)
  }
  if (wholeDigits + decimals > digitsMax) return giveUp(from)
  from.at = at
  const magnitude = decimals === 0 ? mantissa : mantissa / (powersOfTen[decimals] ?? Number.NaN)
  return isNegative ? -magnitude : magnitude
}

/** The digit at `at`, or -1. */
function digitAt(bytes: Buffer, at: number): number {
  const digit = (bytes[at] ?? 0) - zero
  return digit <= 9 ? digit : -1
}
