/**
 * Who calls, until accounts come: one development key, which the stack makes and prints. It stands for the customer
 * `cus_dev`, and on the fleet's routes for an operator.
 */
import { createHash, timingSafeEqual } from 'node:crypto'
import { CustomerId } from '@fleet/contracts/ids'
import type { Authenticate } from '@fleet/runtime/http'
import type { Caller } from '@fleet/runtime/tokens'

const customer: Caller = { role: 'customer', sub: CustomerId.parse('cus_dev') }
export const operator: Caller = { role: 'operator', sub: 'dev' }

const digest = (text: string) => createHash('sha256').update(text).digest()

/** Accepts `Authorization: Bearer <devKey>`, compared in constant time. */
export function devKeyOnly(devKey: string): Authenticate {
  const due = digest(devKey)
  return (authorization) => {
    const limit = 'Bearer and the development key'
    if (authorization === undefined) return { code: 'auth.missing', field: 'Authorization', limit }
    const given = /^Bearer (\S+)$/i.exec(authorization)?.[1]
    if (given === undefined || !timingSafeEqual(digest(given), due)) {
      return { code: 'auth.invalid', field: 'Authorization', limit }
    }
    return customer
  }
}
