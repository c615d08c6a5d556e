import { describe, expect, it } from '@jest/globals'
import { laterOrder } from './later-order.ts'

const order = (orders: number, deliveries: number, status = 'accepted') => ({
  orderId: `ord_${'a'.repeat(32)}`,
  status,
  dropOff: { lat: 43.6, lon: 7.1 },
  parcel: { weightG: 500 },
  placedAt: '2026-01-01T00:00:00.000Z',
  estimatedHandOverAt: null,
  waitingFor: null,
  flight: null,
  handedOver: null,
  failedBecause: null,
  seen: { orders, deliveries },
})

describe('what a panel keeps of an order', () => {
  it.each([
    ['an answer that was under way while the stream told more', order(1, 2, 'in-flight'), order(1, 0), 'in-flight'],
    ['what the stream tells next', order(1, 0), order(1, 2, 'in-flight'), 'in-flight'],
    ['an answer that contains as much', order(1, 2, 'assigned'), order(1, 2, 'in-flight'), 'in-flight'],
    ['of two that each know something alone, the newer answer', order(1, 2, 'in-flight'), order(2, 1), 'accepted'],
    ['the first answer', undefined, order(1, 0), 'accepted'],
  ])('%s', (_, known, next, status) => {
    expect(laterOrder(known, next)).toMatchObject({ status })
  })
})
