/** A drone's way as a GeoJSON Feature. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneId } from '@fleet/contracts/ids'
import { type Refusal, refuse } from '@fleet/contracts/problems'
import { TrackCursor, type TrackReply } from '@fleet/contracts/rest'
import { earthRadiusM } from '@fleet/geo/distance'
import simplify from 'simplify-js'

/** World milliseconds: what is shown where nobody says from when, and the widest window of one answer. */
const windowMsDefault = 3_600_000
export const windowMsMax = 24 * 3_600_000
/** Points of one answer, some 2 MB; the earliest are given, and `truncated` says that there are more. */
const pointsMax = 20_000

export type Window = { fromMs: number; toMs: number }

/** The window that was asked for; by default the hour before `toMs`, and that is now. Refuses an empty or too wide one. */
export function trackWindow(
  { from, to }: { from?: string | undefined; to?: string | undefined },
  nowMs: number,
): { ok: true; window: Window } | { ok: false; refusal: Refusal } {
  const toMs = to === undefined ? nowMs : Date.parse(to)
  const fromMs = from === undefined ? toMs - windowMsDefault : Date.parse(from)
  if (fromMs > toMs)
    return refuse('track.window-empty', { field: '/from', limit: new Date(toMs).toISOString(), value: from })
  if (toMs - fromMs > windowMsMax) {
    const detail = `a window holds ${windowMsMax} ms at most, this one ${toMs - fromMs}`
    return refuse('track.window-too-wide', { field: '/from', limit: windowMsMax, value: toMs - fromMs, detail })
  }
  return { ok: true, window: { fromMs, toMs } }
}

/** When it was taken; where the drone's clock was set back, by its own count. */
const inOrder = (a: Moment, b: Moment) => a.takenAtMs - b.takenAtMs || a.boot - b.boot || a.seq - b.seq

type Moment = Pick<DronePosition, 'boot' | 'seq'> & { takenAtMs: number }

const cursorOf = ({ takenAtMs, boot, seq }: DronePosition) => TrackCursor.parse(`${takenAtMs}.${boot}.${seq}`)

/** The point that `cursor` names. */
export function pointOf(cursor: TrackCursor): Moment {
  const [takenAtMs = 0, boot = 0, seq = 0] = cursor.split('.').map(Number)
  return { takenAtMs, boot, seq }
}

/** The earliest `max` of the positions in `batches` after the point `after`, in order, and one more where there is one. Memory holds twice as many. */
export async function earliest(
  batches: AsyncIterable<readonly DronePosition[]>,
  max = pointsMax,
  after: Moment | null = null,
): Promise<DronePosition[]> {
  let kept: DronePosition[] = []
  const cut = () => {
    kept = kept.sort(inOrder).slice(0, max + 1)
  }
  for await (const batch of batches) {
    for (const position of batch) if (after === null || inOrder(position, after) > 0) kept.push(position)
    if (kept.length > 2 * max) cut()
  }
  cut()
  return kept
}

/** The track of positions in order; more than `max` are cut, and of the others those that matter are shown. */
export function toTrack(
  droneId: DroneId,
  positions: readonly DronePosition[],
  { max = pointsMax, toleranceM = 0 }: { max?: number | undefined; toleranceM?: number | undefined } = {},
): TrackReply {
  const page = positions.slice(0, max)
  const last = page.at(-1)
  const truncated = positions.length > max
  const shown = decimated(page, toleranceM)
  return {
    type: 'Feature',
    geometry: toGeometry(shown),
    properties: {
      droneId,
      times: shown.map(({ takenAtMs }) => new Date(takenAtMs).toISOString()),
      truncated,
      next: truncated && last !== undefined ? cursorOf(last) : null,
    },
  }
}

function toGeometry(shown: readonly DronePosition[]): TrackReply['geometry'] {
  const [only, ...more] = shown.map(({ lon, lat, altitudeM }): [number, number, number] => [lon, lat, altitudeM])
  if (only === undefined) return null
  return more.length === 0 ? { type: 'Point', coordinates: only } : { type: 'LineString', coordinates: [only, ...more] }
}

const metresPerDegree = (Math.PI / 180) * earthRadiusM

/** Those of `positions` from whose polyline no other lies further than `toleranceM`, along the ground. First and last stay. */
export function decimated(positions: readonly DronePosition[], toleranceM: number): readonly DronePosition[] {
  const [first] = positions
  if (toleranceM === 0 || first === undefined) return positions
  // A track is a few kilometres long: a plane through its first point is near enough.
  const eastM = metresPerDegree * Math.cos((first.lat * Math.PI) / 180)
  const points = new Map(
    positions.map((position) => [{ x: position.lon * eastM, y: position.lat * metresPerDegree }, position]),
  )
  const kept = simplify([...points.keys()], toleranceM, true)
  return kept.flatMap((point) => points.get(point) ?? [])
}
