/** Values with a unit and a range. The name says the unit; the schema says the range. */
import { z } from 'zod'

/** The end of the year 9999: what comes later has no ISO 8601 time of four digits, and no reply could tell it. */
export const unixMsMax = 253_402_300_799_999
/** Milliseconds since 1970, world clock. */
export const UnixMs = z.int().min(0).max(unixMsMax).brand<'UnixMs'>()
export type UnixMs = z.infer<typeof UnixMs>
/** The same as the schema's answer, for where the schema costs too much. */
export const isUnixMs = (value: unknown): value is UnixMs =>
  typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= unixMsMax

/** Degrees, WGS 84. */
export const Latitude = z.number().min(-90).max(90)
export const Longitude = z.number().min(-180).max(180)

/** A point on the ground. GeoJSON order only in GeoJSON. */
export const Place = z.object({ lat: Latitude, lon: Longitude })
export type Place = z.infer<typeof Place>

/** Above the take-off point, as the drone measures it. */
export const HeightM = z.number().min(-100).max(1_000)
/** Above mean sea level. */
export const AltitudeM = z.number().min(-500).max(10_000)
export const SpeedMps = z.number().min(0).max(150)
/** Clockwise from north. */
export const HeadingDeg = z.number().min(0).lt(360)
export const BatteryPct = z.number().min(0).max(100)
/** The heaviest parcel that any request may name; what a base's drones carry is less, and in `airspace`. */
export const WeightG = z.int().min(1).max(100_000)

/** Counts the flights that were ordered for one order; each assignment has the next. */
export const Epoch = z.int().min(1).brand<'Epoch'>()
export type Epoch = z.infer<typeof Epoch>
/** Counts the starts of one drone's computer. */
export const BootCount = z.int().min(1).max(1_000_000_000)
/** Counts the messages of one topic and key. */
export const Seq = z.int().min(1)

/** What a person writes: cut at both ends, and more than blanks. */
export const Words = (charsMax: number) =>
  z.string().trim().min(1).max(charsMax).regex(/\S/, 'must be more than blanks')
