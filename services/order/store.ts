/** Orders in the database: loaded, decided on, and written with their messages in one transaction. */
import type { CustomerId, OrderId } from '@fleet/contracts/ids'
import type { OrderMessage } from '@fleet/contracts/orders'
import type { Refusal } from '@fleet/contracts/problems'
import { topics } from '@fleet/contracts/topics'
import type { UnixMs } from '@fleet/contracts/units'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database, Tx } from '@fleet/messaging/database'
import type { Draft } from '@fleet/messaging/outbox'
import { type AnyBulkWriteOperation, Schema } from 'mongoose'
import { decide, type OrderCommand } from './decide.ts'
import { evolve, type Order, type OrderEvent, PlacedOrder } from './order.ts'

/** The last `seq` of the order on each topic that its state contains. */
export type Seen = { orders: number; deliveries: number }
/** `version` counts the order's events. */
export type StoredOrder = { order: PlacedOrder; version: number; seen: Seen }

/** What stands behind a command: its request or message, and when, by the world clock. */
export type Cause = { atMs: UnixMs; correlationId: string; causationId: string; deliveriesSeq?: number }

type Decided<T> = ({ ok: true } & T) | { ok: false; refusal: Refusal }
export type Outcome = Decided<{ stored: StoredOrder }>
export type Asked = { orderId: OrderId; command: OrderCommand; cause: Cause }

export type OrderStore = {
  /** Decides on `command` and stores what it makes happen, in a transaction of its own, committed also where that is nothing. */
  handle(orderId: OrderId, command: OrderCommand, cause: Cause): Promise<Outcome>
  /** The same within `tx`. */
  handleIn(tx: Tx, orderId: OrderId, command: OrderCommand, cause: Cause): Promise<Outcome>
  /** The same for several orders, all of them different: an outcome for each, in as many round trips as for one. */
  handleAllIn(tx: Tx, asked: readonly Asked[]): Promise<Outcome[]>
  find(orderId: OrderId): Promise<StoredOrder | null>
  /** Newest first, those after `after`; of one customer, or of all where `customerId` is null. */
  list(of: { customerId: CustomerId | null; limit: number; after?: PageKey }): Promise<StoredOrder[]>
  /** The events after `afterSeq` of those that are kept, oldest first, and whose order it is; null where there is none. */
  history(orderId: OrderId, afterSeq: number): Promise<{ customerId: string; events: PastEvent[] } | null>
  /** How many open orders there are by status and age in world time, counting at most `countMax`. */
  countOpen(nowMs: UnixMs): Promise<OpenCount[]>
}
/** Where a page ended. */
export type PageKey = { placedAtMs: number; orderId: OrderId }
/** `seen`: the messages that the order contained after it. */
export type PastEvent = { seq: number; type: string; atMs: number; status: string; seen?: Seen }
export type OpenCount = { status: string; ageMinMs: number; orders: number }

/** Lower bounds of the age classes of open orders, in milliseconds. */
const ageClassesMs = [0, 60_000, 600_000, 3_600_000]
const countMax = 100_000
/** An order has a dozen events; one that is reassigned without end keeps the newest. */
const historyMax = 200

type OrderRow = {
  _id: string
  customerId: string
  placedAtMs: number
  status: string
  open: boolean
  version: number
  seen: Seen
  state: unknown
  history: PastEvent[]
}

const orderSchema = new Schema<OrderRow>(
  {
    _id: { type: String, required: true },
    customerId: { type: String, required: true },
    placedAtMs: { type: Number, required: true },
    status: { type: String, required: true },
    open: { type: Boolean, required: true },
    version: { type: Number, required: true },
    seen: { type: { orders: Number, deliveries: Number }, required: true, _id: false },
    state: { type: Schema.Types.Mixed, required: true },
    history: {
      type: [
        {
          _id: false,
          seq: Number,
          type: { type: String },
          atMs: Number,
          status: String,
          seen: { orders: Number, deliveries: Number },
        },
      ],
      default: [],
    },
  },
  { versionKey: false, collection: 'orders', minimize: false },
)
orderSchema.index({ customerId: 1, placedAtMs: -1 })
orderSchema.index({ placedAtMs: -1 })
orderSchema.index({ status: 1, placedAtMs: 1 }, { partialFilterExpression: { open: true } })

const isOpen = ({ status }: PlacedOrder) => status !== 'closed' && status !== 'cancelled' && status !== 'failed'

/** What of an order's events the other services are told; the rest came from them. */
function toldBy(event: OrderEvent, { atMs, correlationId, causationId }: Cause): Draft<OrderMessage> | null {
  const about = { at: atMs, correlationId, causationId }
  switch (event.type) {
    case 'order.accepted': {
      const { orderId, customerId, dropOff, parcel, placedAtMs } = event.data
      const data = { orderId, customerId, dropOff, parcel, placedAtMs }
      return { type: event.type, key: orderId, data, ...about }
    }
    case 'order.cancel-requested':
      return { type: event.type, key: event.data.orderId, data: event.data, ...about }
    case 'order.receipt-stated':
      return { type: event.type, key: event.data.orderId, data: event.data, ...about }
    case 'delivery.waiting':
    case 'delivery.assigned':
    case 'delivery.departed':
    case 'delivery.handed-over':
    case 'delivery.reassigned':
    case 'delivery.undecided':
    case 'delivery.cancelled':
    case 'delivery.cancel-refused':
    case 'delivery.completed':
    case 'delivery.failed':
      return null
  }
}

