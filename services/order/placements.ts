/**
 * Orders that are placed at about the same time share a transaction (decision 0027). Each is decided on its own, by the
 * airspace that was read for all of them; refused ones do not hold up the others.
 */
import type { CustomerId, OrderId } from '@fleet/contracts/ids'
import type { PlaceOrderBody } from '@fleet/contracts/rest'
import { type Database, isOutage } from '@fleet/messaging/database'
import { createBatches } from '@fleet/runtime/batches'
import { type AirspaceStore, reach } from './airspace.ts'
import type { Cause, OrderStore, Outcome } from './store.ts'

export type Placement = {
  orderId: OrderId
  customerId: CustomerId
  body: PlaceOrderBody
  bodyHash: string
  cause: Cause
  /** Aborted once nobody waits for the answer: what has not begun by then is left undone. */
  signal: AbortSignal
}

export type Placements = { place(placement: Placement): Promise<Outcome> }

/** Their messages stay far below the brokers' limit of a request. */
const ordersMax = 64
const waitingMax = 1_024

const unavailable = (detail: string): Outcome => ({
  ok: false,
  refusal: { code: 'service.unavailable', field: 'service', value: 'order', detail },
})

export function createPlacements({
  db,
  orders,
  airspace,
}: {
  db: Pick<Database, 'transact'>
  orders: OrderStore
  airspace: AirspaceStore
}): Placements {
  const placeAll = async (placements: readonly Placement[]): Promise<Outcome[]> => {
    const current = await airspace.read()
    const asked = placements.map(({ orderId, customerId, body: { dropOff, parcel }, bodyHash, cause }) => {
      const { atMs } = cause
      const about = { orderId, customerId, dropOff, parcel, bodyHash, atMs }
      const reached = reach(current, { dropOff, weightG: parcel.weightG, atMs })
      return { orderId, command: { type: 'order.place' as const, ...about, reach: reached }, cause }
    })
    return db.transact((tx) => orders.handleAllIn(tx, asked))
  }
  const batches = createBatches<Placement, Outcome>({
    sizeMax: ordersMax,
    keyOf: ({ orderId }) => orderId,
    isShared: isOutage,
    run: async (placements) => {
      const awaited = placements.filter(({ signal }) => !signal.aborted)
      const outcomes = awaited.length === 0 ? [] : await placeAll(awaited)
      const byOrder = new Map(outcomes.map((outcome, index) => [awaited[index]?.orderId, outcome]))
      return placements.map(({ orderId }) => byOrder.get(orderId) ?? unavailable('its turn came too late'))
    },
  })
  return {
    place: async (placement) =>
      batches.waiting() < waitingMax ? batches.add(placement) : unavailable(`${waitingMax} orders wait to be stored`),
  }
}
