/**
 * What is done about a drone, rule by rule, as a table. Each ladder is climbed rung by rung: an order to the drone, and how
 * long it may take to help; the last rung grounds the drone, where the table says so. Nothing here decides: see health.ts.
 */
import { type RuleName, ruleNames } from './rules/scene.ts'

export type Rung =
  | { act: 'hold' | 'return' | 'land' | 'reboot'; msMax: number }
  /** Only an operator brings it back, and its order goes to another drone. */
  | { act: 'ground' }

export type RulePolicy = {
  /** How long the rule must go on speaking before anything is done; null: it is observed, and nothing is done. */
  confirmMs: number | null
  blames: 'unresponsive' | 'defective'
  ladder: readonly Rung[]
}

export type Policy = {
  rules: Readonly<Record<RuleName, RulePolicy>>
  /** So long without evidence ends a suspicion, and a fault that no reboot was ordered for. */
  calmMs: number
  /** So many good readings of the new boot make a drone healthy; it has so long for them. */
  goodReadings: number
  recoverMsMax: number
  /** Trouble that comes again within this goes on where its ladder was left: tries are limited, not by incident alone. */
  relapseMs: number
  /** How old a command may be when the drone takes it. */
  ttlMs: number
}

/**
 * The fleet's policy in a world that runs `speed` times as fast as real time, where a drone is silent after `silentMs`.
 * All in world milliseconds.
 */
export function policyAt(speed: number, silentMs: number): Policy {
  /** What goes over the network takes real time, at any speed of the world. */
  const atLeast = (worldMs: number, realMs: number) => Math.max(worldMs, realMs * speed)
  const reboot: Rung = { act: 'reboot', msMax: atLeast(9_000, 6_000) }
  const soft = (act: 'hold' | 'return' | 'land', worldMs: number): Rung => ({ act, msMax: atLeast(worldMs, 6_000) })
  const ground: Rung = { act: 'ground' }
  const confirmMs = atLeast(1_000, 800)
  const defective = (ladder: readonly Rung[]): RulePolicy => ({ confirmMs, blames: 'defective', ladder })
  const observed: RulePolicy = { confirmMs: null, blames: 'defective', ladder: [] }
  return {
    rules: {
      silent: { confirmMs: atLeast(1_800, 800), blames: 'unresponsive', ladder: [reboot, reboot, ground] },
      nonsense: defective([reboot, ground]),
      frozen: defective([reboot, ground]),
      jump: defective([reboot, ground]),
      // There is no way home: down where it is, and another drone flies.
      battery: defective([{ act: 'land', msMax: 0 }, ground]),
      // It may well be where it was sent: out of there, and no grounding for what planning did.
      'no-fly-zone': defective([soft('return', 60_000)]),
      altitude: defective([reboot, ground]),
      corridor: defective([reboot, ground]),
      wander: defective([reboot, ground]),
      clock: defective([reboot, ground]),
      ignores: { confirmMs, blames: 'unresponsive', ladder: [reboot, ground] },
      refuses: defective([reboot, ground]),
      gaps: observed,
    },
    // Longer than silence takes to be noticed: after our restart it is counted anew, and must not pass for calm.
    calmMs: Math.max(5_000, silentMs * 1.5),
    goodReadings: 5,
    recoverMsMax: atLeast(9_000, 6_000),
    relapseMs: atLeast(120_000, 60_000),
    ttlMs: atLeast(20_000, 10_000),
  }
}

/** The rule of that name, or null where evidence comes from an operator. */
export const ruleNamed = (name: string): RuleName | null => ruleNames.find((rule) => rule === name) ?? null
