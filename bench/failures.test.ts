import { describe, expect, it } from '@jest/globals'
import { failuresOf } from './failures.ts'

const overMs = 90_000

describe('failures by a seed', () => {
  it('are the same from the same seed, and others from another', () => {
    expect(failuresOf('1', 50, overMs)).toEqual(failuresOf('1', 50, overMs))
    expect(failuresOf('1', 50, overMs)).not.toEqual(failuresOf('2', 50, overMs))
  })

  it('come one after the other within their time, of every kind', () => {
    const all = failuresOf('1', 500, overMs)
    const times = all.map(({ afterMs }) => afterMs)

    expect(times).toEqual(times.toSorted((a, b) => a - b))
    expect([Math.min(...times) >= 0, Math.max(...times) <= overMs]).toEqual([true, true])
    expect(new Set(all.map(({ kind }) => kind)).size).toBe(10)
  })

  it('are small as often as gross, and never less than the rules must catch', () => {
    const jumps = failuresOf('3', 4_000, overMs).flatMap(({ faults }) =>
      faults.flatMap(({ fault, size }) => (fault === 'jumping' && size !== undefined ? [size] : [])),
    )

    expect(Math.min(...jumps)).toBeGreaterThanOrEqual(70)
    expect(jumps.filter((m) => m < 592).length / jumps.length).toBeCloseTo(0.5, 1)
  })
})
