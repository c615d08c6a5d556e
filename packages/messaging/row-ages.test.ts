import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createRowAges } from './row-ages.ts'

describe('the age of a row', () => {
  it('is unknown of what stood there at the first look, and counted from the look before of what came since', () => {
    const ages = createRowAges()
    ages.looked(['old'], 1_000, true)
    ages.looked(['old', 'new'], 2_000, true)
    ages.looked(['old', 'new'], 3_000, true)
    expect(ages.absentAtMs('old')).toBeNull()
    expect(ages.absentAtMs('new')).toBe(1_000)
  })

  it('is never told as less than it is, whatever part of the rows each look finds', () => {
    const look = fc.record({
      inserted: fc.integer({ min: 0, max: 3 }),
      seen: fc.nat({ max: 6 }),
      sent: fc.nat({ max: 2 }),
    })
    fc.assert(
      fc.property(fc.array(look, { maxLength: 30 }), (looks) => {
        const ages = createRowAges()
        let rows: { id: string; insertedAtMs: number }[] = []
        let count = 0
        looks.forEach(({ inserted, seen, sent }, index) => {
          const insertedAtMs = index * 10 + 1
          for (let n = 0; n < inserted; n++) rows.push({ id: `${count++}`, insertedAtMs })
          const found = rows.slice(0, seen)
          const ids = found.map(({ id }) => id)
          ages.looked(ids, index * 10 + 2, seen >= rows.length)
          for (const { id, insertedAtMs: sinceMs } of found) {
            const absentAtMs = ages.absentAtMs(id)
            if (absentAtMs !== null) expect(absentAtMs).toBeLessThan(sinceMs)
          }
          rows = rows.slice(Math.min(sent, seen))
        })
      }),
    )
  })
})
