/** What is seen of one topic, partition by partition; sight.ts says what that is worth. */
import { asked, darkness, isBlind, read, type Sight, type SightLimits, silenceMs } from './sight.ts'

export type Sights = {
  /** The partitions' ends, as asked at `atMs`. */
  ends(ends: readonly { partition: number; end: number }[], atMs: number): void
  /** Everything below `next` was read. */
  read(partition: number, next: number): void
  /** How long what was last heard of at `heardAtMs` by this partition has been silent to our knowledge; null while we are blind. */
  silenceMs(partition: number, heardAtMs: number, nowMs: number): number | null
  /** Whether we see the end of the partition. */
  sees(partition: number, nowMs: number): boolean
  /** Partitions of which we do not see the end. */
  blind(nowMs: number): number
}

/** As many as the topic has partitions. */
export function createSights(limits: SightLimits): Sights {
  const sights = new Map<number, Sight>()
  const of = (partition: number) => sights.get(partition) ?? darkness
  return {
    ends: (ends, atMs) => {
      for (const { partition, end } of ends) sights.set(partition, asked(of(partition), { atMs, end }))
    },
    read: (partition, next) => {
      const sight = sights.get(partition)
      if (sight) sights.set(partition, read(sight, next, limits))
    },
    silenceMs: (partition, heardAtMs, nowMs) => silenceMs(of(partition), heardAtMs, nowMs, limits),
    sees: (partition, nowMs) => !isBlind(of(partition), nowMs, limits),
    blind: (nowMs) => [...sights.values()].filter((one) => isBlind(one, nowMs, limits)).length,
  }
}
