/**
 * Tracking links: an unguessable token stands for one order, and shows what its recipient may see and nothing else.
 * A token is made from order and Idempotency-Key by a secret of the gateway's, and kept as a hash.
 */
import { createHash, createHmac } from 'node:crypto'
import { type TrackingReply, TrackingToken } from '@fleet/contracts/front-door'
import { CustomerId, OrderId } from '@fleet/contracts/ids'
import type { LatestPosition, OrderReply } from '@fleet/contracts/rest'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import { Schema } from 'mongoose'
import { isFlown } from './order-view.ts'

type LinkRow = { _id: string; orderId: string; customerId: string; createdAt: Date }
const linkSchema = new Schema<LinkRow>(
  {
    _id: { type: String, required: true },
    orderId: { type: String, required: true },
    customerId: { type: String, required: true },
    createdAt: { type: Date, required: true },
  },
  { versionKey: false, collection: 'tracking_links' },
)

export type TrackedOrder = { orderId: OrderId; customerId: CustomerId }
export type TrackingLinks = {
  /** The same order and key make the same token. */
  make(of: TrackedOrder & { idempotencyKey: string }): Promise<string>
  find(token: string): Promise<TrackedOrder | null>
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')

/** `nowMs`: real time. */
export async function createTrackingLinks(db: Database, secret: Buffer, nowMs: () => number): Promise<TrackingLinks> {
  const rows = db.connection.model('TrackingLink', linkSchema)
  await prepareCollections(rows)
  return {
    make: async ({ orderId, customerId, idempotencyKey }) => {
      const named = `tracking\0${orderId}\0${idempotencyKey}`
      const token = TrackingToken.parse(createHmac('sha256', secret).update(named).digest('base64url'))
      const row = { orderId, customerId, createdAt: new Date(nowMs()) }
      await rows.updateOne({ _id: hashOf(token) }, { $setOnInsert: row }, { upsert: true })
      return token
    },
    find: async (token) => {
      const row = await rows.findById(hashOf(token)).lean()
      if (row === null) return null
      return { orderId: OrderId.parse(row.orderId), customerId: CustomerId.parse(row.customerId) }
    },
  }
}

/** What the recipient may see of `order`; `drone` is where its drone is, or null. */
export function toTracking(order: OrderReply, drone: LatestPosition | null): TrackingReply {
  const { status, dropOff, estimatedHandOverAt, waitingFor, handedOver } = order
  const seen = drone === null || !isFlown(status) || status === 'delivered' ? null : drone
  return {
    status,
    dropOff,
    estimatedHandOverAt,
    waitingFor,
    handedOver: handedOver === null ? null : { place: handedOver.place, handedOverAt: handedOver.handedOverAt },
    drone:
      seen === null
        ? null
        : {
            takenAt: seen.takenAt,
            lat: seen.lat,
            lon: seen.lon,
            altitudeM: seen.altitudeM,
            headingDeg: seen.headingDeg,
          },
  }
}
