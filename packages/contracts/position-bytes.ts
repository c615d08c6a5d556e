/**
 * A position out of a message's bytes, without the schema's cost: the contract's schema takes longer over a message than
 * its MAC does. What is accepted here the schema accepts too, as the same value (position-bytes.test.ts holds the two together);
 * whoever gets null asks the schema why.
 */
import type { DronePosition } from './drone-positions.ts'
import type { DroneId } from './ids.ts'
import { scan } from './position-scan.ts'
import { isUnixMs } from './units.ts'

/** A position takes some 200 bytes; what is far larger is none, and is not parsed. */
const valueBytesMax = 4_096

/** The JSON in `value`, or undefined where there is none: the schema then says so. */
export function jsonOf(value: Buffer | null): unknown {
  if (value === null || value.length > valueBytesMax) return undefined
  try {
    return JSON.parse(value.toString())
  } catch (error) {
    if (error instanceof SyntaxError) return undefined
    throw error
  }
}

const within = (value: unknown, min: number, max: number): value is number =>
  typeof value === 'number' && value >= min && value <= max
const isWhole = (value: unknown, min: number, max: number): value is number =>
  within(value, min, max) && Number.isInteger(value)

/** The position of drone `key` in `value`, or null where the bytes are no position, or that of another drone. */
export function positionIn(value: Buffer, key: DroneId): DronePosition | null {
  const json = scan(value, key) ?? jsonOf(value)
  if (typeof json !== 'object' || json === null || !('droneId' in json) || json.droneId !== key) return null
  if (!('boot' in json && 'seq' in json && 'takenAtMs' in json && 'lat' in json && 'lon' in json)) return null
  if (!('altitudeM' in json && 'speedMps' in json && 'headingDeg' in json && 'batteryPct' in json)) return null
  const { boot, seq, takenAtMs, lat, lon, altitudeM, speedMps, headingDeg, batteryPct } = json
  if (!isWhole(boot, 1, 1_000_000_000) || !isWhole(seq, 1, 2_147_483_647) || !isUnixMs(takenAtMs)) return null
  if (!within(lat, -90, 90) || !within(lon, -180, 180) || !within(altitudeM, -500, 10_000)) return null
  if (!within(speedMps, 0, 150) || !within(headingDeg, 0, 360) || headingDeg === 360) return null
  if (!within(batteryPct, 0, 100)) return null
  return { droneId: key, boot, seq, takenAtMs, lat, lon, altitudeM, speedMps, headingDeg, batteryPct }
}
