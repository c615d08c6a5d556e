import { describe, expect, it } from '@jest/globals'
import { type Figures, saturated } from './saturation.ts'
import { kneeOf, type LoadStep, type Second, stepsOf } from './steps.ts'

const second = (atS: number, rest: Partial<Second> = {}): Second => ({
  atS,
  offered: 10,
  accepted: 10,
  shed: 0,
  failed: 0,
  delivered: 1,
  positions: 0,
  tookMs: Array.from({ length: 10 }, () => 20),
  ...rest,
})
/** Offered rises by ten a step; so much is served at most. */
const rising = (servedMax: number, slowMs = 20): LoadStep[] =>
  Array.from({ length: 8 }, (_, index) => {
    const offered = (index + 1) * 10
    const isPast = offered > servedMax
    const accepted = isPast ? servedMax : offered
    return {
      atS: index,
      offered,
      accepted,
      shed: offered - accepted,
      failed: 0,
      delivered: 1,
      p99Ms: isPast ? slowMs : 20,
    }
  })

describe('the steps of a load', () => {
  it('are rates a second and the 99th percentile, and a step that has begun is not counted past the last', () => {
    const seconds = [second(100), second(101, { accepted: 6, shed: 4 }), second(102), second(103), second(104)]

    const steps = stepsOf(seconds, 2, 2)

    expect(steps).toHaveLength(2)
    expect(steps[0]).toMatchObject({ atS: 100, offered: 10, accepted: 8, shed: 2, delivered: 1, p99Ms: 20 })
  })

  it('begin when the warm-up is over', () => {
    const seconds = [second(100, { tookMs: [3_000] }), second(103), second(104), second(105)]

    expect(stepsOf(seconds, 2, 9, 3)).toMatchObject([{ atS: 103, p99Ms: 20 }, { atS: 105 }])
  })
})

describe('the knee', () => {
  it('is the most that was accepted while it was fast, whether the rest was shed or became slow', () => {
    expect(kneeOf(rising(45))).toMatchObject({ atPerS: 45, step: { offered: 50 } })
    expect(kneeOf(rising(45, 5_000))).toMatchObject({ atPerS: 40, step: { offered: 50 } })
  })

  it('is the middle of what is served past it, whatever one step had', () => {
    const uneven = rising(45).map((step, index) => (index === 4 ? { ...step, accepted: 38, shed: 12 } : step))
    expect(kneeOf(uneven)).toMatchObject({ atPerS: 45, step: { offered: 50, accepted: 38 } })
  })

  it('is not there where the load was too small, and no single bad moment is taken for it', () => {
    const stumbled = rising(1_000).map((step, index) => (index === 2 ? { ...step, p99Ms: 3_000 } : step))

    expect(kneeOf(rising(1_000))).toBe('all healthy')
    expect(kneeOf(stumbled)).toBe('all healthy')
  })

  it('is not there where no step was healthy: what the first one served is no measure', () => {
    expect(kneeOf(rising(0))).toBe('none healthy')
    expect(kneeOf(rising(5))).toBe('none healthy')
    expect(kneeOf(rising(5, 5_000))).toBe('none healthy')
    expect(kneeOf([])).toBe('none healthy')
  })

  it('is not taken from a step in which nobody ordered, be it the first or the last', () => {
    const idle: LoadStep = { atS: 9, offered: 0, accepted: 0, shed: 0, failed: 0, delivered: 3, p99Ms: 0 }

    expect(kneeOf([idle, ...rising(5)])).toBe('none healthy')
    expect(kneeOf([...rising(1_000), idle])).toBe('all healthy')
    expect(kneeOf([...rising(45), idle])).toMatchObject({ atPerS: 45, step: { offered: 50 } })
  })

  it('tells from when to when it was healthy', () => {
    expect(kneeOf(rising(45))).toMatchObject({ firstAtS: 0, step: { atS: 4 } })
  })

  it('moves with what is served', () => {
    expect(kneeOf(rising(22))).toMatchObject({ atPerS: 22 })
  })
})

describe('what saturated', () => {
  const quiet: Figures = {
    machineBusy: 0.3,
    parts: {
      gateway: { cores: 0.2, loopDelayMs: 5 },
      order: { cores: 0.1, loopDelayMs: 5 },
      'kafka-1': { cores: 0.1, loopDelayMs: null },
      'mongo-1': { cores: 0.2, loopDelayMs: null },
    },
    databaseMs: 3,
    brokerMs: 10,
  }
  const past = (rest: Partial<Figures>, parts: Figures['parts'] = {}): Figures => ({
    ...quiet,
    ...rest,
    parts: { ...quiet.parts, ...parts },
  })

  it.each([
    ['event loop', 'gateway', past({ machineBusy: 0.95 }, { gateway: { cores: 0.97, loopDelayMs: 140 } })],
    ['processor', 'processor', past({ machineBusy: 0.98 }, { 'mongo-1': { cores: 0.7, loopDelayMs: null } })],
    ['database', 'mongo-1', past({ databaseMs: 400 })],
    ['broker', 'kafka-1', past({ brokerMs: 300 })],
    ['nothing seen', 'gateway', past({ databaseMs: 11, brokerMs: 40 })],
  ] as const)('is the %s, and names %s', (what, part, figures) => {
    expect(saturated(quiet, figures)).toMatchObject({ what, part })
  })

  it('is told with its evidence', () => {
    const { evidence } = saturated(quiet, past({}, { order: { cores: 0.9, loopDelayMs: 80 } }))

    expect(evidence).toBe('order uses 90 % of a core, its event loop is 80 ms late')
  })
})
