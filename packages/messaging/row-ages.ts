/**
 * How long rows have waited in the outbox at most, without trusting a wall clock: a row that was not there when we looked is
 * younger than that look, by our monotonic clock.
 */

/** On a topic whose messages grow too old: how long one had waited when it was sent, at most, in world milliseconds; or `unknown`. */
export const waitedHeader = 'waited-ms'

/** Rows remembered. When there are more, all count as of unknown age until a look finds every row again. */
const rowsMax = 10_000

export type RowAges = {
  /** `ids`: what a look that began at `askedAtMs` found; `whole` where it found all that there was. */
  looked(ids: readonly string[], askedAtMs: number, whole: boolean): void
  /** The last moment at which the row is known not to have been there yet, or null where none is known. */
  absentAtMs(id: string): number | null
}

export function createRowAges(): RowAges {
  let wholeAtMs: number | null = null
  let absent = new Map<string, number | null>()
  return {
    looked: (ids, askedAtMs, whole) => {
      const seen = ids.map((id) => [id, absent.has(id) ? (absent.get(id) ?? null) : wholeAtMs] as const)
      absent = new Map(whole ? seen : [...absent, ...seen])
      if (whole) wholeAtMs = askedAtMs
      if (absent.size <= rowsMax) return
      absent.clear()
      wholeAtMs = null
    },
    absentAtMs: (id) => absent.get(id) ?? null,
  }
}
