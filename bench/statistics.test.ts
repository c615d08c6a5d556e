import { describe, expect, it } from '@jest/globals'
import { median, percentile, spread } from './statistics.ts'

describe('statistics of what was measured', () => {
  it('gives the middle value, and the mean of the two in the middle', () => {
    expect(median([5, 1, 3])).toBe(3)
    expect(median([4, 1, 3, 2])).toBe(2.5)
  })

  it('gives a percentile by the nearest rank', () => {
    const hundred = Array.from({ length: 100 }, (_, index) => index + 1)

    expect(percentile(hundred, 0.99)).toBe(99)
    expect(percentile([7], 0.99)).toBe(7)
  })

  it('says how far apart the values lie, by their median', () => {
    expect(spread([90, 100, 110])).toBeCloseTo(0.2)
  })

  it('has nothing to say of nothing', () => {
    expect(() => percentile([], 0.5)).toThrow('nothing')
  })
})
