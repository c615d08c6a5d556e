/**
 * Work that is cheaper together: what comes while a batch runs goes together in the next. A lone item does not wait.
 */

export type Batches<Item, Result> = {
  /** Runs `item` in the next batch that has room. Rejects with the error of its run. */
  add(item: Item): Promise<Result>
  /** How many wait for a batch. */
  waiting(): number
}

type Entry<Item, Result> = { item: Item; resolve(result: Result): void; reject(error: unknown): void }

/**
 * `run` gives a result for each item; at most `sizeMax` items, no two of them with the same `keyOf`. One batch at a time.
 * A batch that fails is run again item by item, since the fault may be one item's alone; not where `isShared` says otherwise.
 */
export function createBatches<Item, Result>({
  sizeMax,
  keyOf,
  run,
  isShared,
}: {
  sizeMax: number
  keyOf: (item: Item) => string
  run: (items: readonly Item[]) => Promise<readonly Result[]>
  isShared: (error: unknown) => boolean
}): Batches<Item, Result> {
  let waiting: Entry<Item, Result>[] = []
  let running = false

  const take = (): Entry<Item, Result>[] => {
    const batch = new Map<string, Entry<Item, Result>>()
    const later: Entry<Item, Result>[] = []
    for (const entry of waiting) {
      const key = keyOf(entry.item)
      if (batch.size < sizeMax && !batch.has(key)) batch.set(key, entry)
      else later.push(entry)
    }
    waiting = later
    return [...batch.values()]
  }
  const settle = async (batch: readonly Entry<Item, Result>[]) => {
    try {
      const results = await run(batch.map(({ item }) => item))
      if (results.length !== batch.length) throw new Error(`${results.length} results for ${batch.length} items`)
      for (const [index, result] of results.entries()) batch[index]?.resolve(result)
    } catch (error) {
      if (batch.length > 1 && !isShared(error)) for (const one of batch) await settle([one])
      else for (const { reject } of batch) reject(error)
    }
  }
  const runAll = async () => {
    running = true
    while (waiting.length > 0) await settle(take())
    running = false
  }

  return {
    add: (item) => {
      const { promise, resolve, reject } = Promise.withResolvers<Result>()
      waiting.push({ item, resolve, reject })
      if (!running) void runAll()
      return promise
    },
    waiting: () => waiting.length,
  }
}
