import { describe, expect, it } from '@jest/globals'
import { type AttackRecord, judgeAttack, mitigatedAt } from './attack-verdict.ts'

/** Honest requests each 100 ms, attackers served 100 a sample until `mitigatedAtMs`. */
function record(mitigatedAtMs: number, rest: Partial<AttackRecord> = {}): AttackRecord {
  const every = <T>(ms: number, fromMs: number, make: (atMs: number) => T) =>
    Array.from({ length: (26_000 - fromMs) / ms }, (_, index) => make(fromMs + index * ms))
  return {
    attackedAtMs: 10_000,
    endedAtMs: 26_000,
    detectedAtMs: 11_000,
    wanted: 400,
    attackers: every(250, 10_000, (atMs) => ({ atMs, served: atMs < mitigatedAtMs ? 100 : 2, held: 0 })),
    honest: every(100, 6_000, (atMs) => ({ atMs, tookMs: 20, ok: atMs < 10_000 || atMs >= mitigatedAtMs })),
    orders: { accepted: 10, lost: 0 },
    deliveries: { underWay: 2, disturbed: 0 },
    ...rest,
  }
}
const faultsOf = (given: AttackRecord) => judgeAttack(given, 'served').faults

describe('the verdict of an attack', () => {
  it('is clean where it was seen, ended in time, and nobody lost anything', () => {
    const verdict = judgeAttack(record(13_000), 'served')

    expect(verdict).toMatchObject({ detectedMs: 1_000, mitigatedMs: 3_000, faults: [] })
    expect(verdict.felt.during.failed).toBe(30)
    expect(verdict.felt.after.failed).toBe(0)
  })

  it('fails where nothing is done about it: the attackers go on, and honest customers are not served', () => {
    expect(faultsOf(record(Number.POSITIVE_INFINITY))).toEqual([
      'mitigated never',
      '0.0 % of 60 honest requests served afterwards',
    ])
  })

  it.each([
    [{ detectedAtMs: null }, 'detected never'],
    [{ detectedAtMs: 15_500 }, 'detected after 5.5 s'],
    [{ orders: { accepted: 10, lost: 1 } }, '1 of 10 orders lost'],
    [{ orders: { accepted: 0, lost: 0 } }, 'no order was placed, so none could be lost'],
    [{ deliveries: { underWay: 2, disturbed: 1 } }, '1 of 2 deliveries disturbed'],
  ])('fails on each bar alone: %j', (rest, fault) => {
    expect(faultsOf(record(13_000, rest))).toEqual([fault])
  })

  it('fails where it took longer than ten seconds', () => {
    expect(faultsOf(record(20_500))[0]).toBe('mitigated after 10.5 s')
  })

  it('takes attackers for beaten who never held more than a twentieth of the connections that they wanted', () => {
    const held = [16, 16, 16].map((count, atMs) => ({ atMs, served: 0, held: count }))

    expect(mitigatedAt(held, 'held', 400)).toBe(0)
    expect(mitigatedAt(held, 'held', 40)).toBeNull()
  })

  it('does not take a pause of the attackers for their end, nor an attack that never began', () => {
    const served = [100, 0, 0, 100, 0, 0].map((count, index) => ({ atMs: index, served: count, held: 0 }))

    expect(mitigatedAt(served, 'served', 400)).toBe(4)
    expect(mitigatedAt(served.slice(0, 4), 'served', 400)).toBeNull()
    expect(mitigatedAt(served, 'held', 400)).toBeNull()
  })
})
