import { Zone } from '@fleet/contracts/airspace'
import { describe, expect, it } from '@jest/globals'
import { reach } from './airspace.ts'
import { atMs, base } from './testing/examples.ts'

const near = { lat: 43.585, lon: 7.13 }
const ask = (rest: Partial<Parameters<typeof reach>[1]> = {}) => ({ dropOff: near, weightG: 500, atMs, ...rest })
const zone = Zone.parse({
  zoneId: 'zon_1',
  name: 'Heliport',
  outline: [
    { lat: 43.58, lon: 7.12 },
    { lat: 43.59, lon: 7.12 },
    { lat: 43.59, lon: 7.14 },
    { lat: 43.58, lon: 7.14 },
  ],
})

describe('whether an order can be flown at all', () => {
  it('gives the time at which a drone that starts at once would hand over', () => {
    const found = reach({ bases: [base()], zones: [] }, ask())

    expect(found.ok && found.estimatedHandOverAtMs).toBeGreaterThan(atMs + 30_000)
    expect(found.ok && found.estimatedHandOverAtMs).toBeLessThan(atMs + 300_000)
  })

  it('refuses a place 500 km away with the distance, the range, the nearest base and what is too much', () => {
    const found = reach(
      { bases: [base(), base({ name: 'Far', place: { lat: 10, lon: 7 } })], zones: [] },
      {
        ...ask(),
        dropOff: { lat: 48, lon: 7.13 },
      },
    )

    expect(found).toMatchObject({
      refusal: { code: 'order.too-far', field: '/dropOff', limit: 8_000, facts: { nearestBase: { name: 'North' } } },
    })
    expect(!found.ok && found.refusal.value).toBeGreaterThan(400_000)
    expect(!found.ok && found.refusal.detail).toMatch(/too far by \d+ m/)
  })

  it('refuses a parcel that is too heavy with the weight, the limit and by how much', () => {
    const found = reach({ bases: [base()], zones: [] }, ask({ weightG: 2_600 }))

    expect(found).toMatchObject({
      refusal: {
        code: 'order.too-heavy',
        field: '/parcel/weightG',
        limit: 2_500,
        value: 2_600,
        facts: { beyondG: 100 },
      },
    })
  })

  it('refuses a drop point inside a no-fly zone with its name', () => {
    const found = reach({ bases: [base()], zones: [zone] }, ask())

    expect(found).toMatchObject({ refusal: { code: 'order.in-zone', field: '/dropOff', limit: 'outside Heliport' } })
  })

  it('says that no base is known where none is', () => {
    expect(reach({ bases: [], zones: [] }, ask())).toMatchObject({ refusal: { code: 'order.no-base' } })
  })
})
