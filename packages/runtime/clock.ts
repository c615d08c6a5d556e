/**
 * The world clock. Domain time runs `speed` times as fast as real time from `epochMs` on, the same in every process.
 * Stamps come from `worldNow`; every duration that a promise rests on comes from `worldElapsed`, which no one can set back.
 */
import { UnixMs } from '@fleet/contracts/units'

export type Clock = {
  /** Now, by the world clock, for stamps. Whole milliseconds since 1970. */
  worldNow(): UnixMs
  /** Monotonic world milliseconds since an arbitrary start, for durations. */
  worldElapsed(): number
  /** How many real milliseconds a world duration takes, for timers. */
  realMs(worldMs: number): number
}

export type TimeSource = { nowMs(): number; monotonicMs(): number }

const system: TimeSource = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }

/** The world clock over `source`, the machine's clocks unless a test says otherwise. */
export const createClock = ({ epochMs, speed }: { epochMs: number; speed: number }, source = system): Clock => ({
  worldNow: () => UnixMs.parse(Math.round(epochMs + (source.nowMs() - epochMs) * speed)),
  worldElapsed: () => source.monotonicMs() * speed,
  realMs: (worldMs) => worldMs / speed,
})
