/** The value as JSON; null where it is none: a view shows what it can read, and stops for nothing. */
export function parseJson(value: Buffer | null): unknown {
  try {
    return JSON.parse(value?.toString() ?? 'null')
  } catch {
    return null
  }
}
