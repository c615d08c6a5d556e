import { CustomerId } from '@fleet/contracts/ids'
import { PlaceOrderBody } from '@fleet/contracts/rest'
import { describe, expect, it } from '@jest/globals'
import { bodyHashOf, derivedId, idempotencyKey } from './idempotency.ts'
import type { Caller } from './tokens.ts'

const route = 'POST /v1/orders'
const anna: Caller = { role: 'customer', sub: CustomerId.parse('cus_anna') }
const ben: Caller = { role: 'customer', sub: CustomerId.parse('cus_ben') }
const operator: Caller = { role: 'operator', sub: 'cus_anna' }

describe('the id of what a POST makes', () => {
  it('is the same for the same caller, route and key, and another for any other', () => {
    const id = derivedId({ caller: anna, route, key: 'k' })

    expect(derivedId({ caller: anna, route, key: 'k' })).toBe(id)
    expect(derivedId({ caller: ben, route, key: 'k' })).not.toBe(id)
    expect(derivedId({ caller: operator, route, key: 'k' })).not.toBe(id)
    expect(derivedId({ caller: anna, route, key: 'l' })).not.toBe(id)
    expect(derivedId({ caller: anna, route: 'POST /v1/others', key: 'k' })).not.toBe(id)
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

describe('an Idempotency-Key', () => {
  it('that is missing is refused or made, as the route has it, and one that is no key is refused', () => {
    expect(idempotencyKey(undefined, 'refused')).toMatchObject({ refusal: { code: 'idempotency.key-missing' } })
    expect(idempotencyKey(undefined, 'fresh')).not.toEqual(idempotencyKey(undefined, 'fresh'))
    expect(idempotencyKey('two words', 'fresh')).toMatchObject({ refusal: { code: 'request.invalid' } })
    expect(idempotencyKey('k', 'refused')).toEqual({ ok: true, key: 'k' })
  })
})
