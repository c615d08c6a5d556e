/** What a rule of the checker finds, each with the thing that it is about. */
export type Finding = { subject: string; what: string }

export type Findings = {
  /** It was acknowledged, and is gone or stands still. */
  lost: Finding[]
  /** It happened more than once. */
  doubled: Finding[]
  /** It happened, and should not have. */
  unexpected: Finding[]
}

export const nothingFound = (): Findings => ({ lost: [], doubled: [], unexpected: [] })

export const together = (all: readonly Findings[]): Findings => ({
  lost: all.flatMap(({ lost }) => lost),
  doubled: all.flatMap(({ doubled }) => doubled),
  unexpected: all.flatMap(({ unexpected }) => unexpected),
})