/** What a command makes of an order: how it stands then, what is new in its history, and what others are told. */
type Step = { stored: StoredOrder; history: PastEvent[]; told: Draft<OrderMessage>[] }

function step(before: StoredOrder | null, { orderId, command, cause }: Asked): Decided<Step> {
  const decision = decide(before?.order ?? { status: 'none' }, command)
  if (!decision.ok) return decision
  let order: Order = before?.order ?? { status: 'none' }
  let version = before?.version ?? 0
  const seen = { ...(before?.seen ?? { orders: 0, deliveries: 0 }) }
  if (decision.events.length > 0 && cause.deliveriesSeq !== undefined) seen.deliveries = cause.deliveriesSeq
  const history: PastEvent[] = []
  const told: Draft<OrderMessage>[] = []
  for (const event of decision.events) {
    order = evolve(order, event)
    version += 1
    const draft = toldBy(event, cause)
    if (draft !== null) told.push(draft)
    seen.orders += draft === null ? 0 : 1
    history.push({ seq: version, type: event.type, atMs: cause.atMs, status: order.status, seen: { ...seen } })
  }
  if (order.status === 'none') throw new Error(`${command.type} left ${orderId} without a state`)
  return { ok: true, stored: { order, version, seen }, history, told }
}

/** Makes the collection and its indexes, and gives the store. */
export async function createOrderStore(db: Database): Promise<OrderStore> {
  const rows = db.connection.model('Order', orderSchema)
  await prepareCollections(rows)

  const fromRow = ({ state, version, seen }: Pick<OrderRow, 'state' | 'version' | 'seen'>): StoredOrder => ({
    order: PlacedOrder.parse(state),
    version,
    seen: { orders: seen.orders, deliveries: seen.deliveries },
  })

  const handleAllIn: OrderStore['handleAllIn'] = async (tx, asked) => {
    const { session } = tx
    const ids = asked.map(({ orderId }) => orderId)
    const found = await rows.find({ _id: { $in: ids } }, null, { session }).lean()
    const before = new Map(found.map((row) => [row._id, fromRow(row)]))
    const steps = asked.map((one) => step(before.get(one.orderId) ?? null, one))

    const made: OrderRow[] = []
    const changes: AnyBulkWriteOperation<OrderRow>[] = []
    const told: Draft<OrderMessage>[] = []
    for (const done of steps) {
      if (!done.ok || done.history.length === 0) continue
      const { order, version, seen } = done.stored
      const { orderId, customerId, placedAtMs, status } = order
      const changed = { status, open: isOpen(order), version, seen, state: order }
      const known = before.get(orderId)
      if (known === undefined) made.push({ _id: orderId, customerId, placedAtMs, ...changed, history: done.history })
      else {
        const pushed = { history: { $each: done.history, $slice: -historyMax } }
        const update = { $set: changed, $push: pushed }
        changes.push({ updateOne: { filter: { _id: orderId, version: known.version }, update } })
      }
      told.push(...done.told)
    }
    await tx.outbox.publishAll(topics.orders, told)
    // The same POST twice at once: the loser has a write conflict, and runs anew.
    if (made.length > 0) await rows.insertMany(made, { session, lean: true, ordered: true })
    if (changes.length > 0) {
      const { matchedCount } = await rows.bulkWrite(changes, { session, ordered: true })
      if (matchedCount !== changes.length) {
        throw new Error(
          `${changes.length - matchedCount} of ${ids.join(', ')} no longer stand at the version that was read`,
        )
      }
    }
    return steps.map((done) => (done.ok ? { ok: true, stored: done.stored } : done))
  }
  const handleIn: OrderStore['handleIn'] = async (tx, orderId, command, cause) => {
    const [outcome] = await handleAllIn(tx, [{ orderId, command, cause }])
    if (outcome === undefined) throw new Error(`${command.type} of ${orderId} had no outcome`)
    return outcome
  }

  return {
    handleIn,
    handleAllIn,
    handle: (orderId, command, cause) => db.transact((tx) => handleIn(tx, orderId, command, cause)),
    find: async (orderId) => {
      const row = await rows.findById(orderId, { state: 1, version: 1, seen: 1 }).lean()
      return row === null ? null : fromRow(row)
    },
    history: async (orderId, afterSeq) => {
      const row = await rows.findById(orderId, { customerId: 1, history: 1 }).lean()
      if (row === null) return null
      return { customerId: row.customerId, events: row.history.filter(({ seq }) => seq > afterSeq) }
    },
    list: async ({ customerId, limit, after }) => {
      const beyond = after && {
        $or: [{ placedAtMs: { $lt: after.placedAtMs } }, { placedAtMs: after.placedAtMs, _id: { $gt: after.orderId } }],
      }
      const found = await rows
        .find({ ...(customerId === null ? {} : { customerId }), ...beyond }, { state: 1, version: 1, seen: 1 })
        .sort({ placedAtMs: -1, _id: 1 })
        .limit(limit)
        .lean()
      return found.map(fromRow)
    },
    countOpen: (nowMs) =>
      rows.aggregate<OpenCount>([
        { $match: { open: true, status: { $exists: true } } },
        { $limit: countMax },
        {
          $group: {
            _id: {
              status: '$status',
              ageMinMs: {
                $max: ageClassesMs.map((ms) => ({
                  $cond: [{ $gte: [{ $subtract: [nowMs, '$placedAtMs'] }, ms] }, ms, 0],
                })),
              },
            },
            orders: { $sum: 1 },
          },
        },
        { $project: { _id: 0, status: '$_id.status', ageMinMs: '$_id.ageMinMs', orders: 1 } },
      ]),
  }
}
