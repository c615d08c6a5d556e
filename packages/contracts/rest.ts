/** REST bodies. Requests are strict (an unknown field is a refusal); times are ISO 8601. */
import { z } from 'zod'
import { Base, Zone } from './airspace.ts'
import { FailReason, HandOverProof, WaitingReason } from './deliveries.ts'
import { CommandKind } from './drone-commands.ts'
import { HealthState } from './drone-health.ts'
import { BaseId, CommandId, DroneId, HostId, ItineraryId, OrderId } from './ids.ts'
import { Parcel } from './orders.ts'
import { BatteryPct, BootCount, Epoch, HeadingDeg, Latitude, Longitude, Place, Words } from './units.ts'

export const PlaceBody = z.strictObject({ lat: Latitude, lon: Longitude })
export const PlaceOrderBody = z.strictObject({ dropOff: PlaceBody, parcel: Parcel })
export type PlaceOrderBody = z.infer<typeof PlaceOrderBody>

/** Chosen by the caller, one for each order that it means to place. */
export const IdempotencyKey = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'must be 1 to 128 visible ASCII characters')

export const OrderStatus = z.enum([
  'accepted',
  'assigned',
  'in-flight',
  'delivered',
  'closed',
  'cancelling',
  'undecided',
  'cancelled',
  'failed',
])
export type OrderStatus = z.infer<typeof OrderStatus>

const IsoTime = z.iso.datetime()

export const OrderReply = z.object({
  orderId: OrderId,
  status: OrderStatus,
  dropOff: Place,
  parcel: Parcel,
  placedAt: IsoTime,
  estimatedHandOverAt: IsoTime.nullable(),
  waitingFor: WaitingReason.nullable(),
  flight: z.object({ epoch: Epoch, itineraryId: ItineraryId, droneId: DroneId, baseId: BaseId }).nullable(),
  handedOver: HandOverProof.omit({ handedOverAtMs: true }).extend({ handedOverAt: IsoTime }).nullable(),
  failedBecause: FailReason.nullable(),
  /** The last `seq` of this order on each topic that this state contains: what a live stream may leave out. */
  seen: z.object({ orders: z.int().min(0), deliveries: z.int().min(0) }),
})
export type OrderReply = z.infer<typeof OrderReply>
/** `next`: the cursor of the next page, null at the end. */
export const OrdersReply = z.object({ items: z.array(OrderReply), next: z.string().nullable().optional() })
export type OrdersReply = z.infer<typeof OrdersReply>

/** The recipient's word. */
export const ReceiptBody = z.strictObject({ came: z.boolean() })
export type ReceiptBody = z.infer<typeof ReceiptBody>

/** Newest first. */
export const ListOrdersQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  /** `next` of the page before. */
  cursor: z
    .string()
    .regex(/^[\w-]{1,200}$/)
    .optional(),
})

export const BasesReply = z.object({ items: z.array(Base) })
export type BasesReply = z.infer<typeof BasesReply>

export const EnrolDroneBody = z.strictObject({
  name: z.string().regex(/^[0-9a-z-]{1,40}$/),
  hostId: HostId,
  baseId: BaseId,
})
export type EnrolDroneBody = z.infer<typeof EnrolDroneBody>
export const DroneReply = z.object({
  droneId: DroneId,
  name: z.string(),
  hostId: HostId,
  keyVersion: z.int(),
  baseId: BaseId,
  enrolledAt: IsoTime,
  revokedAt: IsoTime.nullable(),
})
export type DroneReply = z.infer<typeof DroneReply>
export const DronesReply = z.object({ items: z.array(DroneReply) })
export type DronesReply = z.infer<typeof DronesReply>

/** A drone with what it last said of itself; null where it has not reported yet. */
export const DroneDetailReply = DroneReply.extend({
  seen: z
    .object({
      report: z.string(),
      at: IsoTime,
      boot: BootCount,
      landed: z.boolean().nullable(),
      batteryPct: BatteryPct.nullable(),
      place: Place.nullable(),
    })
    .nullable(),
})
export type DroneDetailReply = z.infer<typeof DroneDetailReply>

