/**
 * What the rules hold readings against; every figure comes from the environment and has a default.
 *
 * Two kinds of time: a drone's own behaviour runs on world time, but brokers fail over, and processes are scheduled, in
 * real time. What is waited for over the network is therefore at least its floor in real time, at every world speed.
 */
import { z } from 'zod'

const ms = (fallback: number) => z.coerce.number().int().min(1).max(3_600_000).default(fallback)
const figure = (fallback: number) => z.coerce.number().min(0).max(100_000).default(fallback)
const count = (fallback: number) => z.coerce.number().int().min(1).max(32).default(fallback)

/** Environment variables of detection. */
export const HealthConfig = z.object({
  /** World milliseconds without a position: at 1 Hz and with 2 % lost, four lost in a row come once in nine hours of 200 drones. */
  HEALTH_SILENT_MS: ms(4_200),
  /** The least real milliseconds that silence must last, whatever the world's speed. */
  HEALTH_SILENT_REAL_MS: ms(3_500),
  HEALTH_NONSENSE_COUNT: count(3),
  HEALTH_NONSENSE_OF: count(5),
  HEALTH_FROZEN_READINGS: count(4),
  HEALTH_FROZEN_MS: ms(2_500),
  HEALTH_SPEED_MPS_MAX: figure(45),
  /** Looked at for jumps; one of them may be bad. */
  HEALTH_JUMP_READINGS: count(7),
  /** How far off its straight line a drone may be, in metres: wind and GPS together. */
  HEALTH_CORRIDOR_M: figure(12),
  /** Below that, a drift that grows by so many metres within the last readings is one, too. */
  HEALTH_DRIFT_M: figure(5),
  /** How far its places may run away from its speed and heading within five readings: more than any gust pushes. */
  HEALTH_WANDER_M: figure(10),
  /** Above the itinerary's cruise height, and below the ground where it last stood. */
  HEALTH_ALTITUDE_OVER_M: figure(60),
  HEALTH_ALTITUDE_UNDER_M: figure(30),
  /** Where the ground is not known: above mean sea level. */
  HEALTH_ALTITUDE_MAX_M: figure(2_000),
  HEALTH_CLOCK_AHEAD_MS: ms(3_000),
  HEALTH_CLOCK_BEHIND_MS: ms(6_000),
  HEALTH_CLOCK_REAL_MS: ms(4_000),
  HEALTH_GAPS_COUNT: count(6),
  HEALTH_GAPS_OF: count(12),
  /**
   * Added to what the way home takes, in percent of the battery: half of what is left with which the drone itself turns home,
   * so that one that does not is seen near its base, too, where the way home takes next to nothing.
   */
  HEALTH_BATTERY_SPARE_PCT: figure(3.75),
  HEALTH_ANSWER_MS: ms(20_000),
  HEALTH_ANSWER_REAL_MS: ms(10_000),
  HEALTH_REFUSALS: count(3),
})
export type HealthConfig = z.infer<typeof HealthConfig>

/** Durations are world milliseconds. */
export type Thresholds = {
  silentMs: number
  nonsense: { count: number; of: number }
  frozen: { readings: number; ms: number }
  jump: { speedMpsMax: number; readings: number }
  corridor: { halfWidthM: number; driftM: number }
  wanderM: number
  altitude: { overM: number; underM: number; maxM: number }
  clock: { aheadMs: number; behindMs: number }
  gaps: { count: number; of: number }
  batterySparePct: number
  answerMs: number
  refusals: number
}

/** The thresholds of a world that runs `speed` times as fast as real time. */
export function thresholdsAt(speed: number, config: HealthConfig): Thresholds {
  const atLeast = (worldMs: number, realMs: number) => Math.max(worldMs, realMs * speed)
  return {
    silentMs: atLeast(config.HEALTH_SILENT_MS, config.HEALTH_SILENT_REAL_MS),
    nonsense: { count: config.HEALTH_NONSENSE_COUNT, of: config.HEALTH_NONSENSE_OF },
    frozen: { readings: config.HEALTH_FROZEN_READINGS, ms: config.HEALTH_FROZEN_MS },
    jump: { speedMpsMax: config.HEALTH_SPEED_MPS_MAX, readings: config.HEALTH_JUMP_READINGS },
    corridor: { halfWidthM: config.HEALTH_CORRIDOR_M, driftM: config.HEALTH_DRIFT_M },
    wanderM: config.HEALTH_WANDER_M,
    altitude: {
      overM: config.HEALTH_ALTITUDE_OVER_M,
      underM: config.HEALTH_ALTITUDE_UNDER_M,
      maxM: config.HEALTH_ALTITUDE_MAX_M,
    },
    clock: {
      aheadMs: atLeast(config.HEALTH_CLOCK_AHEAD_MS, config.HEALTH_CLOCK_REAL_MS / 4),
      behindMs: atLeast(config.HEALTH_CLOCK_BEHIND_MS, config.HEALTH_CLOCK_REAL_MS),
    },
    gaps: { count: config.HEALTH_GAPS_COUNT, of: config.HEALTH_GAPS_OF },
    batterySparePct: config.HEALTH_BATTERY_SPARE_PCT,
    answerMs: atLeast(config.HEALTH_ANSWER_MS, config.HEALTH_ANSWER_REAL_MS),
    refusals: config.HEALTH_REFUSALS,
  }
}
