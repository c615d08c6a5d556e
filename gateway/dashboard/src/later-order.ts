import { OrderReply } from '@fleet/contracts/rest'
import { replaceEqualDeep } from '@tanstack/react-query'

/**
 * What a panel keeps of an order: `next`, unless `known` already contains more than it. An answer that was under way
 * while the stream told of a later state would else stand until the next event, which may be minutes.
 */
export function laterOrder(known: unknown, next: unknown): unknown {
  const [was, is] = [OrderReply.safeParse(known), OrderReply.safeParse(next)]
  if (was.success && is.success && isBehind(is.data.seen, was.data.seen)) return known
  return replaceEqualDeep(known, next)
}

const isBehind = (is: OrderReply['seen'], was: OrderReply['seen']) =>
  is.orders <= was.orders && is.deliveries <= was.deliveries && is.orders + is.deliveries < was.orders + was.deliveries
