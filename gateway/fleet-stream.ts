/** `GET /v1/fleet/stream`: a snapshot, then the newest positions in batches, and news as it comes; says why before it ends. */
import { setTimeout as wait } from 'node:timers/promises'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { type BoundingBox, isInside } from '@fleet/contracts/front-door'
import type { LatestPosition } from '@fleet/contracts/rest'
import type { StreamEvent } from '@fleet/runtime/http'
import type { FleetViewer } from './fleet-live.ts'

/** Real milliseconds: four batches a second are as many as an eye can use. */
const batchEveryMs = 250
const quietMs = 15_000

export type Snapshot = { items: LatestPosition[]; stale: boolean }

const toLatest = ({ takenAtMs, ...position }: DronePosition): LatestPosition => ({
  ...position,
  takenAt: new Date(takenAtMs).toISOString(),
})

/** The viewer was registered before `snapshot` is read, so nothing falls between. */
export async function* fleetStream({
  viewer,
  snapshot,
  bbox,
  signal,
}: {
  viewer: FleetViewer
  snapshot: () => Promise<Snapshot>
  bbox: BoundingBox | undefined
  signal: AbortSignal
}): AsyncGenerator<StreamEvent> {
  try {
    const { items, stale } = await snapshot()
    const shown = items.filter((item) => isInside(item, bbox))
    viewer.shown(shown.map(({ droneId }) => droneId))
    yield { event: 'snapshot', data: { items: shown, stale } }
    while (!signal.aborted) {
      const came = await viewer.next({ quietMs, signal })
      if (signal.aborted) return
      if (came === null) {
        yield { event: 'heartbeat', data: {} }
        continue
      }
      yield* came.news
      if (came.positions.length > 0) yield { event: 'positions', data: { items: came.positions.map(toLatest) } }
      if (came.ended === 'too-slow')
        yield { event: 'end', data: { because: 'too slow: news came faster than it was read; connect again' } }
      if (came.ended === 'closed') yield { event: 'end', data: { because: 'the gateway stops; connect again' } }
      if (came.ended !== null) return
      await wait(batchEveryMs)
    }
  } finally {
    viewer.close()
  }
}