export const CommandStatus = z.enum([
  'queued',
  'sent',
  'acknowledged',
  'in-progress',
  'succeeded',
  'failed',
  'refused',
  'expired',
  'cancelled',
  'unknown',
])
export type CommandStatus = z.infer<typeof CommandStatus>

/** `ttlMs`: how old the command may be when the drone takes it, in world milliseconds. */
export const DroneCommandBody = z.strictObject({
  kind: CommandKind,
  ttlMs: z.int().min(1_000).max(86_400_000).default(60_000),
})
export type DroneCommandBody = z.infer<typeof DroneCommandBody>
export const DroneCommandReply = z.object({
  commandId: CommandId,
  droneId: DroneId,
  kind: CommandKind,
  ttlMs: z.int(),
  /** The boot that a reboot ends; null for the other kinds. */
  endsBoot: BootCount.nullable(),
  status: CommandStatus,
  reason: z.string().nullable(),
  issuedAt: IsoTime,
  changedAt: IsoTime,
})
export type DroneCommandReply = z.infer<typeof DroneCommandReply>

/** The drones of a base or of the whole fleet under one command: its parts, one a drone, each with its own outcome. */
export const FleetCommandReply = z.object({
  /** Names the whole; each part has an id of its own. */
  commandId: CommandId,
  total: z.int(),
  /** Parts that have their outcome. */
  done: z.int(),
  byStatus: z.partialRecord(CommandStatus, z.int()),
  items: z.array(DroneCommandReply),
})
export type FleetCommandReply = z.infer<typeof FleetCommandReply>

/** Why an operator does it, for those who read it later. */
export const NoteBody = z.strictObject({ note: Words(500) })
export type NoteBody = z.infer<typeof NoteBody>

export const EvidenceReply = z.object({
  rule: z.string(),
  readings: z.record(z.string(), z.union([z.number(), z.string()])),
  thresholds: z.record(z.string(), z.number()),
})
export const DroneHealthReply = z.object({
  droneId: DroneId,
  status: HealthState,
  /** Null where it has always been so. */
  since: IsoTime.nullable(),
  /** Counts the drone's troubles. */
  incident: z.int(),
  evidence: EvidenceReply.nullable(),
})
export type DroneHealthReply = z.infer<typeof DroneHealthReply>
export const DroneHealthsReply = z.object({ items: z.array(DroneHealthReply) })

/** What calls for an operator's eye: drones in trouble, and one alarm where many are silent together. */
export const HealthAlertsReply = z.object({
  link: z.object({
    status: z.enum(['up', 'lost', 'judged']),
    since: IsoTime.nullable(),
    /** How many were silent together when the alarm was raised, of how many in flight. */
    quiet: z.int().nullable(),
    inFlight: z.int().nullable(),
    note: z.string().nullable(),
  }),
  items: z.array(DroneHealthReply),
})
export type HealthAlertsReply = z.infer<typeof HealthAlertsReply>

/** A drone's newest position, as the fleet map and the order stream show it. */
export const LatestPosition = z.object({
  droneId: DroneId,
  boot: z.int(),
  seq: z.int(),
  takenAt: IsoTime,
  lat: Latitude,
  lon: Longitude,
  altitudeM: z.number(),
  speedMps: z.number(),
  headingDeg: HeadingDeg,
  batteryPct: BatteryPct,
})
export type LatestPosition = z.infer<typeof LatestPosition>
export const LatestPositionsReply = z.object({ items: z.array(LatestPosition) })

/** A point of a track, by time, boot and sequence; whoever asks only hands it back. */
export const TrackCursor = z
  .string()
  .regex(/^[0-9]{1,15}\.[0-9]{1,10}\.[0-9]{1,10}$/, 'must be the `next` of a track')
  .brand<'TrackCursor'>()
export type TrackCursor = z.infer<typeof TrackCursor>

/**
 * By default the hour before `to`, and that is now. `limit`: points of one page; `after`: the page before's `next`, asked for with
 * the same window; `toleranceM`: points that lie within so many metres of the line through their neighbours are left out
 * (Douglas–Peucker, along the ground).
 */
