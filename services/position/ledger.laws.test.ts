import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { account, emptyLedger, follows, judge, type Ledger, refuse, store } from './ledger.ts'
import { add, gaps, has, none, type Ranges, remove, size } from './ranges.ts'

const numbers = fc.array(fc.integer({ min: 1, max: 40 }))
const rangesOf = (members: readonly number[]): Ranges => members.reduce(add, none)
const membersOf = (ranges: Ranges): number[] =>
  ranges.flatMap(([first, last]) => Array.from({ length: last - first + 1 }, (_, i) => first + i))
const sorted = (members: Iterable<number>) => [...new Set(members)].toSorted((a, b) => a - b)

describe('ranges', () => {
  it('hold what a set would hold, sorted and apart', () => {
    fc.assert(
      fc.property(numbers, numbers, (added, removed) => {
        const ranges = removed.reduce(remove, rangesOf(added))
        const kept = sorted(added).filter((n) => !removed.includes(n))
        expect(membersOf(ranges)).toEqual(kept)
        expect(size(ranges)).toBe(kept.length)
        expect(added.every((n) => has(ranges, n) === kept.includes(n))).toBe(true)
        for (const [i, [first]] of ranges.entries()) {
          const before = ranges[i - 1]
          if (before) expect(first).toBeGreaterThan(before[1] + 1)
        }
      }),
    )
  })

  it('have as gaps what is missing up to the highest', () => {
    fc.assert(
      fc.property(numbers, numbers, fc.integer({ min: 0, max: 50 }), (one, other, highest) => {
        const all = Array.from({ length: highest }, (_, i) => i + 1)
        const missing = all.filter((n) => !one.includes(n) && !other.includes(n))
        expect(membersOf(gaps(highest, rangesOf(one), rangesOf(other)))).toEqual(missing)
      }),
    )
  })
})

type Step = { kind: 'position' | 'refused' | 'doubtful'; boot: number; seq: number; reason: string }
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('position' as const, 'position' as const, 'refused' as const, 'doubtful' as const),
    boot: fc.integer({ min: 1, max: 4 }),
    seq: fc.integer({ min: 1, max: 20 }),
    reason: fc.constantFrom('schema', 'mac-wrong'),
  }),
  { maxLength: 80 },
)

const take = (ledger: Ledger, { kind, boot, seq, reason }: Step): Ledger => {
  if (kind !== 'position') return refuse(ledger, { boot, seq, reason, authentic: kind === 'refused' })
  return judge(ledger, { boot, seq }) === 'store' ? store(ledger, { boot, seq }) : ledger
}

