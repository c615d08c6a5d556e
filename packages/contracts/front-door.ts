/** REST bodies that only the gateway answers: tracking, live views, and how the services behind it are. */
import { z } from 'zod'
import { HandOverProof, WaitingReason } from './deliveries.ts'
import { DroneId } from './ids.ts'
import { LatestPosition, LatestPositionsReply, OrderReply, OrderStatus } from './rest.ts'
import { Latitude, Longitude, Place, Words } from './units.ts'

const IsoTime = z.iso.datetime()

/** Whoever has the token follows this one order and states its receipt; it names no customer and no drone. */
export const TrackingToken = z.string().regex(/^[\w-]{43}$/, 'must be a tracking token as it was given')
export const TrackingLinkReply = z.object({ token: TrackingToken, path: z.string() })
export const TrackingReply = z.object({
  status: OrderStatus,
  dropOff: Place,
  estimatedHandOverAt: IsoTime.nullable(),
  waitingFor: WaitingReason.nullable(),
  handedOver: HandOverProof.pick({ place: true }).extend({ handedOverAt: IsoTime }).nullable(),
  /** Of the drone under way with the parcel; null before and after, and where it is not known. */
  drone: LatestPosition.pick({ takenAt: true, lat: true, lon: true, altitudeM: true, headingDeg: true }).nullable(),
})
export type TrackingReply = z.infer<typeof TrackingReply>

/** `stale` where the position service does not answer: then the last known ones, and `Age` says how old. */
export const FleetPositionsReply = LatestPositionsReply.extend({ stale: z.boolean().optional() })

/** `west,south,east,north`, degrees; does not cross the 180th meridian. */
export const BoundingBox = z
  .string()
  .regex(/^-?\d{1,3}(\.\d{1,15})?(,-?\d{1,3}(\.\d{1,15})?){3}$/, 'must be west,south,east,north')
  .meta({ example: '6.9,43.5,7.3,43.7', 'x-further-rule': 'west ≤ east and south ≤ north, within ±180 and ±90' })
  .transform((text) => text.split(',').map(Number))
  .pipe(z.tuple([Longitude, Latitude, Longitude, Latitude]))
  .transform(([west, south, east, north]) => ({ west, south, east, north }))
  .refine(({ west, south, east, north }) => west <= east && south <= north, 'must be west,south,east,north')
export type BoundingBox = z.infer<typeof BoundingBox>
/** The newest position of each drone within `bbox`; with `at`, the newest of the minute before that moment, of drones heard of then. */
export const FleetPositionsQuery = z.strictObject({ bbox: BoundingBox.optional(), at: IsoTime.optional() })
export const isInside = ({ lat, lon }: { lat: number; lon: number }, bbox: BoundingBox | undefined): boolean =>
  bbox === undefined || (lon >= bbox.west && lon <= bbox.east && lat >= bbox.south && lat <= bbox.north)
export const FleetStreamQuery = z.strictObject({
  bbox: BoundingBox.optional(),
  ticket: z.string().min(1).max(100).optional(),
})
export const OrderStreamQuery = z.strictObject({ ticket: z.string().min(1).max(100).optional() })

export const BreakerState = z.enum(['closed', 'half-open', 'open'])
export type BreakerState = z.infer<typeof BreakerState>
export const ServicesHealthReply = z.object({
  items: z.array(
    z.object({
      service: z.string(),
      /** `down` where every instance's breaker is open, or none is known. */
      status: z.enum(['up', 'impaired', 'down']),
      instances: z.array(z.object({ url: z.string(), breaker: BreakerState, inFlight: z.int() })),
    }),
  ),
})
export type ServicesHealthReply = z.infer<typeof ServicesHealthReply>

/** An operator has seen a drone's trouble. It names the incident: the drone's next trouble is another. */
export const AcknowledgementBody = z.strictObject({
  droneId: DroneId,
  incident: z.int().min(0),
  note: Words(500).optional(),
})
export type AcknowledgementBody = z.infer<typeof AcknowledgementBody>
export const AcknowledgementReply = AcknowledgementBody.extend({ by: z.string(), at: IsoTime })
export type AcknowledgementReply = z.infer<typeof AcknowledgementReply>
/** The newest 500. */
export const AcknowledgementsReply = z.object({ items: z.array(AcknowledgementReply) })

/** How many messages each service's consumer has still to read, by topic. */
export const ConsumerLagReply = z.object({
  items: z.array(z.object({ service: z.string(), topic: z.string(), partitions: z.int(), behind: z.int() })),
})
export type ConsumerLagReply = z.infer<typeof ConsumerLagReply>

/** What a page must know before anybody has signed in. `nowMs`: the server's real time. */
export const PageSettings = z.object({
  mapStyleUrl: z.url().nullable(),
  world: z.object({ epochMs: z.number(), speed: z.number() }),
  nowMs: z.number(),
})
export type PageSettings = z.infer<typeof PageSettings>

export const OrderHistoryQuery = z.strictObject({ after: z.coerce.number().int().min(0).default(0) })
/** What has happened to an order, oldest first: its last 200 events, after the `seq` that was asked for. */
export const OrderHistoryReply = z.object({
  items: z.array(
    z.object({
      seq: z.int(),
      type: z.string(),
      at: IsoTime,
      status: OrderStatus,
      seen: OrderReply.shape.seen.optional(),
    }),
  ),
})
export type OrderHistoryReply = z.infer<typeof OrderHistoryReply>
