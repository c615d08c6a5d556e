/**
 * Whole numbers of any sign up to 2^53 as a few bytes: small ones take one. The first byte holds the sign and six bits,
 * the others seven bits each; the top bit says that more follow. Arithmetic, not bit operators, which stop at 2^31.
 */

/** Appends `value` to `bytes`. @throws where it is no safe integer. */
export function writeInt(bytes: number[], value: number): void {
  if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no safe integer`)
  const magnitude = Math.abs(value)
  let rest = Math.floor(magnitude / 64)
  bytes.push((rest > 0 ? 128 : 0) + (magnitude % 64) * 2 + (value < 0 ? 1 : 0))
  while (rest > 0) {
    const low = rest % 128
    rest = Math.floor(rest / 128)
    bytes.push((rest > 0 ? 128 : 0) + low)
  }
}

/** Reads the numbers of `bytes` one after the other. @throws past the end. */
export function intReader(bytes: Uint8Array): () => number {
  let at = 0
  const next = (): number => {
    const byte = bytes[at]
    if (byte === undefined) throw new RangeError('read past the end of a column')
    at += 1
    return byte
  }
  return () => {
    const first = next()
    let magnitude = Math.floor((first % 128) / 2)
    let more = first >= 128
    for (let unit = 64; more; unit *= 128) {
      const byte = next()
      magnitude += (byte % 128) * unit
      more = byte >= 128
    }
    return first % 2 === 1 ? -magnitude : magnitude
  }
}
