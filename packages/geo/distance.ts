/**
 * Distances and directions on the ground, on a sphere of the Earth's mean radius.
 * The sphere is off by up to 0.5 % against the ellipsoid, which is metres over a delivery's range; heights do not enter.
 */

/** A point on the ground in degrees, WGS 84. */
export type Point = { readonly lat: number; readonly lon: number }

/** Mean radius R1 = (2a + b) / 3 of the WGS 84 ellipsoid, in metres. Source: NIMA TR8350.2, table 3.6. */
export const earthRadiusM = 6_371_008.7714

const radians = (deg: number) => (deg * Math.PI) / 180
const degrees = (rad: number) => (rad * 180) / Math.PI

/** Great-circle distance in metres, by the haversine formula (R. W. Sinnott, "Virtues of the Haversine", 1984). */
export function distanceM(from: Point, to: Point): number {
  if (from.lat === to.lat && from.lon === to.lon) return 0 // A parked fleet is asked for nothing else.
  const lat1 = radians(from.lat)
  const lat2 = radians(to.lat)
  const haversine =
    Math.sin((lat2 - lat1) / 2) ** 2 + Math.cos(lat1) * Math.cos(lat2) * Math.sin(radians(to.lon - from.lon) / 2) ** 2
  // Rounding can carry the haversine of antipodes past 1, where asin has no value.
  return 2 * earthRadiusM * Math.asin(Math.sqrt(Math.min(1, haversine)))
}

/** Direction of the great circle from one point to another at its start: degrees clockwise from north, 0 to below 360. */
export function bearingDeg(from: Point, to: Point): number {
  const lat1 = radians(from.lat)
  const lat2 = radians(to.lat)
  const dLon = radians(to.lon - from.lon)
  const y = Math.sin(dLon) * Math.cos(lat2)
  const x = Math.cos(lat1) * Math.sin(lat2) - Math.sin(lat1) * Math.cos(lat2) * Math.cos(dLon)
  const bearing = (degrees(Math.atan2(y, x)) + 360) % 360
  // A tiny negative angle plus 360 rounds to 360 itself.
  return bearing >= 360 ? 0 : bearing
}

/** Where one is after `distanceM` metres along the great circle that starts at `from` under `bearingDeg`. */
export function destination(from: Point, along: { bearingDeg: number; distanceM: number }): Point {
  const angle = along.distanceM / earthRadiusM
  const bearing = radians(along.bearingDeg)
  const lat1 = radians(from.lat)
  const sinLat2 = Math.sin(lat1) * Math.cos(angle) + Math.cos(lat1) * Math.sin(angle) * Math.cos(bearing)
  const lat2 = Math.asin(Math.max(-1, Math.min(1, sinLat2)))
  const dLon = Math.atan2(
    Math.sin(bearing) * Math.sin(angle) * Math.cos(lat1),
    Math.cos(angle) - Math.sin(lat1) * sinLat2,
  )
  return { lat: degrees(lat2), lon: normalLongitude(from.lon + degrees(dLon)) }
}

/** The point at `share` (0 to 1) of the great circle between two points that are not antipodes. */
export function interpolate(from: Point, to: Point, share: number): Point {
  return destination(from, { bearingDeg: bearingDeg(from, to), distanceM: distanceM(from, to) * share })
}

function normalLongitude(lon: number): number {
  if (lon >= -180 && lon <= 180) return lon
  return ((((lon + 180) % 360) + 360) % 360) - 180
}
