/** What operators did: who, what, to what, when, from where. Written before the act, so that no act goes unwritten. */
import type { AuditReply } from '@fleet/contracts/accounts'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import type { Route } from '@fleet/runtime/http'
import { Schema, Types } from 'mongoose'
import { z } from 'zod'

type AuditRow = { at: Date; who: string; what: string; target: string; from: string }
const auditSchema = new Schema<AuditRow>(
  {
    at: { type: Date, required: true },
    who: { type: String, required: true },
    what: { type: String, required: true },
    target: { type: String, default: '' },
    from: { type: String, required: true },
  },
  // As `npm run dead` writes it too.
  { versionKey: false, collection: 'audit_log' },
)
const targetCharsMax = 200

export type Audit = {
  write(entry: { who: string; what: string; target: string; from: string }): Promise<void>
  /** Newest first. Null where `cursor` is none that a page gave. */
  page(of: { limit: number; cursor: string | undefined }): Promise<AuditReply | null>
}

/** `nowMs`: real time. */
export async function createAudit(db: Database, nowMs: () => number): Promise<Audit> {
  const rows = db.connection.model('Audit', auditSchema)
  await prepareCollections(rows)
  return {
    write: async (entry) => {
      await rows.insertMany([{ ...entry, target: entry.target.slice(0, targetCharsMax), at: new Date(nowMs()) }], {
        lean: true,
      })
    },
    page: async ({ limit, cursor }) => {
      if (cursor !== undefined && !Types.ObjectId.isValid(cursor)) return null
      const before = cursor === undefined ? {} : { _id: { $lt: new Types.ObjectId(cursor) } }
      const found = await rows
        .find(before)
        .sort({ _id: -1 })
        .limit(limit + 1)
        .lean()
      const items = found
        .slice(0, limit)
        .map(({ at, who, what, target, from }) => ({ at: at.toISOString(), who, what, target, from }))
      const last = found.length > limit ? found[limit - 1] : undefined
      return { items, next: last === undefined ? null : last._id.toString() }
    },
  }
}

const Ids = z.object({ params: z.record(z.string(), z.string()).default({}), body: z.unknown().optional() })

/** `route`, with each call of an operator's that changes something written to the log first. */
export function audited(route: Route, audit: Pick<Audit, 'write'>): Route {
  if (route.method === 'GET') return route
  return {
    ...route,
    handle: async (inputs, context) => {
      const { caller, address } = context
      if (caller?.role === 'operator') {
        const { params, body } = Ids.parse(inputs)
        const target = [...Object.values(params), ...(body === undefined ? [] : [JSON.stringify(body)])].join(' ')
        await audit.write({ who: caller.sub, what: `${route.method} ${route.path}`, target, from: address })
      }
      return route.handle(inputs, context)
    },
  }
}
