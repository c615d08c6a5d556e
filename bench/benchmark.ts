/** What a benchmark is: one question, answered in one run. */
import type { VisualizationSpec } from './drawing.ts'

export type BenchmarkContext = {
  /** A line of progress. */
  say(line: string): void
  /** A small size: it proves that the benchmark runs, and measures nothing. */
  small: boolean
  /** Another size than the benchmark's own, by hand: drones, or positions. */
  size?: number | undefined
  /** Another seed than the benchmark's own, where it has one. */
  seed?: string | undefined
  /** Ends every wait. */
  stopped: AbortSignal
}

export type Answer = {
  /** What is printed, in this order: a row a contender or a size. Numbers are rounded for the eye. */
  tables: { title: string; rows: Record<string, string | number>[] }[]
  /** Figures with their units last in the key, such as `ours_positions_per_s`. */
  figures: Record<string, number>
  ratios: Record<string, number>
  /** Bars that the answer must reach, said beside it: the command exits 1 where one is missed. */
  bars: Bar[]
  /** A picture of the answer, in Vega-Lite's words. */
  drawing?: VisualizationSpec
}

/** `value` must be at least (or at most) `limit`; `name` is the key of the figure or ratio. */
export type Bar = { name: string; value: number; limit: number; must: 'be-at-least' | 'be-at-most' }

export type Benchmark = {
  name: string
  /** One sentence, as a question. */
  question: string
  run(context: BenchmarkContext): Promise<Answer>
}

/** Whether `bar` is reached. A value that is no number reaches nothing. */
export const isReached = ({ value, limit, must }: Bar): boolean =>
  must === 'be-at-least' ? value >= limit : value <= limit
