/**
 * One order, live: its present state, then each message about it and the positions of its drone, until it has ended.
 *
 * The viewer is registered before the state is read, so nothing falls between; and the state says which messages it
 * contains (`seen`), so nothing comes twice. The order service may hear a message a moment after the gateway does:
 * messages are told as they come, and the order is read again only where they do not say all (its end, a refused
 * cancellation), after a hole in their `seq`, and when nothing has come for a while.
 */
import { setTimeout as wait } from 'node:timers/promises'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { LatestPosition, OrderReply } from '@fleet/contracts/rest'
import type { Place } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import type { StreamEvent } from '@fleet/runtime/http'
import type { Viewer } from './live.ts'
import { afterMessage, isFlown, isNewer, isOver } from './order-view.ts'

export type OrderStreamOptions = {
  first: OrderReply
  viewer: Viewer
  /** The order as it is now, or null where the service does not answer. */
  read(): Promise<OrderReply | null>
  /** Where a base stands, or null where that is not known; for the progress. */
  baseAt(baseId: string): Promise<Place | null>
  signal: AbortSignal
  /** After so many real milliseconds without news the order is read again, or a heartbeat sent. */
  quietMs: number
}

/** How often, and how many real milliseconds apart, the order is read until it has heard its last message too. */
const readsMax = 25
const readEveryMs = 200

const end = (because: string): StreamEvent => ({ event: 'end', data: { because } })

/** Ends with an `end` event that says why; where the reader has left, with nothing. */
export async function* orderStream(options: OrderStreamOptions): AsyncGenerator<StreamEvent> {
  const { viewer, signal, quietMs, read } = options
  let order = options.first
  try {
    yield { event: 'order', data: order }
    while (!isOver(order.status)) {
      viewer.follow(isFlown(order.status) ? (order.flight?.droneId ?? null) : null)
      const seen = await viewer.next({ quietMs, signal })
      if (seen.kind === 'closed') {
        if (!signal.aborted) yield end('the gateway stops; connect again')
        return
      }
      if (seen.kind === 'too-slow') {
        yield end('too slow: events came faster than they were read; connect again')
        return
      }
      if (seen.kind === 'position') {
        yield await positionEvent(seen.position, order, options)
        continue
      }
      if (seen.kind === 'quiet') {
        const now = await read()
        const news = now !== null && isNewer(now, order)
        if (news) order = now
        yield news ? { event: 'order', data: order } : { event: 'heartbeat', data: {} }
        continue
      }
      const { topic, message } = seen
      if (message.seq <= order.seen[topic]) continue
      if (message.seq > order.seen[topic] + 1) {
        const now = await read()
        if (now !== null && isNewer(now, order)) {
          order = now
          yield { event: 'order', data: order }
        }
        if (message.seq <= order.seen[topic]) continue
      }
      order = afterMessage(order, seen)
      const at = new Date(message.at).toISOString()
      yield { event: message.type, data: { at, ...order, news: message.data } }
      if (isOver(order.status) || message.type === 'delivery.cancel-refused') {
        order = await readCaughtUp(order, options)
        yield { event: 'order', data: order }
      }
    }
    yield end(order.status)
  } finally {
    viewer.close()
  }
}

/** The order once the service has heard what the stream has; where that takes too long, as the messages tell it. */
async function readCaughtUp(order: OrderReply, { read, signal }: OrderStreamOptions): Promise<OrderReply> {
  for (let reads = 0; reads < readsMax && !signal.aborted; reads += 1) {
    const now = await read()
    if (now !== null && now.seen.deliveries >= order.seen.deliveries) return now
    await wait(readEveryMs)
  }
  return order
}

async function positionEvent(
  { takenAtMs, ...position }: DronePosition,
  { dropOff, flight, status }: OrderReply,
  { baseAt }: OrderStreamOptions,
): Promise<StreamEvent> {
  const toDropOffM = distanceM(position, dropOff)
  const base = flight === null || status === 'delivered' ? null : await baseAt(flight.baseId)
  const wayM = base === null ? null : Math.max(1, distanceM(base, dropOff))
  const latest: LatestPosition = { ...position, takenAt: new Date(takenAtMs).toISOString() }
  const data = {
    ...latest,
    toDropOffM: Math.round(toDropOffM),
    /** Of the way out, along the ground; null on the way home, and where the base is not known. */
    progressPct: wayM === null ? null : Math.round(100 * Math.max(0, 1 - toDropOffM / wayM)),
  }
  return { event: 'position', data }
}
