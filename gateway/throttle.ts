/**
 * Counts attempts by name within a window, in bounded memory: what makes guessing passwords slow. An attempt counts before it is
 * made, and is given back where it was none or succeeded: so a burst of guesses at once is a burst no larger than the limit.
 */

type Count = { attempts: number; endsAtMs: number }

export type Throttle = {
  /** Counts one attempt and gives 0, or how many real milliseconds `name` must wait. */
  reserve(name: string): number
  /** Attempts that count against `name` now. */
  attempts(name: string): number
  /** The attempt was not made, or says nothing against `name`. */
  release(name: string): void
  /** All is forgotten that counted against `name`. */
  clear(name: string): void
}

/**
 * At most `max` attempts within `windowMs`. Past `namesMax` names, the one that tried longest ago is forgotten:
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
  const current = (name: string): Count => {
    const count = counts.get(name)
    return count !== undefined && count.endsAtMs > nowMs() ? count : { attempts: 0, endsAtMs: nowMs() + windowMs }
  }
  return {
    reserve: (name) => {
      const { attempts, endsAtMs } = current(name)
      if (attempts >= max) return endsAtMs - nowMs()
      counts.delete(name)
      counts.set(name, { attempts: attempts + 1, endsAtMs })
      const [oldest] = counts.keys()
      if (counts.size > namesMax && oldest !== undefined) counts.delete(oldest)
      return 0
    },
    attempts: (name) => current(name).attempts,
    release: (name) => {
      const { attempts, endsAtMs } = current(name)
      if (attempts > 1) counts.set(name, { attempts: attempts - 1, endsAtMs })
      else counts.delete(name)
    },
    clear: (name) => void counts.delete(name),
  }
}
