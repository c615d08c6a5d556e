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
}

export type Placements = { place(placement: Placement): Promise<Outcome> }

/** A transaction of 64 orders takes some 30 ms, and its messages stay far below the brokers' limit of a request. */
const ordersMax = 64
/** What waits longer than a few seconds is refused by its deadline anyway. */
const waitingMax = 1_024

export function createPlacements({
  db,
  orders,
  airspace,
}: {
  db: Pick<Database, 'transact'>
  orders: OrderStore
  airspace: AirspaceStore
}): Placements {
  const batches = createBatches<Placement, Outcome>({
    sizeMax: ordersMax,
    keyOf: ({ orderId }) => orderId,
    isShared: isOutage,
    run: async (placements) => {
      const current = await airspace.read()
      const asked = placements.map(({ orderId, customerId, body: { dropOff, parcel }, bodyHash, cause }) => {
        const { atMs } = cause
        const about = { orderId, customerId, dropOff, parcel, bodyHash, atMs }
        const reached = reach(current, { dropOff, weightG: parcel.weightG, atMs })
        return { orderId, command: { type: 'order.place' as const, ...about, reach: reached }, cause }
      })
      return db.transact((tx) => orders.handleAllIn(tx, asked))
    },
  })
  return {
    place: async (placement) => {
      if (batches.waiting() >= waitingMax) {
        const detail = `${waitingMax} orders wait to be stored`
        return {
          ok: false,
          refusal: { code: 'service.unavailable', field: 'service', value: 'order', limit: waitingMax, detail },
        }
      }
      return batches.add(placement)
    },
  }
}
