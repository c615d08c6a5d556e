/** Whether a place lies in a zone. Zones are a few kilometres wide, so degrees are taken as a plane. */
import type { Point } from './distance.ts'

/**
 * Whether `place` lies inside `outline`, a polygon of three or more corners, not closed, which does not cross the 180th meridian.
 * Counts the edges that a ray to the east crosses (M. Shimrat, "Algorithm 112", CACM 5, 1962); a place on the outline itself may count either way.
 */
export function isInside(place: Point, outline: readonly Point[]): boolean {
  let inside = false
  let from = outline.at(-1)
  if (from === undefined) return false
  for (const to of outline) {
    const crosses = from.lat > place.lat !== to.lat > place.lat
    if (crosses && place.lon < from.lon + ((place.lat - from.lat) / (to.lat - from.lat)) * (to.lon - from.lon)) {
      inside = !inside
    }
    from = to
  }
  return inside
}
