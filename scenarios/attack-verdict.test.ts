import { OrderReply, type OrderStatus } from '@fleet/contracts/rest'
import { UnixMs } from '@fleet/contracts/units'
import { describe, expect, it } from '@jest/globals'
import {
  type AttackRecord,
  detectedAt,
  falseAlarms,
  type HeardAlert,
  judgeAttack,
  judgeUnfelt,
  mitigatedAt,
  type Seen,
  wasDisturbed,
} from './attack-verdict.ts'

const every = <T>(ms: number, fromMs: number, make: (atMs: number) => T) =>
  Array.from({ length: (26_000 - fromMs) / ms }, (_, index) => make(fromMs + index * ms))

/** Honest requests each 100 ms, attackers served 100 a sample until `mitigatedAtMs`. */
function record(mitigatedAtMs: number, rest: Partial<AttackRecord> = {}): AttackRecord {
  return {
    attackedAtMs: 10_000,
    attackEndedAtMs: 24_000,
    endedAtMs: 26_000,
    detectedAtMs: 11_000,
    falseAlarms: [],
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
    [{ deliveries: { underWay: 0, disturbed: 0 } }, 'no delivery was under way, so none could be disturbed'],
    [{ falseAlarms: ['127.0.0.1: http-flood by snort'] }, 'false alarm against 127.0.0.1: http-flood by snort'],
    [{ attackEndedAtMs: 26_000 }, 'no honest customer asked anything after the attack'],
  ])('fails on each bar alone: %j', (rest, fault) => {
    expect(faultsOf(record(13_000, rest))).toEqual([fault])
  })

  it('fails where honest customers came only when it was over', () => {
    const honest = every(100, 24_000, (atMs) => ({ atMs, tookMs: 20, ok: true }))

    expect(faultsOf(record(13_000, { honest }))).toEqual(['no honest customer asked anything during the attack'])
  })

  it('fails where it took longer than ten seconds', () => {
    expect(faultsOf(record(20_500))[0]).toBe('mitigated after 10.5 s')
  })

  it('takes attackers for beaten who never held more than a twentieth of the connections that they wanted', () => {
    const held = [16, 16, 16].map((count, second) => ({ atMs: second * 1_000, served: 0, held: count }))

    expect(mitigatedAt(held, 'held', 400)).toBe(0)
    expect(mitigatedAt(held, 'held', 40)).toBeNull()
  })

  it('does not take a pause of the attackers for their end, be it the last, nor an attack that never began', () => {
    const served = [100, 0, 0, 100, 0, 0, 0].map((count, second) => ({ atMs: second * 1_000, served: count, held: 0 }))

    expect(mitigatedAt(served, 'served', 400)).toBe(4_000)
    expect(mitigatedAt(served.slice(0, 6), 'served', 400)).toBeNull()
    expect(mitigatedAt(served.slice(0, 4), 'served', 400)).toBeNull()
    expect(mitigatedAt(served, 'held', 400)).toBeNull()
  })
})

describe('the verdict of an attack that never reaches the gateway', () => {
  const unfelt = (rest: Partial<Seen> = {}) => judgeUnfelt(record(10_000, rest)).faults

  it('is clean where the sensor told it and everybody was served all the while', () => {
    expect(unfelt()).toEqual([])
  })

  it.each([
    [{ detectedAtMs: null }, 'detected never'],
    [{ deliveries: { underWay: 0, disturbed: 0 } }, 'no delivery was under way, so none could be disturbed'],
    [{ orders: { accepted: 3, lost: 2 } }, '2 of 3 orders lost'],
  ])('fails on each bar alone: %j', (rest, fault) => {
    expect(unfelt(rest)).toEqual([fault])
  })

  it('fails where honest customers were not served at its very beginning', () => {
    const honest = every(100, 6_000, (atMs) => ({ atMs, tookMs: 20, ok: atMs < 10_000 || atMs >= 10_300 }))

    expect(unfelt({ honest })).toEqual(['98.1 % of 160 honest requests served afterwards'])
  })

  it('does not hold on nothing: who asks nothing was not served', () => {
    expect(unfelt({ honest: [] })).toEqual([
      'no honest customer asked anything during the attack',
      'no honest customer asked anything after the attack',
    ])
  })
})

/** Heard half a second after it was raised, in whole seconds as Snort tells them. */
const heard = (source: string, raisedAtS: number, { rule = 'http-flood', detector = 'snort' } = {}): HeardAlert => ({
  alert: { source, rule, detector, raisedAtMs: UnixMs.parse(raisedAtS * 1_000) },
  atMs: raisedAtS * 1_000 + 500,
})

describe('the alerts of an attack', () => {
  const sought = { rule: 'http-flood', detector: 'snort', sources: ['127.0.0.2'], sinceMs: 10_300 } as const

  it('count from the one that the sensor raised of an attacker, in the second of its begin or later', () => {
    expect(detectedAt([heard('127.0.0.2', 10), heard('127.0.0.2', 11)], sought)).toBe(10_500)
  })

  it.each([
    ['of an address that does not attack', heard('127.0.0.1', 11)],
    ['of an address that begins like an attacker', heard('127.0.0.21', 11)],
    ['of another rule', heard('127.0.0.2', 11, { rule: 'api-scan' })],
    ['of another detector', heard('127.0.0.2', 11, { detector: 'gateway' })],
    ['raised before it began', { ...heard('127.0.0.2', 9), atMs: 11_000 }],
    ['heard before it began', { ...heard('127.0.0.2', 10), atMs: 10_200 }],
  ])('do not count where they are %s', (_what, alert) => {
    expect(detectedAt([alert], sought)).toBeNull()
  })

  it('are false where they name those who do not attack, but for SYNs, which are counted by their target', () => {
    const all = [heard('127.1.0.1', 10), heard('127.1.0.1', 11), heard('127.0.0.2', 11)]
    const syn = heard('127.1.0.1', 12, { rule: 'syn-flood' })

    expect(falseAlarms([...all, syn], ['127.0.0.1', '127.1.0.1'])).toEqual(['127.1.0.1: http-flood by snort'])
  })
})

describe('a delivery that was under way', () => {
  const ended = (status: OrderStatus, epoch: number) => {
    const flight = { epoch, itineraryId: 'itn_1', droneId: 'drn_1', baseId: 'bas_1' }
    return wasDisturbed({ status, flight: OrderReply.shape.flight.parse(flight) })
  }

  it('is undisturbed where its first drone delivered it, or its customer called it off', () => {
    expect([ended('delivered', 1), ended('closed', 1), ended('cancelled', 1)]).toEqual([false, false, false])
  })

  it('is disturbed where another drone had to, or none did', () => {
    expect([ended('delivered', 2), ended('failed', 1)]).toEqual([true, true])
  })

  it('is not over while it flies, or nobody knows', () => {
    for (const status of ['in-flight', 'assigned', 'undecided', 'cancelling'] as const)
      expect(ended(status, 1)).toBeNull()
  })
})
