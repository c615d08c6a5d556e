/**
 * From alert to treatment: what `alert.raised` makes of its source's address, for how long, and that it is written down.
 *
 * Proof against forged sources: an address is denied only where (a) the rule needs an established connection to fire, and (b) this
 * gateway itself has accepted a connection of that address. So nobody is shut out by packets that somebody else sends in his name.
 */
import { AttackRule, type SecurityAlert } from '@fleet/contracts/security-alerts'
import { topics } from '@fleet/contracts/topics'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { Log } from '@fleet/runtime/log'
import { Counter } from 'prom-client'
import type { Audit } from './audit.ts'
import type { Connections } from './connections.ts'
import { type DenyList, plainAddress } from './deny-list.ts'
import { parseJson } from './read-json.ts'

const acts = new Counter({
  name: 'gateway_mitigation_total',
  help: 'Alerts by what was done about their source. A rise of `deny` or `limit` is an attack; of `unproven`, one with forged sources.',
  labelNames: ['rule', 'act'],
})

type Measure = 'deny' | 'limit'
/**
 * What a first alert makes, by how far its detector is trusted. What a careless client may do as well is limited first, and
 * denied where it goes on. `null`: the rule fires on packets that anybody can forge; the system's SYN cookies answer those.
 */
const measures: Record<AttackRule, Record<'high' | 'low', Measure> | null> = {
  'http-flood': { high: 'deny', low: 'limit' },
  slowloris: { high: 'deny', low: 'deny' },
  'login-brute-force': { high: 'limit', low: 'limit' },
  'api-scan': { high: 'limit', low: 'limit' },
  'oversized-body': { high: 'limit', low: 'limit' },
  'syn-flood': null,
}
const limitForS = 120
const denyForS = 300
const denyForSMax = 3_600
/** A limited source of which an alert is raised so much later has not heeded the limit; when the alert is read says nothing. */
const escalateAfterMs = 500
/** An older alert is of an attack that may be over. */
const alertMsMax = 60_000
/** Sources whose denials are remembered, so that each is longer than the one before. */
const rememberedMax = 10_000

export type Known = {
  /** How it is treated already, and for how long still. */
  treatment: 'deny' | 'limit' | 'allow' | null
  sinceMs: number
  denials: number
  hasShaken: boolean
}
export type Mitigation =
  | { act: Measure; forS: number }
  | { act: 'none'; because: 'unknown-rule' | 'allowed' | 'unproven' | 'forgeable' | 'already' | 'old' }

/** What `alert` makes, at `nowMs` of the clock that it was raised by. */
export function decideMitigation(alert: SecurityAlert, known: Known, nowMs: number): Mitigation {
  const rule = AttackRule.safeParse(alert.rule)
  if (!rule.success) return { act: 'none', because: 'unknown-rule' }
  if (nowMs - alert.raisedAtMs > alertMsMax) return { act: 'none', because: 'old' }
  const measure = measures[rule.data]
  if (measure === null) return { act: 'none', because: 'forgeable' }
  if (known.treatment === 'allow') return { act: 'none', because: 'allowed' }
  if (!known.hasShaken) return { act: 'none', because: 'unproven' }
  if (known.treatment === 'deny') return { act: 'none', because: 'already' }
  const deny: Mitigation = { act: 'deny', forS: Math.min(denyForSMax, denyForS * 2 ** Math.min(known.denials, 8)) }
  if (known.treatment === 'limit') {
    return alert.raisedAtMs - known.sinceMs >= escalateAfterMs ? deny : { act: 'none', because: 'already' }
  }
  return measure[alert.confidence ?? 'high'] === 'deny' ? deny : { act: 'limit', forS: limitForS }
}

export type Mitigations = {
  /** Does what a record of `security.alerts` asks for; any other record is none of its business. */
  take(record: Pick<TopicRecord, 'topic' | 'value'>): Promise<void>
  /** Does what an alert asks for at once; gives when it is written down. */
  takeAlert(alert: SecurityAlert): Promise<void>
  /** Waits for what is being written down. */
  close(): Promise<void>
}

/** Mitigations that are being written down at one time; past it, the next record waits. */
const writingMax = 200

/** `isListed`: addresses that the configuration allows. `clientOf`: whom the source of an alert stands for. `nowMs`: real time. */
export function createMitigations({
  denyList,
  connections,
  audit,
  isListed,
  clientOf = ({ source }) => source,
  nowMs,
  log,
}: {
  denyList: Pick<DenyList, 'treat' | 'treatmentOf'>
  connections: Pick<Connections, 'hasShaken' | 'drop'>
  audit: Pick<Audit, 'write'>
  isListed: (address: string) => boolean
  clientOf?: (alert: SecurityAlert) => string
  nowMs: () => number
  log: Log
}): Mitigations {
  const history = new Map<string, { sinceMs: number; denials: number }>()
  const remember = (source: string, denials: number) => {
    history.delete(source)
    history.set(source, { sinceMs: nowMs(), denials })
    const [oldest] = history.keys()
    if (history.size > rememberedMax && oldest !== undefined) history.delete(oldest)
  }

  const takeAlert = async (alert: SecurityAlert) => {
    const source = plainAddress(clientOf(alert))
    const { sinceMs = 0, denials = 0 } = history.get(source) ?? {}
    const treatment = denyList.treatmentOf(source)?.treatment ?? null
    const known = {
      treatment: isListed(source) && treatment === null ? 'allow' : treatment,
      sinceMs,
      denials,
      hasShaken: connections.hasShaken(source),
    } as const
    const mitigation = decideMitigation(alert, known, nowMs())
    const { rule, detector } = alert
    acts.inc({ rule, act: mitigation.act === 'none' ? mitigation.because : mitigation.act })
    if (mitigation.act === 'none') return
    const { act, forS } = mitigation
    remember(source, denials + (act === 'deny' ? 1 : 0))
    log.warn({ source, rule, detector, act, forS }, 'attack mitigated')
    const treated = denyList.treat(act, { address: source, reason: `${rule} (${detector})`, forS })
    // Before the database has answered: whoever holds the gateway's connections must not hold its defence.
    if (act === 'deny') connections.drop(source)
    if (!(await treated).ok) return log.error({ source }, 'deny list is full')
    await audit.write({ who: 'mitigation', what: act, target: `${source} ${rule} for ${forS} s`, from: detector })
  }
  const writing = new Set<Promise<void>>()
  return {
    takeAlert,
    close: async () => void (await Promise.all(writing)),
    take: async (record) => {
      if (record.topic !== topics.securityAlerts.name) return
      const parsed = topics.securityAlerts.schema.safeParse(parseJson(record.value))
      if (!parsed.success) return
      const { source } = parsed.data.data
      const written = takeAlert(parsed.data.data)
        // The treatment stands in this gateway's memory even so, until its end.
        .catch((error: unknown) => log.warn({ err: error, source }, 'mitigation not written down'))
        .finally(() => writing.delete(written))
      writing.add(written)
      // A database that is slow to write one down must not hold up the next, nor the live views that are read beside it.
      if (writing.size >= writingMax) await written
    },
  }
}
