/**
 * How old a command can be at most, without trusting a wall clock (promise 3). We ask the brokers now and then where the topic
 * ends; a command whose offset was not there yet when we asked is younger than that question, by our monotonic clock.
 */

/** Ends remembered of a partition. When there are more, the oldest goes, and what is as old as that counts as of unknown age. */
const endsMax = 1_000

export type CommandAges = {
  /** The partition ended at `endOffset` when it was asked at `askedAtMs` or later. */
  ended(partition: number, endOffset: bigint, askedAtMs: number): void
  /** The last moment at which `offset` is known not to have been there yet, or null where none is known. */
  absentAtMs(partition: number, offset: bigint): number | null
}

export function createCommandAges(): CommandAges {
  const endsOf = new Map<number, { endOffset: bigint; askedAtMs: number }[]>()
  return {
    ended: (partition, endOffset, askedAtMs) => {
      const ends = endsOf.get(partition) ?? []
      endsOf.set(partition, ends)
      const last = ends.at(-1)
      if (last?.endOffset === endOffset) last.askedAtMs = askedAtMs
      else ends.push({ endOffset, askedAtMs })
      if (ends.length > endsMax) ends.shift()
    },
    absentAtMs: (partition, offset) =>
      endsOf.get(partition)?.findLast(({ endOffset }) => endOffset <= offset)?.askedAtMs ?? null,
  }
}
