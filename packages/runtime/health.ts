/** Readiness: every part that can be out of order says so in words. */
export type Health = {
  /** `problem` gives what is wrong, in one sentence, or null where all is well. */
  add(part: string, problem: () => string | null): void
  /** Every part that is out of order, with what it says. */
  problems(): { part: string; problem: string }[]
}

export function createHealth(): Health {
  const checks = new Map<string, () => string | null>()
  return {
    add: (part, problem) => void checks.set(part, problem),
    problems: () =>
      [...checks].flatMap(([part, check]) => {
        const problem = check()
        return problem === null ? [] : [{ part, problem }]
      }),
  }
}
