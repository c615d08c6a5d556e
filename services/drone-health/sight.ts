/**
 * Whether the watcher can see: how far a partition was read, and since when without a break.
 *
 * The problem: silence of a drone and silence of the line look the same from here. A broker that is away, a fetch that
 * hangs, a process that was paused, all make every drone silent, and none of them is.
 *
 * The idea: the end of each partition is asked for again and again. When everything below an answer's end was read, then
 * nothing that stood in the topic *when the question was asked* is still unheard; up to that moment, and no further, a
 * drone's silence is its own. Where that moment falls too far behind the present, we are blind. Sight that comes back
 * counts from then on, and after a time to settle: drones' links find the new leader later than we do.
 *
 * Times are monotonic world milliseconds.
 */
export type Sight = {
  /** All that stood in the partition then has been read. */
  clearUpToMs: number | null
  /** From when on silence counts. */
  countsFromMs: number
  /** The questions whose ends have not been reached, oldest first. */
  asked: readonly Question[]
}

/** When the partition's end was asked for, and the answer. */
export type Question = { atMs: number; end: number }

export type SightLimits = {
  /** Further behind the present than this is blind. */
  blindMs: number
  /** Added after blindness. */
  settleMs: number
}

export const darkness: Sight = { clearUpToMs: null, countsFromMs: Number.POSITIVE_INFINITY, asked: [] }

/** Past so many, the next is open only once one was reached: a reader so far behind is about to be blind. */
const openMax = 8

/** The end was asked, and answered. Of too many, those that are open are kept: in a stream, the newest end is never reached. */
export const asked = (sight: Sight, question: Question): Sight =>
  sight.asked.length < openMax ? { ...sight, asked: [...sight.asked, question] } : sight

/** Everything below `next` was read, as of `nowMs`. */
export function read(sight: Sight, next: number, limits: SightLimits): Sight {
  const reached = sight.asked.findLast(({ end }) => end <= next)
  if (reached === undefined) return sight
  const { atMs } = reached
  const { clearUpToMs, countsFromMs } = sight
  const first = clearUpToMs === null
  const broken = clearUpToMs !== null && atMs - clearUpToMs > limits.blindMs
  return {
    clearUpToMs: atMs,
    countsFromMs: first ? atMs : broken ? atMs + limits.settleMs : countsFromMs,
    asked: sight.asked.filter((question) => question.atMs > atMs),
  }
}

/** Whether sight was lost between the two. */
export const wasLost = (before: Sight, after: Sight): boolean =>
  before.clearUpToMs !== null && after.countsFromMs > before.countsFromMs

export const isBlind = ({ clearUpToMs }: Sight, nowMs: number, { blindMs }: SightLimits): boolean =>
  clearUpToMs === null || nowMs - clearUpToMs > blindMs

/** How long a drone last heard at `heardAtMs` has been silent to our knowledge; null while we are blind. */
export function silenceMs(sight: Sight, heardAtMs: number, nowMs: number, limits: SightLimits): number | null {
  if (sight.clearUpToMs === null || isBlind(sight, nowMs, limits)) return null
  return Math.max(0, sight.clearUpToMs - Math.max(heardAtMs, sight.countsFromMs))
}