describe('the ledger', () => {
  it('adds up: given out = stored + refused + missing, in each boot', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        for (const boot of taken.reduce(take, emptyLedger).boots) {
          const { givenOut, stored, refused, refusedByReason, missing, missingRanges } = account(boot)
          expect(stored + refused + missing).toBe(givenOut)
          expect(size(missingRanges)).toBe(missing)
          expect(Object.values(refusedByReason).reduce((sum, n) => sum + n, 0)).toBe(refused)
        }
      }),
    )
  })

  it('stores each sequence once, and knows each again as a copy', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        let ledger = emptyLedger
        const stored = new Set<string>()
        for (const step of taken) {
          const name = `${step.boot}/${step.seq}`
          if (step.kind === 'position') {
            const verdict = judge(ledger, step)
            expect(verdict === 'copy').toBe(stored.has(name))
            if (verdict === 'store') stored.add(name)
          }
          ledger = take(ledger, step)
        }
        const held = ledger.boots.flatMap(({ boot, stored: own }) => membersOf(own).map((seq) => `${boot}/${seq}`))
        expect(held.toSorted()).toEqual([...stored].toSorted())
      }),
    )
  })

  it('never calls a sequence missing that was stored, and never stores one of an earlier boot', () => {
    fc.assert(
      fc.property(steps, (taken) => {
        let ledger = emptyLedger
        let newest = 0
        for (const step of taken) {
          if (step.kind === 'position' && judge(ledger, step) === 'store') {
            expect(step.boot).toBeGreaterThanOrEqual(newest)
            newest = step.boot
          }
          ledger = take(ledger, step)
        }
        for (const boot of ledger.boots) {
          const missing = membersOf(account(boot).missingRanges)
          expect(missing.some((seq) => has(boot.stored, seq))).toBe(false)
        }
      }),
    )
  })

  it('lets nobody but the drone raise what was given out', () => {
    const one = store(emptyLedger, { boot: 1, seq: 3 })
    const attacked = refuse(one, { boot: 1, seq: 2_000_000_000, reason: 'mac-wrong', authentic: false })
    expect(attacked.boots.map(account)).toMatchObject([{ givenOut: 3, stored: 1, refused: 0, missingRanges: [[1, 2]] }])
  })

  it('counts a refused sequence as refused with its reason, until it is stored after all', () => {
    const seen = [1, 3].reduce((ledger, seq) => store(ledger, { boot: 1, seq }), emptyLedger)
    const refused = refuse(seen, { boot: 1, seq: 2, reason: 'mac-wrong', authentic: false })
    expect(refused.boots.map(account)).toMatchObject([{ refusedByReason: { 'mac-wrong': 1 }, missing: 0 }])
    const stored = store(refused, { boot: 1, seq: 2 })
    expect(stored.boots.map(account)).toMatchObject([{ stored: 3, refused: 0, missing: 0 }])
  })

  it('does not let a refused message make the present boot stale', () => {
    const seen = store(emptyLedger, { boot: 1, seq: 1 })
    const refused = refuse(seen, { boot: 900, seq: 5, reason: 'schema', authentic: true })
    expect(judge(refused, { boot: 1, seq: 2 })).toBe('store')
  })

  it('keeps eight boots one by one, and the sums of those before', () => {
    const boots = Array.from({ length: 11 }, (_, i) => i + 1)
    const ledger = boots.reduce((before, boot) => store(before, { boot, seq: 2 }), emptyLedger)
    expect(ledger.boots.map(({ boot }) => boot)).toEqual([4, 5, 6, 7, 8, 9, 10, 11])
    expect(ledger.earlier).toEqual({ boots: 3, givenOut: 6, stored: 3, refused: 0, missing: 3, copies: 0 })
    expect(judge(ledger, { boot: 1, seq: 2 })).toBe('boot-stale')
  })

  it('takes whatever is new however many gaps there are, and stores nothing twice', () => {
    let late = 0
    fc.assert(
      fc.property(steps, (taken) => {
        let ledger = emptyLedger
        const stored = new Set<number>()
        for (const { kind, seq, reason } of taken) {
          const [account] = ledger.boots
          if (kind !== 'position') {
            ledger = refuse(ledger, { boot: 1, seq, reason, authentic: kind === 'refused' })
            continue
          }
          const verdict = judge(ledger, { boot: 1, seq })
          if (seq > (account?.highest ?? 0)) expect(verdict).toBe('store')
          if (stored.has(seq)) expect(verdict).not.toBe('store')
          if (verdict === 'gaps-too-many') late += 1
          if (verdict !== 'store') continue
          stored.add(seq)
          ledger = store(ledger, { boot: 1, seq }, 3)
        }
        for (const boot of ledger.boots) {
          const told = account(boot)
          expect(boot.stored.length).toBeLessThanOrEqual(3)
          expect(told.stored).toBe(stored.size)
          expect(told.stored + told.refused + told.missing).toBe(told.givenOut)
        }
      }),
      { numRuns: 2_000, seed: 8 },
    )
    expect(late).toBeGreaterThan(50)
  })

  it('tells of boots of which everything was refused, and of one that a forger named', () => {
    const forged = refuse(emptyLedger, { boot: 900, seq: 1, reason: 'mac-wrong', authentic: false })
    const again = refuse(forged, { boot: 901, seq: 1, reason: 'mac-wrong', authentic: false })
    const refused = [2, 3, 4, 5].reduce(
      (ledger, boot) => refuse(ledger, { boot, seq: 7, reason: 'schema', authentic: true }),
      again,
    )
    expect(refused.boots.map(({ boot, highest }) => [boot, highest])).toEqual([
      [2, 7],
      [3, 7],
      [4, 7],
      [900, 0],
    ])
    expect(follows(store(refused, { boot: 3, seq: 8 }), { boot: 3, seq: 9 })).toBe(false)
    expect(follows(store(refused, { boot: 5, seq: 8 }), { boot: 5, seq: 9 })).toBe(true)
  })
})
