/**
 * What happens now, for those who watch: each viewer has a queue of its order's messages and one slot for the newest
 * position of the drone that it follows. A viewer that is slow loses positions, never messages; one that lets its queue
 * fill up is told that it is too slow, and its stream ends. Memory is bounded by viewers × queue.
 */
import type { DeliveryMessage } from '@fleet/contracts/deliveries'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneId, OrderId } from '@fleet/contracts/ids'
import type { OrderMessage } from '@fleet/contracts/orders'
import { topics } from '@fleet/contracts/topics'
import type { TopicRecord } from '@fleet/messaging/topic'
import { soon } from '@fleet/runtime/soon'
import { Counter, Gauge } from 'prom-client'
import type { JudgePosition } from './positions.ts'
import { parseJson } from './read-json.ts'
import { createViewerQueue, type ViewerQueue } from './viewer-queue.ts'

const viewers = new Gauge({
  name: 'live_viewers',
  help: 'Open live streams of orders. At its limit, further ones are refused.',
})
const dropped = new Counter({
  name: 'live_positions_dropped_total',
  help: 'Positions that a viewer was too slow to see. A rise means slow viewers or a slow network.',
})

export const messagesMax = 256
export const viewersMax = 10_000

export type LiveMessage = { topic: 'deliveries'; message: DeliveryMessage } | { topic: 'orders'; message: OrderMessage }

export type Seen =
  | ({ kind: 'message' } & LiveMessage)
  | { kind: 'position'; position: DronePosition }
  /** Nothing came for as long as was asked. */
  | { kind: 'quiet' }
  | { kind: 'too-slow' }
  /** The viewer left, or the gateway stops. */
  | { kind: 'closed' }

export type Viewer = {
  /** From now on also the positions of this drone, and of no other. */
  follow(droneId: DroneId | null): void
  next(wait: { quietMs: number; signal: AbortSignal }): Promise<Seen>
  close(): void
}

export type Live = {
  /** Null where there are too many viewers. */
  watch(orderId: OrderId): Viewer | null
  take(record: TopicRecord): void | Promise<void>
  close(): void
}

type State = {
  queue: ViewerQueue<LiveMessage>
  position: DronePosition | null
  droneId: DroneId | null
}

/** `judgePosition` gives the position in a record, or null where it is not to be shown; it is asked for followed drones only. */
export function createLive(judgePosition: JudgePosition): Live {
  const byOrder = new Map<string, Set<State>>()
  const byDrone = new Map<string, Set<State>>()
  const all = new Set<State>()

  const tell = (orderId: string, live: LiveMessage) => {
    for (const { queue } of byOrder.get(orderId) ?? []) queue.push(live)
  }

  const show = (droneId: string, position: DronePosition) => {
    for (const state of byDrone.get(droneId) ?? []) {
      if (state.position !== null) dropped.inc()
      state.position = position
      state.queue.wake()
    }
  }

  return {
    watch: (orderId) => {
      if (all.size >= viewersMax) return null
      const state: State = { queue: createViewerQueue(messagesMax), position: null, droneId: null }
      all.add(state)
      add(byOrder, orderId, state)
      viewers.set(all.size)
      const follow = (droneId: DroneId | null) => {
        if (droneId === state.droneId) return
        if (state.droneId !== null) remove(byDrone, state.droneId, state)
        if (droneId !== null) add(byDrone, droneId, state)
        state.droneId = droneId
        state.position = null
      }
      return {
        follow,
        next: ({ quietMs, signal }) => nextOf(state, quietMs, signal),
        close: () => {
          follow(null)
          remove(byOrder, orderId, state)
          all.delete(state)
          viewers.set(all.size)
          state.queue.close()
        },
      }
    },
    take: (record) => {
      const key = record.key?.toString() ?? ''
      if (record.topic === topics.dronePositions.name) {
        if (!byDrone.has(key)) return
        return soon(judgePosition(record), (position) => {
          if (position !== null) show(key, position)
        })
      }
      if (byOrder.has(key)) {
        const live = readMessage(record)
        if (live !== null) tell(key, live)
      }
    },
    close: () => {
      for (const { queue } of all) queue.close()
    },
  }
}

/** Ours, so it has the schema; a type of a later version is left out, and a re-read of the order makes up for it. */
function readMessage({ topic, value }: TopicRecord): LiveMessage | null {
  const json = parseJson(value)
  if (topic === topics.deliveries.name) {
    const parsed = topics.deliveries.schema.safeParse(json)
    return parsed.success ? { topic: 'deliveries', message: parsed.data } : null
  }
  if (topic === topics.orders.name) {
    const parsed = topics.orders.schema.safeParse(json)
    return parsed.success ? { topic: 'orders', message: parsed.data } : null
  }
  return null
}

function takeFrom(state: State): Seen | null {
  if (state.queue.ended() === 'closed') return { kind: 'closed' }
  const live = state.queue.shift()
  if (live !== undefined) return { kind: 'message', ...live }
  if (state.queue.ended() === 'too-slow') return { kind: 'too-slow' }
  const { position } = state
  state.position = null
  return position === null ? null : { kind: 'position', position }
}

async function nextOf(state: State, quietMs: number, signal: AbortSignal): Promise<Seen> {
  if (signal.aborted) return { kind: 'closed' }
  const there = takeFrom(state)
  if (there !== null) return there
  await state.queue.wait({ quietMs, signal })
  if (signal.aborted) return { kind: 'closed' }
  return takeFrom(state) ?? { kind: 'quiet' }
}

function add(sets: Map<string, Set<State>>, key: string, state: State): void {
  const set = sets.get(key) ?? new Set()
  sets.set(key, set.add(state))
}

function remove(sets: Map<string, Set<State>>, key: string, state: State): void {
  const set = sets.get(key)
  set?.delete(state)
  if (set?.size === 0) sets.delete(key)
}
