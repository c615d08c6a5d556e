/** Addresses that are refused before anything else is done for them. In the database, so that every gateway learns of them within a second. */
import type { DenyBody } from '@fleet/contracts/accounts'
import type { Refusal } from '@fleet/contracts/problems'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import { startLoop } from '@fleet/messaging/loop'
import { problem, send } from '@fleet/runtime/http'
import { bodyHashOf, keyReused } from '@fleet/runtime/idempotency'
import type { Log } from '@fleet/runtime/log'
import type { RequestHandler } from 'express'
import { Schema } from 'mongoose'
import { Counter } from 'prom-client'

const denied = new Counter({
  name: 'gateway_denied_total',
  help: 'Requests from addresses on the deny list. A rise means that whoever is on it goes on.',
})
const readEveryMs = 1_000
/** The newest of them count; more is a matter for a firewall. */
const denialsMax = 10_000

/** `requestId` and `bodyHash`: of the request that put it there, so that its repetition changes nothing. */
type Denial = { _id: string; reason: string; until: Date; requestId: string; bodyHash: string }
const denialSchema = new Schema<Denial>(
  {
    _id: { type: String, required: true },
    reason: { type: String, required: true },
    until: { type: Date, required: true, expires: 0 },
    requestId: { type: String, required: true },
    bodyHash: { type: String, required: true },
  },
  { versionKey: false, collection: 'deny_list' },
)

denialSchema.index({ requestId: 1 })

export type DenialView = { address: string; reason: string; until: string }
export type DenyList = {
  /** `requestId` stands for caller and Idempotency-Key. */
  deny(given: DenyBody, requestId: string): Promise<{ ok: true; denial: DenialView } | { ok: false; refusal: Refusal }>
  /** False where it was not on the list. */
  allow(address: string): Promise<boolean>
  list(): DenialView[]
  middleware: RequestHandler
  close(): Promise<void>
}

/** An IPv4 address that came in over an IPv6 socket is the same address. */
const plain = (address: string) => address.replace(/^::ffff:(?=\d+\.)/i, '').toLowerCase()

/** Reads the list now and every second. `nowMs`: real time. */
export async function startDenyList(db: Database, nowMs: () => number, log: Log): Promise<DenyList> {
  const rows = db.connection.model('Denial', denialSchema)
  await prepareCollections(rows)
  let known = new Map<string, Denial>()
  const read = async () => {
    const found = await rows
      .find({ until: { $gt: new Date(nowMs()) } })
      .sort({ until: -1 })
      .limit(denialsMax)
      .lean()
    known = new Map(found.map((denial) => [denial._id, denial]))
  }
  await read()
  const loop = startLoop('deny list', readEveryMs, log, read)
  const view = ({ _id, reason, until }: Denial): DenialView => ({ address: _id, reason, until: until.toISOString() })

  return {
    deny: async (given, requestId) => {
      const bodyHash = bodyHashOf(given)
      const before = await rows.findOne({ requestId }).lean()
      if (before !== null && before.bodyHash !== bodyHash) return keyReused(`it denied ${before._id} otherwise`)
      if (before !== null) return { ok: true, denial: view(before) }
      const { address, reason, forS } = given
      const said = { reason, until: new Date(nowMs() + forS * 1_000), requestId, bodyHash }
      const denial = { _id: plain(address), ...said }
      await rows.updateOne({ _id: denial._id }, { $set: said }, { upsert: true })
      known.set(denial._id, denial)
      return { ok: true, denial: view(denial) }
    },
    allow: async (address) => {
      known.delete(plain(address))
      return (await rows.deleteOne({ _id: plain(address) })).deletedCount === 1
    },
    list: () => [...known.values()].filter(({ until }) => until.getTime() > nowMs()).map(view),
    middleware: (request, response, next) => {
      const denial = known.get(plain(request.ip ?? ''))
      if (denial === undefined || denial.until.getTime() <= nowMs()) return next()
      denied.inc()
      const refusal = {
        code: 'address.denied',
        field: 'address',
        value: denial._id,
        limit: `until ${denial.until.toISOString()}`,
      } as const
      send(response, problem(refusal), request.path)
    },
    close: loop.close,
  }
}
