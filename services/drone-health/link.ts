/**
 * Many drones that fall silent together are one lost link, not many lost drones. While it is lost nobody is rebooted or
 * replaced for silence, until they speak, a limit has passed, or an operator says that it is the drones. Pure.
 */
import type { UnixMs } from '@fleet/contracts/units'

export type Link =
  | { status: 'up' }
  /** One alarm. `quiet`: how many were silent when it was raised. */
  | { status: 'lost'; sinceMs: UnixMs; quiet: number; inFlight: number }
  /** The silence counts now, drone by drone; no new alarm before most of them speak again. */
  | { status: 'judged'; sinceMs: UnixMs; by: string; note: string }

export type LinkLimits = {
  /** A drone is quiet after this; shorter than what makes it silent, so that the alarm comes before the first suspicion. */
  quietMs: number
  /** Silences that began within this of one another began together. */
  togetherMs: number
  countMin: number
  shareMin: number
  /** How long the alarm holds back what silence would bring. */
  lostMsMax: number
}

/** The limits in a world of that speed, by what makes one drone silent. */
export const linkLimitsAt = (speed: number, silentMs: number): LinkLimits => ({
  quietMs: silentMs * 0.7,
  togetherMs: Math.max(3_000, 2_000 * speed),
  countMin: 5,
  shareMin: 0.1,
  lostMsMax: Math.max(120_000, 60_000 * speed),
})

export type Quiet = { silentMs: number }

/** The largest number of `quiet` drones whose silences began within `togetherMs` of one another. */
export function together(quiet: readonly Quiet[], { togetherMs }: Pick<LinkLimits, 'togetherMs'>): number {
  const since = quiet.map(({ silentMs }) => silentMs).sort((a, b) => a - b)
  let most = 0
  let from = 0
  for (const [to, ms] of since.entries()) {
    while (ms - (since[from] ?? ms) > togetherMs) from += 1
    most = Math.max(most, to - from + 1)
  }
  return most
}

const isMany = (count: number, inFlight: number, { countMin, shareMin }: LinkLimits) =>
  count >= countMin && count > inFlight * shareMin

/** The link after a look at the fleet. `lastedMs`: how long it has been as it is, monotonic, anew after a restart. */
export function look(
  link: Link,
  seen: { quiet: readonly Quiet[]; inFlight: number; lastedMs: number; atMs: UnixMs },
  limits: LinkLimits,
): Link {
  const { quiet, inFlight, lastedMs, atMs } = seen
  switch (link.status) {
    case 'up': {
      const count = together(quiet, limits)
      return isMany(count, inFlight, limits) ? { status: 'lost', sinceMs: atMs, quiet: count, inFlight } : link
    }
    case 'lost':
      if (!isMany(quiet.length, inFlight, limits)) return { status: 'up' }
      if (lastedMs < limits.lostMsMax) return link
      return { status: 'judged', sinceMs: atMs, by: 'drone-health', note: 'the limit has passed' }
    case 'judged':
      return isMany(quiet.length, inFlight, limits) ? link : { status: 'up' }
  }
}

/** An operator decides that it is the drones. Nothing where no link is lost. */
export const judge = (link: Link, { by, note, atMs }: { by: string; note: string; atMs: UnixMs }): Link =>
  link.status === 'lost' ? { status: 'judged', sinceMs: atMs, by, note } : link
