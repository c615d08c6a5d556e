import { describe, expect, it } from '@jest/globals'
import { asked, darkness, read, type Sight, silenceMs } from './sight.ts'

const limits = { blindMs: 2_500, settleMs: 10_000 }

/** Questions at these times, each answered at once, all read. */
const seen = (times: readonly number[], from: Sight = darkness) =>
  times.reduce((sight, atMs) => read(asked(sight, { atMs, end: 10 }), 10, limits), from)
const seconds = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => (from + i) * 1_000)

describe('sight', () => {
  it('counts silence up to the last question whose end was read', () => {
    const sight = seen(seconds(0, 20))
    expect(silenceMs(sight, 15_000, 20_300, limits)).toBe(5_000)
    expect(silenceMs(sight, 25_000, 20_300, limits)).toBe(0)
  })

  it('counts nothing before it has seen the end, nor for what was before', () => {
    expect(silenceMs(asked(darkness, { atMs: 0, end: 5 }), 0, 100, limits)).toBeNull()
    expect(silenceMs(seen(seconds(60, 62)), 0, 62_100, limits)).toBe(2_000)
  })

  it('is blind while what was asked for has not been read, and while nobody answers', () => {
    const waiting = asked(seen(seconds(0, 20)), { atMs: 21_000, end: 11 })
    expect(silenceMs(read(waiting, 10, limits), 0, 23_600, limits)).toBeNull()
    expect(silenceMs(seen(seconds(0, 20)), 0, 22_600, limits)).toBeNull()
  })

  it('starts anew after an outage, and lets the links settle', () => {
    const before = seen(seconds(0, 20))
    const after = seen(seconds(26, 30), before)
    expect(silenceMs(after, 19_000, 30_100, limits)).toBe(0)
    const later = seen(seconds(31, 45), after)
    // From 26 s on we see, from 36 s on it counts.
    expect(silenceMs(later, 19_000, 45_100, limits)).toBe(9_000)
  })

  it('starts anew after a stretch of records that came late', () => {
    const waiting = asked(seen(seconds(0, 20)), { atMs: 21_000, end: 50 })
    const caughtUp = seen([31_000], read(waiting, 60, limits))
    expect(silenceMs(caughtUp, 20_000, 31_100, limits)).toBe(0)
  })

  it('counts up to the newest question whose end was read, and keeps the others open', () => {
    const questions = [
      { atMs: 1_000, end: 5 },
      { atMs: 2_000, end: 9 },
      { atMs: 3_000, end: 12 },
    ]
    const waiting = questions.reduce(asked, darkness)
    expect(read(waiting, 10, limits)).toMatchObject({ clearUpToMs: 2_000, asked: [{ atMs: 3_000, end: 12 }] })
  })

  it('keeps the questions that are open, since the newest end of a stream is never reached', () => {
    const many = seconds(0, 7).reduce((sight, atMs) => asked(sight, { atMs, end: atMs }), darkness)
    expect(asked(many, { atMs: 8_000, end: 9_000 })).toEqual(many)
  })

  it('loses no sight of a partition that is read a little behind all the time', () => {
    const [everyMs, behindMs] = [800, 900]
    let sight = darkness
    for (let atMs = 0; atMs < 60_000; atMs += everyMs) {
      sight = asked(sight, { atMs, end: atMs })
      sight = read(sight, atMs - behindMs, { ...limits, blindMs: 1_300 })
    }
    expect(sight.countsFromMs).toBe(0)
  })
})
