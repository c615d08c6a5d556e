/** Whether an attack was withstood: what was seen, second by second, against the bars. */
import type { OrderReply } from '@fleet/contracts/rest'
import type { AttackRule, SecurityAlert } from '@fleet/contracts/security-alerts'

/** One request of an honest customer. `ok`: served, within its patience. */
export type HonestRequest = { atMs: number; tookMs: number; ok: boolean }
/** What the attackers had in a quarter of a second: work done for them, and connections held. */
export type AttackSample = { atMs: number; served: number; held: number }

/** An alert, and when it was read from `security.alerts`. */
export type HeardAlert = { alert: SecurityAlert; atMs: number }

/** All times in real milliseconds of one clock. */
export type Seen = {
  attackedAtMs: number
  attackEndedAtMs: number
  endedAtMs: number
  /** When the sensor's first alert of the attack was read; null where none was. */
  detectedAtMs: number | null
  /** Alerts against those who did not attack, in words. */
  falseAlarms: string[]
  honest: HonestRequest[]
  /** Orders accepted from honest customers, and those of them that are nowhere afterwards. */
  orders: { accepted: number; lost: number }
  /** Deliveries that were under way when it began, and those of them that did not end as they should. */
  deliveries: { underWay: number; disturbed: number }
}
/** Of attackers who can tell what they had. */
export type AttackRecord = Seen & {
  attackers: AttackSample[]
  /** Connections that they tried to have at once, all of them together. */
  wanted: number
}

const bars = { detectedWithinMs: 5_000, mitigatedWithinMs: 10_000, servedAfterPctMin: 99 } as const
/** The attackers have no more than this share of their best while it lasts. */
const stillServedPct = 5
/** And no more for so long: between two guesses of a password they have nothing either. */
const quietMs = 2_000

export type Felt = { requests: number; failed: number; p99Ms: number }
export type AttackVerdict = {
  detectedMs: number | null
  mitigatedMs: number | null
  felt: { before: Felt; during: Felt; after: Felt }
  /** One sentence a bar that does not hold. */
  faults: string[]
}

/** An attack that began at `sinceMs`: who is to tell of it, by which rule, and whom it may name. */
type Sought = { rule: AttackRule; detector: string; sources: readonly string[]; sinceMs: number }

/** When the attack was first told of; null where it never was. */
export function detectedAt(heard: readonly HeardAlert[], { rule, detector, sources, sinceMs }: Sought): number | null {
  const raisedSinceMs = Math.floor(sinceMs / 1_000) * 1_000 // Snort tells whole seconds.
  const first = heard.find(
    ({ alert, atMs }) =>
      alert.rule === rule &&
      alert.detector === detector &&
      sources.includes(alert.source) &&
      alert.raisedAtMs >= raisedSinceMs &&
      atMs >= sinceMs,
  )
  return first?.atMs ?? null
}

/** Alerts against `honest` addresses, each kind once. A SYN flood is counted by its target, so its source is whoever connects next. */
export function falseAlarms(heard: readonly HeardAlert[], honest: readonly string[]): string[] {
  const wrong = heard.filter(({ alert }) => alert.rule !== 'syn-flood' && honest.includes(alert.source))
  return [...new Set(wrong.map(({ alert: { source, rule, detector } }) => `${source}: ${rule} by ${detector}`))]
}

/** Whether a delivery that its first drone was flying was disturbed; null while it is not over. Who ordered it may call it off. */
export function wasDisturbed({ status, flight }: Pick<OrderReply, 'status' | 'flight'>): boolean | null {
  if (status === 'delivered' || status === 'closed') return flight?.epoch !== 1
  if (status === 'failed') return true
  return status === 'cancelled' ? false : null
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
  const [end, ...quiet] = samples.slice(last + 1)
  const quietUntilMs = quiet.at(-1)?.atMs
  return end !== undefined && quietUntilMs !== undefined && quietUntilMs - end.atMs >= quietMs ? end.atMs : null
}

