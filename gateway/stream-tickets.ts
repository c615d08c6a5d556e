/** Tickets that open one stream, once, within half a minute: a browser's event source sends no Authorization header. */
import { createHash, randomBytes } from 'node:crypto'
import { CustomerId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import type { Caller } from '@fleet/runtime/tokens'
import { Schema } from 'mongoose'

/** Real time. */
export const ticketMsMax = 30_000

type TicketRow = { _id: string; role: 'customer' | 'operator'; sub: string; expiresAt: Date }
const ticketSchema = new Schema<TicketRow>(
  {
    _id: { type: String, required: true },
    role: { type: String, required: true },
    sub: { type: String, required: true },
    expiresAt: { type: Date, required: true, expires: 0 },
  },
  { versionKey: false, collection: 'stream_tickets' },
)

export type StreamTickets = {
  make(caller: Caller): Promise<{ ticket: string; expiresAt: Date }>
  /** Who made it; null where it was used, has run out, or never was. */
  use(ticket: string): Promise<Caller | null>
}

const hashOf = (ticket: string) => createHash('sha256').update(ticket).digest('base64url')

/** In the database, so that any gateway takes them. `nowMs`: real time. */
export async function createStreamTickets(db: Database, nowMs: () => number): Promise<StreamTickets> {
  const rows = db.connection.model('StreamTicket', ticketSchema)
  await prepareCollections(rows)
  return {
    make: async ({ role, sub }) => {
      const ticket = randomBytes(32).toString('base64url')
      const expiresAt = new Date(nowMs() + ticketMsMax)
      await rows.insertMany([{ _id: hashOf(ticket), role, sub, expiresAt }], { lean: true })
      return { ticket, expiresAt }
    },
    use: async (ticket) => {
      const row = await rows.findByIdAndDelete(hashOf(ticket)).lean()
      if (row === null || row.expiresAt.getTime() <= nowMs()) return null
      return row.role === 'customer'
        ? { role: row.role, sub: CustomerId.parse(row.sub) }
        : { role: row.role, sub: row.sub }
    },
  }
}
