import { PlaceOrderBody } from '@fleet/contracts/rest'
import { describe, expect, it } from '@jest/globals'
import { bodyHashOf, orderIdFor } from './idempotency.ts'
import { anna, ben } from './testing/examples.ts'

const route = 'POST /v1/orders'

describe("an order's id", () => {
  it('is the same for the same customer, route and key, and another for any other', () => {
    const id = orderIdFor({ customerId: anna, route, key: 'k' })

    expect(orderIdFor({ customerId: anna, route, key: 'k' })).toBe(id)
    expect(orderIdFor({ customerId: ben, route, key: 'k' })).not.toBe(id)
    expect(orderIdFor({ customerId: anna, route, key: 'l' })).not.toBe(id)
    expect(orderIdFor({ customerId: anna, route: 'POST /v1/others', key: 'k' })).not.toBe(id)
  })
})

describe('the hash of a body', () => {
  const hash = (text: string) => bodyHashOf(PlaceOrderBody.parse(JSON.parse(text)))

  it('depends on what the body says, not on how it is written', () => {
    const written = hash('{"dropOff":{"lat":43.5,"lon":7.1},"parcel":{"weightG":500}}')

    expect(hash('{"parcel": {"weightG": 5e2}, "dropOff": {"lon": 7.10, "lat": 43.5}}')).toBe(written)
    expect(hash('{"dropOff":{"lat":43.5,"lon":7.1},"parcel":{"weightG":501}}')).not.toBe(written)
  })
})
