/** Counts failures by name within a window, in bounded memory: what makes guessing passwords slow. */

type Count = { failures: number; endsAtMs: number }

export type Throttle = {
  /** How many real milliseconds `name` must wait, 0 where it need not. */
  waitMs(name: string): number
  failed(name: string): void
  succeeded(name: string): void
}

/**
 * At most `max` failures within `windowMs`. Past `namesMax` names, the one that failed longest ago is forgotten:
 * who has so many addresses is held by the accounts' own throttle. `nowMs`: real monotonic milliseconds.
 */
export function createThrottle({
  max,
  windowMs,
  namesMax,
  nowMs,
}: {
  max: number
  windowMs: number
  namesMax: number
  nowMs: () => number
}): Throttle {
  const counts = new Map<string, Count>()
  return {
    waitMs: (name) => {
      const count = counts.get(name)
      if (count === undefined || count.failures < max) return 0
      return Math.max(0, count.endsAtMs - nowMs())
    },
    failed: (name) => {
      const count = counts.get(name)
      const current =
        count !== undefined && count.endsAtMs > nowMs() ? count : { failures: 0, endsAtMs: nowMs() + windowMs }
      counts.delete(name)
      counts.set(name, { ...current, failures: current.failures + 1 })
      const [oldest] = counts.keys()
      if (counts.size > namesMax && oldest !== undefined) counts.delete(oldest)
    },
    succeeded: (name) => void counts.delete(name),
  }
}
