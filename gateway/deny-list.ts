/**
 * How single addresses are treated: denied before anything else is done for them, held to stricter limits, or allowed
 * whatever a detector says. One entry an address, each with its end, in the database, so that every gateway learns of it within a second.
 */
import type { DenyBody, Treatment } from '@fleet/contracts/accounts'
import type { Refusal } from '@fleet/contracts/problems'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import { startLoop } from '@fleet/messaging/loop'
import { problem, send } from '@fleet/runtime/http'
import { bodyHashOf, keyReused } from '@fleet/runtime/idempotency'
import type { Log } from '@fleet/runtime/log'
import type { RequestHandler } from 'express'
import { Schema } from 'mongoose'
import { Counter, Gauge } from 'prom-client'

const denied = new Counter({
  name: 'gateway_denied_total',
  help: 'Requests from addresses on the deny list. A rise means that whoever is on it goes on.',
})
const entriesMetric = new Gauge({
  name: 'gateway_treated_addresses',
  help: 'Addresses that are denied, limited or allowed. At 10,000 no further one is taken: block whole networks before the gateway.',
})
const readEveryMs = 1_000
/** More is a matter for a firewall. */
const entriesMax = 10_000
/** Entries that the database may not have yet; past it, the oldest stands until the next reading and no longer. */
const unwrittenMax = 1_000
/** On so many connections an address may read why it is denied; those after them are closed before they cost anything. */
const connectionsMax = 4

/** `requestId` and `bodyHash`: of the request that put it there, so that its repetition changes nothing; null of what a detector did. */
type Entry = {
  _id: string
  treatment: Treatment
  reason: string
  until: Date
  requestId: string | null
  bodyHash: string | null
}
const entrySchema = new Schema<Entry>(
  {
    _id: { type: String, required: true },
    treatment: { type: String, default: 'deny' },
    reason: { type: String, required: true },
    until: { type: Date, required: true, expires: 0 },
    requestId: { type: String, default: null },
    bodyHash: { type: String, default: null },
  },
  { versionKey: false, collection: 'deny_list' },
)

entrySchema.index({ requestId: 1 })

export type EntryView = { address: string; treatment: Treatment; reason: string; until: string }
export type DenyList = {
  /**
   * `requestId` stands for caller and Idempotency-Key; what no request asked for has none. Refused where the list is full and the address
   * not on it.
   */
  treat(
    treatment: Treatment,
    given: DenyBody,
    requestId?: string,
  ): Promise<{ ok: true; entry: EntryView } | { ok: false; refusal: Refusal }>
  /** Whatever it was, it is treated as any other. False where it was not on the list as one of `treatments`. */
  release(address: string, treatments: readonly Treatment[]): Promise<boolean>
  treatmentOf(address: string): { treatment: Treatment; untilMs: number } | null
  list(...treatments: Treatment[]): EntryView[]
  /**
   * Whether a connection is worth a TLS handshake and a request line. Counts those of a denied address: a few, on which it is told,
   * and no more, whether it has asked anything on them or holds them.
   */
  mayConnect(address: string): boolean
  /** Whether a denied address has had them; counts nothing. */
  isSpent(address: string): boolean
  middleware: RequestHandler
  close(): Promise<void>
}

/** An IPv4 address that came in over an IPv6 socket is the same address. */
export const plainAddress = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase()

