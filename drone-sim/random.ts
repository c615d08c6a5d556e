/** Seeded chance: the same seed and name give the same row of numbers on every machine. */
import { createHash } from 'node:crypto'

/** Numbers from 0 to below 1. */
export type Random = () => number

/** The row of `name` under `seed`, by mulberry32 (T. Ettinger, 2017): good enough for gusts, not for secrets. */
export function seededRandom(seed: string, name: string): Random {
  let state = createHash('sha256').update(`${seed}\0${name}`).digest().readUInt32LE()
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
