/** An experiment as data: what is believed, what is broken, and what must hold. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const ExperimentFault = z.strictObject({
  /** `cut` and `delay` need a proxy or netem; the others are the same for processes and containers. */
  do: z.enum(['kill', 'stop', 'pause', 'lose-disk', 'cut', 'delay']),
  /** A part by its name in stack.json, or a role that is looked up at the moment of the fault. */
  target: z.string().regex(/^[a-z][a-z0-9-]*$/),
  /** How long it lasts; services that are killed are started again by their supervisor. */
  forS: z.number().min(0).max(120),
})
export type ExperimentFault = z.infer<typeof ExperimentFault>

export const Experiment = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/),
  hypothesis: z.string().min(20).max(400),
  /** All at once. */
  faults: z.array(ExperimentFault).min(1).max(5),
  mustHold: z.strictObject({
    /** From the fault until a customer's order is accepted again; orders that were accepted all the while hold. */
    ordersAgainWithinS: z.number().positive().optional(),
    /** The longest time in which a partition of positions took none. */
    writesAgainWithinS: z.number().positive().optional(),
    /** From the end of the fault until every partition has all its replicas. */
    wholeAgainWithinS: z.number().positive().optional(),
    /** Whoever was not served was told why, in a problem document. */
    everyRefusalExplains: z.boolean().optional(),
  }),
})
export type Experiment = z.infer<typeof Experiment>

const folder = join(import.meta.dirname, 'experiments')

/** Every experiment of the folder. Throws on one that is not as it must be. */
export const readExperiments = (): Experiment[] =>
  readdirSync(folder)
    .filter((file) => file.endsWith('.json'))
    .toSorted()
    .map((file) => {
      const experiment = Experiment.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
      if (`${experiment.name}.json` !== file) throw new Error(`${file} holds the experiment ${experiment.name}`)
      return experiment
    })

/** What an experiment measured. Seconds; null where it never came to be. */
export type Measured = {
  ordersAgainS: number | null
  servedPct: number
  longestSilenceS: number
  wholeAgainS: number | null
  /** Codes of problem documents, and how often; `none` where an answer had none. */
  refusals: Record<string, number>
}

/** What does not hold, in words; nothing where all does. Pure. */
export function broken({ mustHold }: Experiment, measured: Measured): string[] {
  const { ordersAgainWithinS, writesAgainWithinS, wholeAgainWithinS, everyRefusalExplains } = mustHold
  const within = (what: string, value: number | null, limit: number | undefined) =>
    limit === undefined || (value !== null && value <= limit)
      ? []
      : [`${what}: ${value === null ? 'never' : `${value.toFixed(1)} s`}, ${limit} s at most`]
  const unexplained = measured.refusals.none ?? 0
  return [
    ...within('orders again', measured.ordersAgainS, ordersAgainWithinS),
    ...within('writes again', measured.longestSilenceS, writesAgainWithinS),
    ...within('whole again', measured.wholeAgainS, wholeAgainWithinS),
    ...(everyRefusalExplains && unexplained > 0 ? [`${unexplained} who were not served were not told why`] : []),
  ]
}
