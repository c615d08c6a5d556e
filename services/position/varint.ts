/**
 * Whole numbers of any sign up to 2^53 as a few bytes: small ones take one. The first byte holds the sign and six bits,
 * the others seven bits each; the top bit says that more follow. Arithmetic, not bit operators, which stop at 2^31.
 */

export type IntWriter = {
  /** Appends `value`. @throws where it is no safe integer. */
  write(value: number): void
  /** What was written, as bytes of its own. */
  bytes(): Buffer
}

const intBytesMax = 8
const bytesAtFirst = 64

export function intWriter(): IntWriter {
  let bytes = Buffer.allocUnsafe(bytesAtFirst)
  let at = 0
  const writeLong = (value: number) => {
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is no safe integer`)
    const magnitude = Math.abs(value)
    let rest = Math.floor(magnitude / 64)
    bytes[at++] = (rest > 0 ? 128 : 0) + (magnitude % 64) * 2 + (value < 0 ? 1 : 0)
    while (rest > 0) {
      const low = rest % 128
      rest = Math.floor(rest / 128)
      bytes[at++] = (rest > 0 ? 128 : 0) + low
    }
  }
  return {
    write: (value) => {
      if (at + intBytesMax > bytes.length) {
        const more = Buffer.allocUnsafe(bytes.length * 2)
        bytes.copy(more)
        bytes = more
      }
      // Most differences are as small as this.
      if (value >= 0 && value < 64 && Number.isInteger(value)) bytes[at++] = value * 2
      else writeLong(value)
    },
    bytes: () => Buffer.from(bytes.subarray(0, at)),
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
    let magnitude = (first & 127) >> 1
    let more = first >= 128
    for (let unit = 64; more; unit *= 128) {
      const byte = next()
      magnitude += (byte & 127) * unit
      more = byte >= 128
    }
    return (first & 1) === 1 ? -magnitude : magnitude
  }
}
