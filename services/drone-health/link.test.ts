import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import { judge, type Link, linkLimitsAt, look, together } from './link.ts'

const limits = linkLimitsAt(1, 4_200)
const atMs = UnixMs.parse(1_700_000_000_000)
const quiet = (count: number, silentMs = 3_000) => Array.from({ length: count }, () => ({ silentMs }))
const up: Link = { status: 'up' }
const seen = (count: number, inFlight: number, lastedMs = 0) => ({ quiet: quiet(count), inFlight, lastedMs, atMs })
const lost = look(up, seen(21, 200), limits)

describe('the link of many drones', () => {
  it('is lost when more than a tenth of those in flight, and at least five, fall silent together', () => {
    expect(lost).toMatchObject({ status: 'lost', quiet: 21, inFlight: 200 })
    expect(look(up, seen(20, 200), limits)).toBe(up)
    expect(look(up, seen(5, 5), limits)).toMatchObject({ status: 'lost' })
    expect(look(up, seen(4, 4), limits)).toBe(up)
  })

  it('is not lost by drones that fell silent one after the other', () => {
    const one = (i: number) => ({ silentMs: 3_000 + i * 20_000 })
    const apart = Array.from({ length: 30 }, (_, i) => one(i))
    expect(together(apart, limits)).toBe(1)
    expect(look(up, { quiet: apart, inFlight: 100, lastedMs: 0, atMs }, limits)).toBe(up)
  })

  it('is up again when most of them speak', () => {
    expect(look(lost, seen(20, 200, 5_000), limits)).toEqual(up)
    expect(look(lost, seen(21, 200, 5_000), limits)).toBe(lost)
  })

  it('lets silence count after the limit, or by an operator, and raises no second alarm for the same silence', () => {
    const limit = look(lost, seen(21, 200, limits.lostMsMax), limits)
    expect(limit).toMatchObject({ status: 'judged', by: 'drone-health' })
    expect(look(limit, seen(21, 200, 1e9), limits)).toBe(limit)
    expect(look(limit, seen(3, 200), limits)).toEqual(up)
    expect(judge(lost, { by: 'op', note: 'they fell', atMs })).toMatchObject({ status: 'judged', by: 'op' })
    expect(judge(up, { by: 'op', note: 'nothing', atMs })).toBe(up)
  })
})
