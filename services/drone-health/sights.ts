/** What is seen of one topic, partition by partition; sight.ts says what that is worth. */
import { asked, darkness, isBlind, read, type Sight, type SightLimits, silenceMs, wasLost } from './sight.ts'

/** What was seen at one moment. */
export type Seen = {
  /** How long what was last heard of at `heardAtMs` by this partition has been silent to our knowledge; null while we are blind. */
  silenceMs(partition: number, heardAtMs: number): number | null
  /** Whether all of the partition is read, and was long enough for what was held up to have come. */
  sees(partition: number): boolean
  /** Whether what stood in the partition ten seconds ago, by real time, is read, which is enough for what changes seldom. */
  saw(partition: number): boolean
  /** Partitions of which we do not see the end. */
  blind: number
}

export type Sights = {
  /** The partitions' ends, as asked at `atMs`. */
  ends(ends: readonly { partition: number; end: number }[], atMs: number): void
  /** Everything below `next` was read. */
  read(partition: number, next: number): void
  /** What we see at `nowMs`: what is read afterwards does not change it. */
  at(nowMs: number): Seen
}

/** As many as the topic has partitions. `onLost` hears of each sight that was lost and has come back. */
export function createSights(limits: SightLimits, onLost: () => void = () => undefined): Sights {
  const sights = new Map<number, Sight>()
  return {
    ends: (ends, atMs) => {
      for (const { partition, end } of ends)
        sights.set(partition, asked(sights.get(partition) ?? darkness, { atMs, end }))
    },
    read: (partition, next) => {
      const sight = sights.get(partition)
      if (sight === undefined) return
      const after = read(sight, next, limits)
      sights.set(partition, after)
      if (wasLost(sight, after)) onLost()
    },
    at: (nowMs) => {
      const now = new Map(sights)
      const of = (partition: number) => now.get(partition) ?? darkness
      return {
        silenceMs: (partition, heardAtMs) => silenceMs(of(partition), heardAtMs, nowMs, limits),
        sees: (partition) => {
          const { clearUpToMs, countsFromMs } = of(partition)
          return clearUpToMs !== null && clearUpToMs >= countsFromMs && !isBlind(of(partition), nowMs, limits)
        },
        saw: (partition) => {
          const { clearUpToMs } = of(partition)
          return clearUpToMs !== null && nowMs - clearUpToMs < limits.settleMs
        },
        blind: [...now.values()].filter((one) => isBlind(one, nowMs, limits)).length,
      }
    },
  }
}
