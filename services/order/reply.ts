/** An order as REST tells it. */
import type { OrderReply } from '@fleet/contracts/rest'
import type { UnixMs } from '@fleet/contracts/units'
import type { Pending, PlacedOrder } from './order.ts'
import type { StoredOrder } from './store.ts'

const iso = (ms: UnixMs) => new Date(ms).toISOString()

/** What the states have, null where a state has no such thing. A cancelling order tells what it still has. */
export function toReply({ order, seen }: StoredOrder): OrderReply {
  const current = order.status === 'cancelling' ? order.before : order
  const { orderId, dropOff, parcel, placedAtMs } = order
  return {
    orderId,
    status: order.status,
    dropOff,
    parcel,
    placedAt: iso(placedAtMs),
    ...estimateOf(current),
    flight: 'flight' in current ? current.flight : null,
    handedOver: handedOverOf(order),
    failedBecause: order.status === 'failed' ? order.failedBecause : null,
    seen,
  }
}

function estimateOf(current: Pending | PlacedOrder): Pick<OrderReply, 'estimatedHandOverAt' | 'waitingFor'> {
  if (!('estimatedHandOverAtMs' in current)) return { estimatedHandOverAt: null, waitingFor: null }
  return { estimatedHandOverAt: iso(current.estimatedHandOverAtMs), waitingFor: current.waitingFor }
}

function handedOverOf(order: PlacedOrder): OrderReply['handedOver'] {
  if (!('handedOver' in order) || order.handedOver === null) return null
  const { handedOverAtMs, ...proof } = order.handedOver
  return { ...proof, handedOverAt: iso(handedOverAtMs) }
}