function feltIn(requests: readonly HonestRequest[], fromMs: number, toMs: number): Felt {
  const some = requests.filter(({ atMs }) => atMs >= fromMs && atMs < toMs)
  const took = some.map(({ tookMs }) => tookMs).sort((a, b) => a - b)
  const p99Ms = Math.round(took[Math.max(0, Math.ceil(took.length * 0.99) - 1)] ?? 0)
  return { requests: some.length, failed: some.filter(({ ok }) => !ok).length, p99Ms }
}

const within = (ms: number | null, max: number) => ms !== null && ms <= max
const told = (ms: number | null) => (ms === null ? 'never' : `after ${(ms / 1_000).toFixed(1)} s`)

const detectedMsOf = ({ attackedAtMs, detectedAtMs }: Seen) =>
  detectedAtMs === null ? null : detectedAtMs - attackedAtMs

function faultsOfSensor(seen: Seen): string[] {
  const detectedMs = detectedMsOf(seen)
  return [
    ...(within(detectedMs, bars.detectedWithinMs) ? [] : [`detected ${told(detectedMs)}`]),
    ...seen.falseAlarms.map((alarm) => `false alarm against ${alarm}`),
  ]
}

/** What whoever does not attack may ask. `served`: what honest customers felt from when on they must be served. */
function faultsFelt(seen: Seen, served: Felt): string[] {
  const { attackedAtMs, attackEndedAtMs, endedAtMs, honest, orders, deliveries } = seen
  const servedPct = 100 * (1 - served.failed / Math.max(1, served.requests))
  const asked = (fromMs: number, toMs: number) => feltIn(honest, fromMs, toMs).requests > 0
  return [
    ...(asked(attackedAtMs, attackEndedAtMs) ? [] : ['no honest customer asked anything during the attack']),
    ...(asked(attackEndedAtMs, endedAtMs) ? [] : ['no honest customer asked anything after the attack']),
    ...(servedPct >= bars.servedAfterPctMin
      ? []
      : [`${servedPct.toFixed(1)} % of ${served.requests} honest requests served afterwards`]),
    ...(orders.lost === 0 ? [] : [`${orders.lost} of ${orders.accepted} orders lost`]),
    ...(orders.accepted > 0 ? [] : ['no order was placed, so none could be lost']),
    ...(deliveries.disturbed === 0 ? [] : [`${deliveries.disturbed} of ${deliveries.underWay} deliveries disturbed`]),
    ...(deliveries.underWay > 0 ? [] : ['no delivery was under way, so none could be disturbed']),
  ]
}

/** `of`: what this kind of attacker lives from. */
export function judgeAttack(record: AttackRecord, of: 'served' | 'held'): AttackVerdict {
  const { attackedAtMs, endedAtMs, attackers, wanted, honest } = record
  const atMs = mitigatedAt(attackers, of, wanted)
  const mitigatedMs = atMs === null ? null : Math.max(0, atMs - attackedAtMs)
  const turnMs = attackedAtMs + Math.min(mitigatedMs ?? Number.POSITIVE_INFINITY, bars.mitigatedWithinMs)
  const felt = {
    before: feltIn(honest, Number.NEGATIVE_INFINITY, attackedAtMs),
    during: feltIn(honest, attackedAtMs, turnMs),
    after: feltIn(honest, turnMs, endedAtMs),
  }
  const faults = [
    ...faultsOfSensor(record),
    ...(within(mitigatedMs, bars.mitigatedWithinMs) ? [] : [`mitigated ${told(mitigatedMs)}`]),
    ...faultsFelt(record, felt.after),
  ]
  return { detectedMs: detectedMsOf(record), mitigatedMs, felt, faults }
}

/** An attack that never reaches the gateway: nothing is to be ended, and honest customers are served all the while. */
export function judgeUnfelt(seen: Seen): Pick<AttackVerdict, 'detectedMs' | 'faults'> & { served: Felt } {
  const served = feltIn(seen.honest, seen.attackedAtMs, seen.endedAtMs)
  return { detectedMs: detectedMsOf(seen), served, faults: [...faultsOfSensor(seen), ...faultsFelt(seen, served)] }
}
