/** Which drones fail, how and how badly: by a seed, from just past what the rules must catch up to gross. */
import type { FaultOrder } from '@fleet/drone-sim/faults'
import { type Random, seededRandom } from '@fleet/drone-sim/random'

export type Failure = {
  kind: string
  faults: Omit<FaultOrder, 'droneId'>[]
  /** World milliseconds after the first. */
  afterMs: number
}

/** From `least` to `most`, as likely small as large by their ratio. */
const between = (random: Random, least: number, most: number) => least * (most / least) ** random()
const eitherSign = (random: Random, size: number, leastBehind: number) =>
  random() < 0.5 ? Math.round(size) : -Math.round(size + leastBehind)

/**
 * The least sizes: a jump that no direction hides (the speed limit of 45 m/s, and 20 m/s of cruise), a wander of 3 m/s, nine
 * of ten positions garbled, a clock 4 s ahead or 8 s behind, a battery below what any way home takes.
 */
const kinds: readonly [string, (random: Random) => Failure['faults']][] = [
  ['silent', () => [{ fault: 'silent' }]],
  ['silent for good', () => [{ fault: 'silent' }, { fault: 'hanging-reboot' }]],
  ['crash', () => [{ fault: 'crash' }]],
  ['link down', () => [{ fault: 'link-down', forMs: 600_000 }]],
  ['frozen', () => [{ fault: 'frozen' }]],
  ['jumping', (random) => [{ fault: 'jumping', size: between(random, 70, 5_000) }]],
  ['drifting', (random) => [{ fault: 'drifting', size: between(random, 3, 40) }]],
  ['corrupt', (random) => [{ fault: 'corrupt', size: between(random, 0.9, 1) }]],
  [
    'wrong clock',
    (random) => [{ fault: 'wrong-clock', size: eitherSign(random, between(random, 4_000, 3_600_000), 4_000) }],
  ],
  ['low battery', (random) => [{ fault: 'low-battery', size: between(random, 1.5, 3) }]],
]

/** `count` failures, spread evenly by chance over `overMs`, in the order of their times. Each kind is as likely as another. */
export function failuresOf(seed: string, count: number, overMs: number): Failure[] {
  const random = seededRandom(seed, 'failures')
  return Array.from({ length: count }, (_, index): Failure => {
    const [kind, faults] = kinds[Math.floor(random() * kinds.length)] ?? [
      'silent',
      () => [{ fault: 'silent' as const }],
    ]
    return { kind, faults: faults(random), afterMs: ((index + random()) / count) * overMs }
  })
}
