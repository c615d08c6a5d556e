/**
 * Sessions of people. A refresh token serves once and brings the next; the whole chain from one sign-in is a family.
 * One that is shown twice was stolen from somebody: nobody knows whether by the first or the second to show it, so
 * the family ends, and both sign in again (RFC 9700, 4.14.2).
 */
import { createHash, randomBytes } from 'node:crypto'
import { CustomerId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import type { Person } from '@fleet/runtime/tokens'
import { Schema } from 'mongoose'

/** Real time. */
const refreshMsMax = 14 * 86_400_000
const tokenBytes = 32

type FamilyRow = {
  _id: string
  role: 'customer' | 'operator'
  sub: string
  /** Hash of the one token that serves. */
  current: string
  /** Hashes of those that have served, the newest `usedMax`. */
  used: string[]
  expiresAt: Date
}
const usedMax = 2_000

const familySchema = new Schema<FamilyRow>(
  {
    _id: { type: String, required: true },
    role: { type: String, required: true },
    sub: { type: String, required: true },
    current: { type: String, required: true },
    used: { type: [String], default: [] },
    expiresAt: { type: Date, required: true, expires: 0 },
  },
  { versionKey: false, collection: 'session_families' },
)
familySchema.index({ current: 1 }, { unique: true })
familySchema.index({ used: 1 })

export type Sessions = {
  /** A new session's refresh token. */
  begin(caller: Person): Promise<string>
  /** The next refresh token and who holds it; null where the one shown does not serve, and then its family has ended. */
  refresh(refreshToken: string): Promise<{ caller: Person; refreshToken: string } | null>
  /** Ends the session of `refreshToken`, where it is one. */
  end(refreshToken: string): Promise<void>
}

const hashOf = (token: string) => createHash('sha256').update(token).digest('base64url')
const fresh = () => randomBytes(tokenBytes).toString('base64url')

/** Makes the collection and its indexes. `nowMs`: real time. */
export async function createSessions(db: Database, nowMs: () => number): Promise<Sessions> {
  const rows = db.connection.model('SessionFamily', familySchema)
  await prepareCollections(rows)
  const expiresAt = () => new Date(nowMs() + refreshMsMax)

  return {
    begin: async (caller) => {
      const token = fresh()
      const row = { _id: fresh(), role: caller.role, sub: caller.sub, current: hashOf(token), used: [] }
      await rows.insertMany([{ ...row, expiresAt: expiresAt() }], { lean: true })
      return token
    },
    refresh: async (shown) => {
      const next = fresh()
      const hash = hashOf(shown)
      // One document and one write: of two that show the same token at once, one finds it used.
      const family = await rows
        .findOneAndUpdate(
          { current: hash, expiresAt: { $gt: new Date(nowMs()) } },
          {
            $set: { current: hashOf(next), expiresAt: expiresAt() },
            $push: { used: { $each: [hash], $slice: -usedMax } },
          },
        )
        .lean()
      if (family === null) {
        await rows.deleteMany({ used: hash })
        return null
      }
      const { role, sub } = family
      const caller: Person = role === 'customer' ? { role, sub: CustomerId.parse(sub) } : { role, sub }
      return { caller, refreshToken: next }
    },
    end: async (shown) => {
      const hash = hashOf(shown)
      await rows.deleteMany({ $or: [{ current: hash }, { used: hash }] })
    },
  }
}
