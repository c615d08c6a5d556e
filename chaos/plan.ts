/** Which faults a campaign makes, and when: decided by the seed alone, before anything starts. Pure. */
import { type Random, seededRandom } from '@fleet/drone-sim/random'

/** Faults of one lane do not overlap, so that what is tolerated is not exceeded: one broker away at a time, one member. */
type Lane = 'services' | 'brokers' | 'members' | 'drones' | 'bus' | 'links'

export type FaultKind =
  | 'kill'
  | 'pause'
  | 'kill-broker'
  | 'pause-broker'
  | 'kill-primary'
  | 'pause-primary'
  | 'kill-secondary'
  | 'pause-secondary'
  | 'late-copies'
  | 'link-down'
  | 'power-cut'
  | 'silent'
  | 'deaf'
  | 'corrupt'
  | 'latency'
  | 'bandwidth'
  | 'reset'
  | 'cut'

export type PlannedFault = {
  /** Real milliseconds after the campaign's beginning, and how long it lasts. */
  atMs: number
  forMs: number
  kind: FaultKind
  /** A part by its name in stack.json, a drone, a topic, a link; of the primary and the secondaries, `mongo`. */
  target: string
}

/** What the stack at hand lets itself be done. */
export type Breakable = {
  services: readonly string[]
  brokers: readonly string[]
  members: boolean
  /** Whether somebody here can start a dead broker or member again. */
  revivable: boolean
  drones: readonly string[]
  topics: readonly string[]
  /** Links through a proxy. */
  links: readonly string[]
}

type Rule = { kind: FaultKind; lane: Lane; weight: number; forMs: [number, number]; needsRevival?: true }

/** `forMs`: of a kill, how long a broker or member stays dead; services are started again by their supervisor. */
const rules: readonly Rule[] = [
  { kind: 'kill', lane: 'services', weight: 6, forMs: [0, 0] },
  { kind: 'pause', lane: 'services', weight: 4, forMs: [2_000, 12_000] },
  { kind: 'kill-broker', lane: 'brokers', weight: 3, forMs: [1_000, 10_000], needsRevival: true },
  { kind: 'pause-broker', lane: 'brokers', weight: 2, forMs: [2_000, 12_000] },
  { kind: 'kill-primary', lane: 'members', weight: 2, forMs: [1_000, 10_000], needsRevival: true },
  { kind: 'pause-primary', lane: 'members', weight: 2, forMs: [3_000, 15_000] },
  { kind: 'kill-secondary', lane: 'members', weight: 1, forMs: [1_000, 10_000], needsRevival: true },
  { kind: 'pause-secondary', lane: 'members', weight: 1, forMs: [3_000, 15_000] },
  { kind: 'late-copies', lane: 'bus', weight: 2, forMs: [0, 0] },
  { kind: 'link-down', lane: 'drones', weight: 3, forMs: [1_000, 25_000] },
  { kind: 'power-cut', lane: 'drones', weight: 2, forMs: [0, 0] },
  { kind: 'silent', lane: 'drones', weight: 1, forMs: [1_000, 8_000] },
  { kind: 'deaf', lane: 'drones', weight: 1, forMs: [2_000, 10_000] },
  { kind: 'corrupt', lane: 'drones', weight: 1, forMs: [1_000, 5_000] },
  { kind: 'latency', lane: 'links', weight: 2, forMs: [3_000, 12_000] },
  { kind: 'bandwidth', lane: 'links', weight: 1, forMs: [3_000, 12_000] },
  { kind: 'reset', lane: 'links', weight: 1, forMs: [1_000, 4_000] },
  { kind: 'cut', lane: 'links', weight: 2, forMs: [1_000, 8_000] },
]

/** Traffic flows before the first fault, so that there is something to lose. */
const firstAtMs = 6_000
const gapMs: [number, number] = [2_000, 7_000]
/** A broker or member that comes back has to catch up before the next may go. */
const laneRestMs: Record<Lane, number> = {
  services: 1_000,
  brokers: 8_000,
  members: 8_000,
  drones: 500,
  bus: 0,
  links: 2_000,
}
/** The death of the simulator is a reboot of every drone at once: now and then. */
const simKillsMax = 2

/** The faults of `seconds` under `seed`, in the order of their beginning; the last is over when the time is. */
export function planFaults({
  seed,
  seconds,
  breakable,
}: {
  seed: number
  seconds: number
  breakable: Breakable
}): PlannedFault[] {
  const random = seededRandom(String(seed), 'faults')
  const laneFreeAtMs = new Map<Lane, number>()
  const plan: PlannedFault[] = []
  const endMs = seconds * 1_000
  for (let atMs = firstAtMs; atMs < endMs; atMs += between(random, gapMs)) {
    const free = rules.filter(
      ({ kind, lane, needsRevival }) =>
        (laneFreeAtMs.get(lane) ?? 0) <= atMs &&
        (needsRevival === undefined || breakable.revivable) &&
        targetsOf(kind, breakable).length > 0,
    )
    const rule = weighted(random, free)
    if (rule === undefined) continue
    const killed = plan.filter(({ kind, target }) => kind === 'kill' && target === 'sim').length
    const targets = targetsOf(rule.kind, breakable).filter((target) => target !== 'sim' || killed < simKillsMax)
    const target = targets[Math.floor(random() * targets.length)]
    const forMs = Math.round(between(random, rule.forMs))
    if (target === undefined || atMs + forMs > endMs) continue
    plan.push({ atMs: Math.round(atMs), forMs, kind: rule.kind, target })
    laneFreeAtMs.set(rule.lane, atMs + forMs + laneRestMs[rule.lane])
  }
  return plan
}

/** The lane of a fault: whoever makes it waits until the one before it in the lane is mended. */
export const laneOf = (kind: FaultKind): string => rules.find((rule) => rule.kind === kind)?.lane ?? kind

function targetsOf(
  kind: FaultKind,
  { services, brokers, members, drones, topics, links }: Breakable,
): readonly string[] {
  switch (kind) {
    case 'kill':
    case 'pause':
      return services
    case 'kill-broker':
    case 'pause-broker':
      return brokers
    case 'kill-primary':
    case 'pause-primary':
    case 'kill-secondary':
    case 'pause-secondary':
      return members ? ['mongo'] : []
    case 'late-copies':
      return topics
    case 'link-down':
    case 'power-cut':
    case 'silent':
    case 'deaf':
    case 'corrupt':
      return drones
    case 'latency':
    case 'bandwidth':
    case 'reset':
    case 'cut':
      return links
  }
}

const between = (random: Random, [from, to]: [number, number]) => from + random() * (to - from)

function weighted(random: Random, among: readonly Rule[]): Rule | undefined {
  let left = random() * among.reduce((sum, { weight }) => sum + weight, 0)
  return among.find(({ weight }) => {
    left -= weight
    return left < 0
  })
}
