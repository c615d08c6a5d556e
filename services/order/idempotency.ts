/** An order's id comes from its customer, route and Idempotency-Key, so a repeated POST finds the order that it made. */
import { createHash } from 'node:crypto'
import { type CustomerId, OrderId } from '@fleet/contracts/ids'
import type { PlaceOrderBody } from '@fleet/contracts/rest'

const idBytes = 20
/** 160 bits in base 36. */
const idChars = 31

/** The same three always make the same id; two customers never share one. */
export function orderIdFor({
  customerId,
  route,
  key,
}: {
  customerId: CustomerId
  route: string
  key: string
}): OrderId {
  const digest = createHash('sha256').update(`${customerId}\0${route}\0${key}`).digest().subarray(0, idBytes)
  return OrderId.parse(
    `ord_${BigInt(`0x${digest.toString('hex')}`)
      .toString(36)
      .padStart(idChars, '0')}`,
  )
}

/** SHA-256 of what the body says, whatever the order and spacing of its fields. */
export const bodyHashOf = ({ dropOff: { lat, lon }, parcel: { weightG } }: PlaceOrderBody): string =>
  createHash('sha256')
    .update(JSON.stringify([lat, lon, weightG]))
    .digest('hex')