/** Reads the list now and every second. `nowMs`: real time. */
export async function startDenyList(db: Database, nowMs: () => number, log: Log): Promise<DenyList> {
  const rows = db.connection.model('Denial', entrySchema)
  await prepareCollections(rows)
  let known = new Map<string, Entry>()
  /** What was decided here and is not confirmed: a reading that does not have it must not undo it. */
  const unwritten = new Map<string, { entry: Entry; settled: Promise<unknown> }>()
  let connections = new Map<string, number>()
  let writes = 0
  const read = async () => {
    const before = writes
    const found = await rows
      .find({ until: { $gt: new Date(nowMs()) } })
      .sort({ until: -1 })
      .limit(entriesMax)
      .lean()
    if (writes !== before) return // Written meanwhile: what was read may not have it. The next reading will.
    known = new Map(found.map((entry) => [entry._id, entry]))
    for (const [address, { entry }] of unwritten) {
      if (entry.until.getTime() > nowMs()) known.set(address, entry)
      else unwritten.delete(address)
    }
    connections = new Map([...connections].filter(([address]) => known.has(address)))
    entriesMetric.set(known.size)
  }
  await read()
  const loop = startLoop('deny list', readEveryMs, log, read)
  const view = ({ _id, treatment, reason, until }: Entry): EntryView => ({
    address: _id,
    treatment,
    reason,
    until: until.toISOString(),
  })
  const entryOf = (address: string) => {
    const entry = known.get(plainAddress(address))
    return entry === undefined || entry.until.getTime() <= nowMs() ? undefined : entry
  }
  const denialOf = (address: string) => {
    const entry = entryOf(address)
    return entry?.treatment === 'deny' ? entry : undefined
  }
  const connectionsOf = ({ _id }: Entry) => connections.get(_id) ?? 0
  const isSpent = (address: string) => {
    const denial = denialOf(address)
    return denial !== undefined && connectionsOf(denial) >= connectionsMax
  }

  return {
    treat: async (treatment, given, requestId) => {
      const bodyHash = requestId === undefined ? null : bodyHashOf({ treatment, ...given })
      const before = requestId === undefined ? null : await rows.findOne({ requestId }).lean()
      if (before !== null && before.bodyHash !== bodyHash) return keyReused(`it treated ${before._id} otherwise`)
      if (before !== null) return { ok: true, entry: view(before) }
      const { address, reason, forS } = given
      const _id = plainAddress(address)
      if (known.size >= entriesMax && !known.has(_id))
        return { ok: false, refusal: { code: 'addresses.too-many', field: '/address', limit: entriesMax } }
      const said = {
        treatment,
        reason,
        until: new Date(nowMs() + forS * 1_000),
        requestId: requestId ?? null,
        bodyHash,
      }
      const entry = { _id, ...said }
      writes += 1
      // Before the database has it: an attack that slows the database must not delay its own end.
      known.set(_id, entry)
      connections.delete(_id)
      const writing = rows.updateOne({ _id }, { $set: said }, { upsert: true }).exec()
      unwritten.delete(_id)
      unwritten.set(_id, { entry, settled: Promise.allSettled([writing]) })
      const [oldest] = unwritten.keys()
      if (unwritten.size > unwrittenMax && oldest !== undefined) unwritten.delete(oldest)
      try {
        await writing
        if (unwritten.get(_id)?.entry === entry) unwritten.delete(_id)
      } finally {
        writes += 1
      }
      return { ok: true, entry: view(entry) }
    },
    release: async (address, treatments) => {
      const _id = plainAddress(address)
      const held = unwritten.get(_id)
      // Its writing goes first, or it would come after the deletion.
      await held?.settled
      writes += 1
      const { deletedCount } = await rows.deleteOne({ _id, treatment: { $in: [...treatments] } })
      writes += 1
      const isOurs = held !== undefined && unwritten.get(_id) === held && treatments.includes(held.entry.treatment)
      if (isOurs) unwritten.delete(_id)
      const isReleased = deletedCount === 1 || isOurs
      if (isReleased && !unwritten.has(_id)) known.delete(_id)
      connections.delete(_id)
      return isReleased
    },
    treatmentOf: (address) => {
      const entry = entryOf(address)
      return entry === undefined ? null : { treatment: entry.treatment, untilMs: entry.until.getTime() }
    },
    list: (...treatments) =>
      [...known.values()]
        .filter(({ until, treatment }) => until.getTime() > nowMs() && treatments.includes(treatment))
        .map(view),
    isSpent,
    mayConnect: (address) => {
      const denial = denialOf(address)
      if (denial === undefined) return true
      if (isSpent(address)) return false
      connections.set(denial._id, connectionsOf(denial) + 1)
      return true
    },
    middleware: (request, response, next) => {
      const entry = denialOf(request.ip ?? '')
      if (entry === undefined) return next()
      denied.inc()
      const refusal = {
        code: 'address.denied',
        field: 'address',
        value: entry._id,
        limit: `until ${entry.until.toISOString()}`,
      } as const
      send(response, problem(refusal, { connection: 'close' }), request.path)
    },
    close: loop.close,
  }
}
