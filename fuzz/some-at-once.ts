/** Does `work` for each of `items`, in order, `atOnce` at a time. */
export async function someAtOnce<T>(
  items: readonly T[],
  atOnce: number,
  work: (item: T, index: number) => Promise<void>,
): Promise<void> {
  const left = items.entries()
  // All take from the one iterator.
  const take = async () => {
    for (const [index, item] of left) await work(item, index)
  }
  await Promise.all(Array.from({ length: atOnce }, take))
}
