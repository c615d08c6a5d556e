/**
 * The whole fleet, live, for operators. Each viewer has one slot per drone for its newest position (conflation: a slow
 * viewer sees fewer positions of each, never older ones) and a bounded queue of news. Memory: viewers × (drones + queue).
 */

import type { DronePosition } from '@fleet/contracts/drone-positions'
import { type BoundingBox, isInside } from '@fleet/contracts/front-door'
import { topics } from '@fleet/contracts/topics'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { StreamEvent } from '@fleet/runtime/http'
import { soon } from '@fleet/runtime/soon'
import { Gauge } from 'prom-client'
import type { JudgePosition } from './positions.ts'
import { parseJson } from './read-json.ts'
import { createViewerQueue, type Ended, type ViewerQueue } from './viewer-queue.ts'

const viewersMetric = new Gauge({
  name: 'fleet_viewers',
  help: 'Open live streams of the fleet. At its limit, further ones are refused.',
})
export const fleetViewersMax = 500
const newsMax = 256

export type FleetViewer = {
  /** All that has come since it was last asked, or null after `quietMs` without anything. Refuses nothing: what overflows is said. */
  next(wait: { quietMs: number; signal: AbortSignal }): Promise<FleetNews | null>
  /** Was shown these drones, as by a snapshot: it hears when they leave its box. */
  shown(droneIds: Iterable<string>): void
  close(): void
}
export type FleetNews = { positions: DronePosition[]; news: StreamEvent[]; ended: Ended }

export type FleetLive = {
  /** Null where there are too many viewers. */
  watch(bbox: BoundingBox | undefined): FleetViewer | null
  /** Takes positions, health changes and alerts; the judge is asked only while somebody watches. */
  take(record: TopicRecord): void | Promise<void>
  /** Something of the gateway's own, such as a breaker that opened. */
  tell(event: StreamEvent): void
  close(): void
}

type State = {
  bbox: BoundingBox | undefined
  slots: Map<string, DronePosition>
  /** Drones last seen within the box. */
  inside: Set<string>
  queue: ViewerQueue<StreamEvent>
}

/** `judgePosition` gives the position in a record, or null where it is not to be shown. */
export function createFleetLive(judgePosition: JudgePosition): FleetLive {
  const all = new Set<State>()

  const tell = (event: StreamEvent) => {
    for (const { queue } of all) queue.push(event)
  }
  const show = (position: DronePosition) => {
    for (const state of all) {
      const inside = isInside(position, state.bbox)
      // One that flies out of the box is shown once more, or it would stand at the border for ever.
      if (!inside && !state.inside.delete(position.droneId)) continue
      if (inside) state.inside.add(position.droneId)
      state.slots.set(position.droneId, position)
      state.queue.wake()
    }
  }

  return {
    watch: (bbox) => {
      if (all.size >= fleetViewersMax) return null
      const state: State = { bbox, slots: new Map(), inside: new Set(), queue: createViewerQueue(newsMax) }
      all.add(state)
      viewersMetric.set(all.size)
      return {
        next: (wait) => nextOf(state, wait),
        shown: (droneIds) => {
          for (const droneId of droneIds) state.inside.add(droneId)
        },
        close: () => {
          all.delete(state)
          viewersMetric.set(all.size)
          state.queue.close()
        },
      }
    },
    take: (record) => {
      if (all.size === 0) return
      switch (record.topic) {
        case topics.dronePositions.name:
          return soon(judgePosition(record), (position) => {
            if (position !== null) show(position)
          })
        case topics.droneHealth.name: {
          const parsed = topics.droneHealth.schema.safeParse(parseJson(record.value))
          if (parsed.success) tell({ event: parsed.data.type, data: parsed.data.data })
          return
        }
        case topics.securityAlerts.name: {
          const parsed = topics.securityAlerts.schema.safeParse(parseJson(record.value))
          if (parsed.success) tell({ event: parsed.data.type, data: parsed.data.data })
          return
        }
      }
    },
    tell,
    close: () => {
      for (const { queue } of all) queue.close()
    },
  }
}

function takeFrom({ slots, queue }: State): FleetNews | null {
  const taken = { positions: [...slots.values()], news: queue.takeAll(), ended: queue.ended() }
  slots.clear()
  return taken.positions.length === 0 && taken.news.length === 0 && taken.ended === null ? null : taken
}

async function nextOf(state: State, wait: { quietMs: number; signal: AbortSignal }): Promise<FleetNews | null> {
  const there = takeFrom(state)
  if (there !== null || wait.signal.aborted) return there
  await state.queue.wait(wait)
  return takeFrom(state)
}
