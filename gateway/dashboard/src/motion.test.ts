import { describe, expect, it } from '@jest/globals'
import { isMoving, shownAt, still, towards } from './motion.ts'

const at = (x: number, headingDeg = 0) => ({ x, y: 0, headingDeg })

describe('a drone between two updates', () => {
  it('glides from where it is shown to where it was reported', () => {
    const motion = towards(still(at(0), 0), at(1e-6), 400)

    expect(shownAt(motion, 400).x).toBe(0)
    expect(shownAt(motion, 400 + motion.durationMs / 2).x).toBeCloseTo(5e-7, 12)
    expect(shownAt(motion, 400 + motion.durationMs).x).toBe(1e-6)
    expect(isMoving(motion, 399 + motion.durationMs)).toBe(true)
    expect(isMoving(motion, 400 + motion.durationMs)).toBe(false)
  })

  it('does not jump when the next update comes before it has arrived', () => {
    const first = towards(still(at(0), 0), at(1e-6), 400)
    const second = towards(first, at(2e-6), 500)

    expect(shownAt(second, 500)).toEqual(shownAt(first, 500))
  })

  it('turns the short way round', () => {
    const motion = towards(still(at(0, 350), 0), at(0, 10), 400)

    expect(shownAt(motion, 400 + motion.durationMs / 2).headingDeg).toBeCloseTo(0, 6)
  })

  it('comes to take as long as updates do, and no longer than two seconds', () => {
    let motion = still(at(0), 0)
    for (let nowMs = 1_000; nowMs <= 20_000; nowMs += 1_000) motion = towards(motion, at(nowMs * 1e-9), nowMs)
    expect(motion.durationMs).toBeCloseTo(1_000, -1)

    motion = towards(motion, at(3e-5), 90_000)
    expect(motion.durationMs).toBeLessThanOrEqual(2_000)
  })

  it('stands at once where it cannot have flown', () => {
    const motion = towards(still(at(0), 0), at(0.1), 400)

    expect(shownAt(motion, 400).x).toBe(0.1)
  })
})
