/** All limits of detection and recovery in one world, by its speed: what drones do takes world time, what networks do real time. */
import { type LinkLimits, linkLimitsAt } from './link.ts'
import { type Policy, policyAt } from './policy.ts'
import { type HealthConfig, type Thresholds, thresholdsAt } from './rules/thresholds.ts'
import type { SightLimits } from './sight.ts'

export type Limits = { thresholds: Thresholds; policy: Policy; link: LinkLimits; sight: SightLimits }

/** How far what we have seen may lie behind, and how long drones' links take to find a new leader after us. Real milliseconds. */
const blindRealMs = 2_500
const settleRealMs = 10_000

export function limitsAt(speed: number, config: HealthConfig): Limits {
  const thresholds = thresholdsAt(speed, config)
  return {
    thresholds,
    policy: policyAt(speed, thresholds.silentMs),
    link: linkLimitsAt(speed, thresholds.silentMs),
    sight: { blindMs: blindRealMs * speed, settleMs: settleRealMs * speed },
  }
}