export const TrackQuery = z.strictObject({
  from: z.iso.datetime().optional(),
  to: z.iso.datetime().optional(),
  limit: z.coerce.number().int().min(1).max(20_000).optional(),
  after: TrackCursor.optional(),
  toleranceM: z.coerce.number().min(0).max(10_000).optional(),
})
export type TrackQuery = z.infer<typeof TrackQuery>

const Vertex = z.tuple([Longitude, Latitude, z.number()])
/** A track is a GeoJSON Feature of [lon, lat, altitudeM], with one time a vertex; a line has two vertices at least (RFC 7946, 3.1.4). */
export const TrackReply = z.object({
  type: z.literal('Feature'),
  geometry: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('LineString'), coordinates: z.array(Vertex).min(2) }),
      z.object({ type: z.literal('Point'), coordinates: Vertex }),
    ])
    .nullable(),
  properties: z.object({
    droneId: DroneId,
    times: z.array(IsoTime),
    /** The window holds more points than one answer carries, or than were asked for. */
    truncated: z.boolean(),
    /** Where it is truncated: the `after` of the next page. */
    next: TrackCursor.nullable(),
  }),
})
export type TrackReply = z.infer<typeof TrackReply>

/** [lon, lat, altitudeM] of each of the track's times. */
export function verticesOf({ geometry }: TrackReply): z.infer<typeof Vertex>[] {
  if (geometry === null) return []
  return geometry.type === 'Point' ? [geometry.coordinates] : geometry.coordinates
}

const SeqRange = z.tuple([z.int(), z.int()])
/**
 * One boot of one drone: givenOut = stored + refused + missing. Ranges name their first and last sequence. Listed without a position
 * too, where only its ceiling is known.
 */
export const BootAccountReply = z.object({
  droneId: DroneId,
  boot: BootCount,
  /** The highest sequence that the drone was heard to use. */
  givenOut: z.int(),
  stored: z.int(),
  refused: z.int(),
  /** Sequences refused, by the reason that their dead letters carry. */
  refusedByReason: z.record(z.string(), z.int()),
  missing: z.int(),
  /** The first hundred ranges at most; fewer where thousands of boots are told. */
  missingRanges: z.array(SeqRange),
  copies: z.int(),
  /**
   * Sequences above `givenOut` up to the ceiling that the next boot told: never heard, and up to 64 of them never given out. Null while
   * no later boot has told of this one.
   */
  unheard: z.int().nullable(),
})
export type BootAccountReply = z.infer<typeof BootAccountReply>
const BootTotals = z.object({
  boots: z.int(),
  givenOut: z.int(),
  stored: z.int(),
  refused: z.int(),
  missing: z.int(),
  copies: z.int(),
})
/** Of all drones, or of one. */
export const AccountingQuery = z.strictObject({ droneId: DroneId.optional() })
export const AccountingReply = z.object({
  items: z.array(BootAccountReply),
  /** Boots too old to be told one by one, summed up by drone. */
  earlier: z.array(BootTotals.extend({ droneId: DroneId })),
  /** All of both; `unheard` of `items` alone. */
  total: BootTotals.extend({ unheard: z.int() }),
  /** Every refused message of the fleet, by reason, those without a readable drone, boot and sequence too. */
  refusedMessages: z.record(z.string(), z.int()),
})
export type AccountingReply = z.infer<typeof AccountingReply>

/** RFC 9457, with the field, the limit and the value of the rule that was broken. */
export const ProblemReply = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string().optional(),
  instance: z.string().optional(),
  code: z.string(),
  field: z.string().optional(),
  limit: z.union([z.number(), z.string()]).optional(),
  value: z.unknown().optional(),
})
export type ProblemReply = z.infer<typeof ProblemReply>

/** Why an operator closes an undecided delivery as failed. */
export const ClosureBody = z.strictObject({ note: Words(500) })
export type ClosureBody = z.infer<typeof ClosureBody>

/** A no-fly zone: the outline has 3 to 1,000 corners, is not closed, and does not cross the 180th meridian. */
export const ZoneBody = z.strictObject({
  name: Words(64),
  outline: z.array(PlaceBody).min(3).max(1_000),
})
export type ZoneBody = z.infer<typeof ZoneBody>
export const ZonesReply = z.object({ items: z.array(Zone) })
export type ZonesReply = z.infer<typeof ZonesReply>
