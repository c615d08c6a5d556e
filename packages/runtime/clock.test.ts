import { describe, expect, it } from '@jest/globals'
import { createClock } from './clock.ts'

describe('the world clock', () => {
  it('runs faster than real time from the epoch on, and agrees with it there', () => {
    const source = { nowMs: () => 1_000_000, monotonicMs: () => 0 }
    const clock = createClock({ epochMs: 1_000_000, speed: 10 }, source)
    expect(clock.worldNow()).toBe(1_000_000)

    source.nowMs = () => 1_000_250

    expect(clock.worldNow()).toBe(1_002_500)
  })

  it('measures durations by the monotonic clock, whatever is done to the other', () => {
    const source = { nowMs: () => 5_000, monotonicMs: () => 100 }
    const clock = createClock({ epochMs: 0, speed: 10 }, source)
    const startedAt = clock.worldElapsed()

    source.nowMs = () => 0
    source.monotonicMs = () => 350

    expect(clock.worldElapsed() - startedAt).toBe(2_500)
  })

  it('says how long a world duration takes in reality', () => {
    expect(createClock({ epochMs: 0, speed: 10 }).realMs(60_000)).toBe(6_000)
  })

  it('is real time at speed 1', () => {
    const source = { nowMs: () => 1_234_567, monotonicMs: () => 0 }

    expect(createClock({ epochMs: 0, speed: 1 }, source).worldNow()).toBe(1_234_567)
  })
})
