/** Whether an attack was withstood: what was seen, second by second, against the bars. */

/** One request of an honest customer. `ok`: served, within its patience. */
export type HonestRequest = { atMs: number; tookMs: number; ok: boolean }
/** What the attackers had in a quarter of a second: work done for them, and connections held. */
export type AttackSample = { atMs: number; served: number; held: number }

/** All times in real milliseconds of one clock. */
export type AttackRecord = {
  attackedAtMs: number
  endedAtMs: number
  /** When the first alert of the attack was read from `security.alerts`; null where none was. */
  detectedAtMs: number | null
  attackers: AttackSample[]
  /** Connections that they tried to have at once, all of them together. */
  wanted: number
  honest: HonestRequest[]
  /** Orders accepted from honest customers, and those of them that are nowhere afterwards. */
  orders: { accepted: number; lost: number }
  /** Deliveries that were under way when it began, and those of them that did not end as they should. */
  deliveries: { underWay: number; disturbed: number }
}

export const attackBars = { detectedWithinMs: 5_000, mitigatedWithinMs: 10_000, servedAfterPctMin: 99 } as const
/** The attackers have no more than this share of their best while it lasts. */
const stillServedPct = 5

export type Felt = { requests: number; failed: number; p99Ms: number }
export type AttackVerdict = {
  detectedMs: number | null
  mitigatedMs: number | null
  felt: { before: Felt; during: Felt; after: Felt }
  /** One sentence a bar that does not hold. */
  faults: string[]
}

/**
 * When the attackers had (almost) nothing any more, for good; null where that never came, or they never had anything. Measured by
 * the best that they had, or by the connections that they wanted: a denial may come before they have many.
 */
export function mitigatedAt(samples: readonly AttackSample[], of: 'served' | 'held', wanted: number): number | null {
  const peak = Math.max(0, ...samples.map((sample) => sample[of]))
  if (peak === 0) return null
  const best = of === 'held' ? Math.max(peak, wanted) : peak
  const last = samples.findLastIndex((sample) => sample[of] > (best * stillServedPct) / 100)
  return samples[last + 1]?.atMs ?? null
}

function feltIn(requests: readonly HonestRequest[], fromMs: number, toMs: number): Felt {
  const some = requests.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const took = some.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const p99Ms = Math.round(took[Math.max(0, Math.ceil(took.length * 0.99) - 1)] ?? 0)
  return { requests: some.length, failed: some.filter(({ ok }) => !ok).length, p99Ms }
}

/** `of`: what this kind of attacker lives from. */
export function judgeAttack(record: AttackRecord, of: 'served' | 'held'): AttackVerdict {
  const { attackedAtMs, endedAtMs, detectedAtMs, attackers, wanted, honest, orders, deliveries } = record
  const atMs = mitigatedAt(attackers, of, wanted)
  const detectedMs = detectedAtMs === null ? null : detectedAtMs - attackedAtMs
  const mitigatedMs = atMs === null ? null : Math.max(0, atMs - attackedAtMs)
  const turnMs = attackedAtMs + Math.min(mitigatedMs ?? Number.POSITIVE_INFINITY, attackBars.mitigatedWithinMs)
  const felt = {
    before: feltIn(honest, Number.NEGATIVE_INFINITY, attackedAtMs),
    during: feltIn(honest, attackedAtMs, turnMs),
    after: feltIn(honest, turnMs, endedAtMs),
  }
  const servedPct = 100 * (1 - felt.after.failed / Math.max(1, felt.after.requests))
  const within = (ms: number | null, max: number) => ms !== null && ms <= max
  const told = (ms: number | null) => (ms === null ? 'never' : `after ${(ms / 1_000).toFixed(1)} s`)
  const faults = [
    ...(within(detectedMs, attackBars.detectedWithinMs) ? [] : [`detected ${told(detectedMs)}`]),
    ...(within(mitigatedMs, attackBars.mitigatedWithinMs) ? [] : [`mitigated ${told(mitigatedMs)}`]),
    ...(felt.after.requests > 0 && servedPct >= attackBars.servedAfterPctMin
      ? []
      : [`${servedPct.toFixed(1)} % of ${felt.after.requests} honest requests served afterwards`]),
    ...(orders.lost === 0 ? [] : [`${orders.lost} of ${orders.accepted} orders lost`]),
    ...(orders.accepted > 0 ? [] : ['no order was placed, so none could be lost']),
    ...(deliveries.disturbed === 0 ? [] : [`${deliveries.disturbed} of ${deliveries.underWay} deliveries disturbed`]),
  ]
  return { detectedMs, mitigatedMs, felt, faults }
}
