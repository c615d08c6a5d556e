import { describe, expect, it } from '@jest/globals'
import { createPace } from './pace.ts'

/** A clock that a sleep turns. */
function turnedClock() {
  let ms = 0
  return {
    nowMs: () => ms,
    pass: (by: number) => {
      ms += by
    },
    sleep: async (by: number) => {
      ms += by
    },
  }
}

describe('a pace', () => {
  it('lets so many records through a second, however they come', async () => {
    const clock = turnedClock()
    const pace = createPace(1_000, clock.nowMs, clock.sleep)

    for (let i = 0; i < 21; i++) await pace.take(500)

    expect(clock.nowMs()).toBe(10_000)
  })

  it('makes nobody wait who comes more slowly, and lets a second at most be made up for', async () => {
    const clock = turnedClock()
    const pace = createPace(1_000, clock.nowMs, clock.sleep)
    for (let i = 0; i < 5; i++) {
      await pace.take(100)
      clock.pass(200)
    }
    expect(clock.nowMs()).toBe(1_000)
    clock.pass(60_000)

    // The second that was saved up, and one record whose time begins now.
    await pace.take(1_000)
    await pace.take(1)
    expect(clock.nowMs()).toBe(61_000)

    await pace.take(1_000)
    expect(clock.nowMs()).toBe(61_001)
  })

  it('of 0 holds up nobody', async () => {
    const clock = turnedClock()
    const pace = createPace(0, clock.nowMs, clock.sleep)
    for (let i = 0; i < 3; i++) await pace.take(1e6)
    expect(clock.nowMs()).toBe(0)
  })
})
