import { describe, expect, it } from '@jest/globals'
import { availabilityOf, recoveriesOf } from './availability.ts'
import { type Answer, emptyHistory, type FaultLog } from './history.ts'

const look = (sentAtMs: number, answer: Answer = 'acknowledged', tookMs = 20) => ({
  sentAtMs,
  answeredAtMs: sentAtMs + tookMs,
  answer,
  status: null,
  code: null,
})
const fault = (fromMs: number): FaultLog => ({ kind: 'kill', target: 'order', fromMs, toMs: fromMs, failed: null })

describe('availability', () => {
  it('is the share of placings that were acknowledged within the bound', () => {
    const probes = [look(0), look(500), look(1_000, 'unavailable'), look(1_500, 'acknowledged', 6_000)]

    expect(availabilityOf({ ...emptyHistory(1, 60), probes })).toMatchObject({ asked: 4, served: 2, sharePct: 50 })
  })

  it('counts recovery from the fault to the first placing that was served after one was not', () => {
    const probes = [look(900), look(1_500, 'unheard'), look(2_000, 'unavailable'), look(2_500), look(3_000)]

    const [recovery] = recoveriesOf({ ...emptyHistory(1, 60), probes, faults: [fault(1_000)] })

    expect(recovery?.recoveredAfterMs).toBe(1_520)
  })

  it('tells faults that nobody noticed from those that were never recovered from', () => {
    const probes = [look(1_100), look(5_100, 'unheard')]

    const recoveries = recoveriesOf({ ...emptyHistory(1, 60), probes, faults: [fault(1_000), fault(5_000)] })

    expect(recoveries.map(({ recoveredAfterMs }) => recoveredAfterMs)).toEqual([0, null])
  })
})
