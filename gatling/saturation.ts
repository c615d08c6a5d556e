/**
 * What gave out at the knee: the machine's processor, one process's event loop, the brokers or the database. Judged by what the system's
 * own figures say of the steps before and past the knee; the rule is a pure function of them.
 */
/** Where the machine is full, and no part alone. */
export const processor = 'processor'

export type PartFigures = {
  /** Of one core: 1 is a core for itself. A Node process has one for its event loop. */
  cores: number
  /** 99th percentile of the event loop's delay; null for what is no Node process. */
  loopDelayMs: number | null
}
export type Figures = {
  /** Of the whole machine, 0 to 1. */
  machineBusy: number
  parts: Record<string, PartFigures>
  /** How long the database took for a command of its own, and the brokers for an answer. */
  databaseMs: number
  brokerMs: number
}
export type Saturation = {
  what: 'processor' | 'event loop' | 'broker' | 'database' | 'nothing seen'
  part: string
  evidence: string
}

/** An event loop that has a core to itself can do no more; a little is left for the kernel's part. */
const loopFull = 0.85
const machineFull = 0.9
/** So much slower than before the knee, and no less than this. */
const slowerTimes = 4
const slowMsMin = 50

const isNode = ([, { loopDelayMs }]: [string, PartFigures]) => loopDelayMs !== null
const percent = (share: number) => `${Math.round(share * 100)} %`

/** `before`: of all steps up to the knee; `past`: of the first past it. */
export function saturated(before: Figures, past: Figures): Saturation {
  const byCores = Object.entries(past.parts).sort(([, a], [, b]) => b.cores - a.cores)
  const full = byCores.filter(isNode).find(([, { cores }]) => cores >= loopFull)
  if (full !== undefined) {
    const [part, { cores, loopDelayMs }] = full
    return {
      what: 'event loop',
      part,
      evidence: `${part} uses ${percent(cores)} of a core, its event loop is ${Math.round(loopDelayMs ?? 0)} ms late`,
    }
  }
  if (past.machineBusy >= machineFull) {
    const shares = byCores.slice(0, 4).map(([name, { cores }]) => `${name} ${percent(cores)}`)
    return {
      what: 'processor',
      part: processor,
      evidence: `the machine is ${percent(past.machineBusy)} busy; of a core: ${shares.join(', ')}`,
    }
  }
  const slower = (now: number, then: number) => now >= slowMsMin && now >= then * slowerTimes
  if (slower(past.databaseMs, before.databaseMs))
    return {
      what: 'database',
      part: partLike('mongo', byCores),
      evidence: tookLonger('a command', before.databaseMs, past.databaseMs),
    }
  if (slower(past.brokerMs, before.brokerMs))
    return {
      what: 'broker',
      part: partLike('kafka', byCores),
      evidence: tookLonger('an answer', before.brokerMs, past.brokerMs),
    }
  const slowest = byCores.filter(isNode).sort(([, a], [, b]) => (b.loopDelayMs ?? 0) - (a.loopDelayMs ?? 0))[0]
  return {
    what: 'nothing seen',
    part: slowest?.[0] ?? 'none',
    evidence: 'no part is full: its limits, or who asks, came first',
  }
}

const partLike = (kind: string, parts: [string, PartFigures][]) =>
  parts.find(([name]) => name.startsWith(kind))?.[0] ?? kind
const tookLonger = (what: string, thenMs: number, nowMs: number) =>
  `${what} took ${Math.round(nowMs)} ms, and ${Math.round(thenMs)} ms before`
