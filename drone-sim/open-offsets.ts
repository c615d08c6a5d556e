/**
 * Which messages of a partition their drones have not heard yet. A drone whose computer is dark, or whose link is down, keeps
 * its messages waiting; the other drones of the host have theirs in the same partition and must not wait with it. So reading
 * goes on, and only what lies before the oldest open message may be committed: after a restart the rest is read again, and
 * what was heard is dropped by its `seq`.
 */
export type OpenOffsets = {
  /** A message that is heard when `heard` resolves. Gives whether it was heard at once; rejects where it cannot even wait. */
  add(partition: string, offset: bigint, heard: Promise<void>): Promise<boolean>
  /** What may be committed, when everything below `next` was read. */
  upTo(partition: string, next: bigint): bigint
}

export function createOpenOffsets(): OpenOffsets {
  const open = new Map<string, Set<bigint>>()
  return {
    add: async (partition, offset, heard) => {
      const offsets = open.get(partition) ?? new Set()
      open.set(partition, offsets)
      offsets.add(offset)
      const settled = heard.finally(() => offsets.delete(offset))
      return Promise.race([settled.then(() => true), new Promise<false>((resolve) => setImmediate(resolve, false))])
    },
    upTo: (partition, next) => {
      let least = next
      for (const offset of open.get(partition) ?? []) if (offset < least) least = offset
      return least
    },
  }
}
