/**
 * Tickets that open one stream, once, within half a minute: a browser's event source sends no Authorization header.
 * A ticket is made from its owner and Idempotency-Key by a secret of the gateway's, so a repeated POST gives the same one, used or not.
 */
import { createHash, createHmac } from 'node:crypto'
import { CustomerId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import type { Person } from '@fleet/runtime/tokens'
import { Schema } from 'mongoose'

/** Real time. */
export const ticketMsMax = 30_000

type TicketRow = { _id: string; role: 'customer' | 'operator'; sub: string; used: boolean; expiresAt: Date }
const ticketSchema = new Schema<TicketRow>(
  {
    _id: { type: String, required: true },
    role: { type: String, required: true },
    sub: { type: String, required: true },
    used: { type: Boolean, required: true },
    expiresAt: { type: Date, required: true, expires: 0 },
  },
  { versionKey: false, collection: 'stream_tickets' },
)

export type StreamTickets = {
  make(owner: Person, idempotencyKey: string): Promise<{ ticket: string; expiresAt: Date }>
  /** Who made it; null where it was used, has run out, or never was. */
  use(ticket: string): Promise<Person | null>
}

const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest('base64url')

/** In the database, so that any gateway takes them. `nowMs`: real time. */
export async function createStreamTickets(db: Database, secret: Buffer, nowMs: () => number): Promise<StreamTickets> {
  const rows = db.connection.model('StreamTicket', ticketSchema)
  await prepareCollections(rows)
  return {
    make: async ({ role, sub }, idempotencyKey) => {
      const named = ['stream-ticket', role, sub, idempotencyKey].join('\0')
      const ticket = createHmac('sha256', secret).update(named).digest('base64url')
      const fresh = { role, sub, used: false, expiresAt: new Date(nowMs() + ticketMsMax) }
      const row = await rows
        .findOneAndUpdate(
          { _id: hashOf(ticket) },
          { $setOnInsert: fresh },
          { upsert: true, returnDocument: 'after', setDefaultsOnInsert: false },
        )
        .lean()
      return { ticket, expiresAt: row?.expiresAt ?? fresh.expiresAt }
    },
    use: async (ticket) => {
      const unused = { _id: hashOf(ticket), used: false, expiresAt: { $gt: new Date(nowMs()) } }
      const row = await rows.findOneAndUpdate(unused, { $set: { used: true } }).lean()
      if (row === null) return null
      return row.role === 'customer'
        ? { role: row.role, sub: CustomerId.parse(row.sub) }
        : { role: row.role, sub: row.sub }
    },
  }
}
