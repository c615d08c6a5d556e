/** Holds a consumer to so many records a second, so that catching up leaves the machine to those who cannot wait. */
import { setTimeout as pause } from 'node:timers/promises'

export type Pace = {
  /** Waits until the records before these have had their time. */
  take(records: number): Promise<void>
}

/** What was not used for so long is made up for: a machine that is busy for a moment does not lower the pace. */
const savedMsMax = 1_000

/** `perS` records a second over all partitions of a process; 0: as fast as it can. `nowMs` is monotonic. */
export function createPace(perS: number, nowMs: () => number, sleep: (ms: number) => Promise<unknown> = pause): Pace {
  let freeAtMs = nowMs()
  return {
    take: async (records) => {
      if (perS === 0) return
      const now = nowMs()
      const waitMs = freeAtMs - now
      freeAtMs = Math.max(freeAtMs, now - savedMsMax) + (records * 1_000) / perS
      if (waitMs > 0) await sleep(waitMs)
    },
  }
}
