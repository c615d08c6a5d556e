/** A delivery as REST tells it: times are ISO 8601. */
import type { DeliveryReply } from '@fleet/contracts/dispatch'
import type { UnixMs } from '@fleet/contracts/units'
import type { Delivery } from './delivery.ts'

const iso = (ms: UnixMs) => new Date(ms).toISOString()

export function toReply(delivery: Exclude<Delivery, { status: 'none' }>): DeliveryReply {
  if (delivery.status === 'ended') return delivery
  const { placedAtMs, ...rest } = delivery
  if (rest.status === 'assigned' || rest.status === 'handed-over') return { ...rest, placedAt: iso(placedAtMs) }
  const { sinceMs, ...state } = rest
  return { ...state, placedAt: iso(placedAtMs), since: iso(sinceMs) }
}
