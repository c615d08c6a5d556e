/** Topic `orders`, key = order: what customers and recipients ask and say. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { CustomerId, OrderId } from './ids.ts'
import { Place, UnixMs, WeightG } from './units.ts'

export const Parcel = z.strictObject({ weightG: WeightG })
export type Parcel = z.infer<typeof Parcel>

export const OrderMessage = z.discriminatedUnion('type', [
  message(
    'order.accepted',
    z.object({ orderId: OrderId, customerId: CustomerId, dropOff: Place, parcel: Parcel, placedAtMs: UnixMs }),
  ),
  message('order.cancel-requested', z.object({ orderId: OrderId })),
  /** The recipient says whether the parcel came: it did settles an undecided order, it did not settles nothing. */
  message('order.receipt-stated', z.object({ orderId: OrderId, came: z.boolean() })),
])
export type OrderMessage = z.infer<typeof OrderMessage>
