/**
 * How many retries there may be: a share of the requests, so that a service in trouble is not asked many times more often
 * than one in health (Google SRE Book, "Handling Overload"). In memory of one number.
 */
export type RetryBudget = { request(): void; retry(): boolean }

/** Each request puts `share` in, each retry takes 1; at most `max` is saved, and that is there at first. */
export function createRetryBudget({ share, max }: { share: number; max: number }): RetryBudget {
  let saved = max
  return {
    request: () => {
      saved = Math.min(max, saved + share)
    },
    /** Whether there may be one more. */
    retry: () => {
      if (saved < 1) return false
      saved -= 1
      return true
    },
  }
}
