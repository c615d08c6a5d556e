import { describe, expect, it } from '@jest/globals'
import { broken, type Experiment, type Measured, readExperiments } from './experiment.ts'
import { measure } from './experiment-run.ts'
import { emptyHistory } from './history.ts'
import { pumbaArgs } from './pumba.ts'

const experiment: Experiment = {
  name: 'one',
  hypothesis: 'something is broken and nobody notices',
  faults: [{ do: 'kill', target: 'kafka-1', forS: 5 }],
  mustHold: { ordersAgainWithinS: 5, writesAgainWithinS: 5, wholeAgainWithinS: 60, everyRefusalExplains: true },
}
const well: Measured = { ordersAgainS: 0, servedPct: 100, longestSilenceS: 1, wholeAgainS: 20, refusals: {} }

describe('experiments', () => {
  it('are all as they must be', () => {
    expect(readExperiments().length).toBeGreaterThan(5)
  })

  it('hold where all that must hold does, and say what does not', () => {
    expect(broken(experiment, well)).toEqual([])
    expect(broken(experiment, { ...well, refusals: { 'service.unavailable': 9 } })).toEqual([])
    expect(broken(experiment, { ...well, ordersAgainS: null })).toEqual(['orders again: never, 5 s at most'])
    expect(broken(experiment, { ...well, longestSilenceS: 6.04, refusals: { none: 2 } })).toEqual([
      'writes again: 6.0 s, 5 s at most',
      '2 who were not served were not told why',
    ])
  })

  it('measure from the fault to the next order that was accepted, and the longest silence of a partition', () => {
    const look = (sentAtMs: number, served: boolean) => ({
      sentAtMs,
      answeredAtMs: sentAtMs + 100,
      answer: served ? ('acknowledged' as const) : ('unavailable' as const),
      status: null,
      code: served ? null : 'service.unavailable',
    })
    const history = { ...emptyHistory(1, 60), probes: [look(900, true), look(1_500, false), look(2_900, true)] }
    const appends = [{ partition: 0, atMs: [500, 1_100, 3_600, 4_000, 5_900] }]

    const trial = { experiment, fromMs: 1_000, overMs: 2_000, untilMs: 6_000, wholeAgainS: 3, failed: null }

    expect(measure(trial, history, { appends })).toEqual({
      ordersAgainS: 2,
      servedPct: 50,
      longestSilenceS: 2.5,
      wholeAgainS: 3,
      refusals: { 'service.unavailable': 1 },
    })
  })
})

describe('Pumba', () => {
  it('is told each fault in its own words', () => {
    const told = (fault: Experiment['faults'][number]['do']) => pumbaArgs({ do: fault, forS: 7 }, 'box').join(' ')

    expect(told('kill')).toBe('kill --signal SIGKILL box')
    expect(told('pause')).toBe('pause --duration 7s box')
    expect(told('cut')).toBe('netem --duration 7s loss --percent 100 box')
  })
})
