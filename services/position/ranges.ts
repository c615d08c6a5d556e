/** Sets of whole numbers as ranges: sorted, apart by at least one, `[first, last]` both within. Values are never changed in place. */
export type Range = readonly [first: number, last: number]
export type Ranges = readonly Range[]

export const none: Ranges = []

/** The index of the first range that ends at `n` or after. */
function position(ranges: Ranges, n: number): number {
  let low = 0
  let high = ranges.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const range = ranges[middle]
    if (range !== undefined && range[1] < n) low = middle + 1
    else high = middle
  }
  return low
}

export function has(ranges: Ranges, n: number): boolean {
  const range = ranges[position(ranges, n)]
  return range !== undefined && range[0] <= n
}

/** `ranges` and `n`. */
export function add(ranges: Ranges, n: number): Ranges {
  const at = position(ranges, n)
  const here = ranges[at]
  if (here !== undefined && here[0] <= n) return ranges
  const before = ranges[at - 1]
  const joinsBefore = before !== undefined && before[1] === n - 1
  const joinsAfter = here !== undefined && here[0] === n + 1
  const merged: Range = [joinsBefore ? before[0] : n, joinsAfter ? here[1] : n]
  return [...ranges.slice(0, joinsBefore ? at - 1 : at), merged, ...ranges.slice(joinsAfter ? at + 1 : at)]
}

/** `ranges` without `n`. */
export function remove(ranges: Ranges, n: number): Ranges {
  if (!has(ranges, n)) return ranges
  return ranges.flatMap(([first, last]): Range[] => {
    if (n < first || n > last) return [[first, last]]
    const below: Range[] = first < n ? [[first, n - 1]] : []
    return n < last ? [...below, [n + 1, last]] : below
  })
}

/** How many numbers stand in `ranges`. */
export const size = (ranges: Ranges): number => ranges.reduce((sum, [first, last]) => sum + last - first + 1, 0)

/** What of `1..highest` is in none of `sets`. */
export function gaps(highest: number, ...sets: Ranges[]): Ranges {
  const missing: Range[] = []
  let next = 1
  for (const [first, last] of sets.flat().toSorted(([a], [b]) => a - b)) {
    if (first > next) missing.push([next, Math.min(first - 1, highest)])
    next = Math.max(next, last + 1)
    if (next > highest) break
  }
  if (next <= highest) missing.push([next, highest])
  return missing.filter(([first, last]) => first <= last)
}

/** What of `ranges` is above `n`. */
export const above = (ranges: Ranges, n: number): Ranges =>
  ranges.filter(([, last]) => last > n).map(([first, last]) => [Math.max(first, n + 1), last])

/** What of `ranges` is at or below `highest`. */
export const upTo = (ranges: Ranges, highest: number): Ranges =>
  ranges.filter(([first]) => first <= highest).map(([first, last]) => [first, Math.min(last, highest)])
