/**
 * API keys: what a customer's server calls with. Stored as hashes, shown once, and prefixed so that secret scanners know them.
 * A key is made from its owner and Idempotency-Key by a secret of the gateway's, so a repeated POST gives the same one;
 * one that was revoked keeps its row, so that the same POST, sent again, does not bring it back.
 */
import { createHash, createHmac } from 'node:crypto'
import { ApiKeyId, type ApiKeyReply } from '@fleet/contracts/accounts'
import { CustomerId } from '@fleet/contracts/ids'
import type { Refusal } from '@fleet/contracts/problems'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import { keyReused } from '@fleet/runtime/idempotency'
import type { Caller } from '@fleet/runtime/tokens'
import { Schema } from 'mongoose'

export const apiKeyPrefix = 'ddf_live_'
const keysMax = 50
/** Enough to be told apart in a list. */
const startChars = apiKeyPrefix.length + 4

type KeyRow = {
  _id: string
  hash: string
  customerId: string
  name: string
  start: string
  createdAt: Date
  revokedAt: Date | null
}
const keySchema = new Schema<KeyRow>(
  {
    _id: { type: String, required: true },
    hash: { type: String, required: true },
    customerId: { type: String, required: true },
    name: { type: String, required: true },
    start: { type: String, required: true },
    createdAt: { type: Date, required: true },
    revokedAt: { type: Date, default: null },
  },
  { versionKey: false, collection: 'api_keys' },
)
keySchema.index({ hash: 1 }, { unique: true })
keySchema.index({ customerId: 1, createdAt: -1 })

export type NewApiKey = { reply: ApiKeyReply; key: string }
export type ApiKeys = {
  make(by: {
    owner: CustomerId
    name: string
    idempotencyKey: string
  }): Promise<{ ok: true; made: NewApiKey } | { ok: false; refusal: Refusal }>
  list(owner: CustomerId): Promise<ApiKeyReply[]>
  /** False where the owner has no such key. */
  revoke(owner: CustomerId, id: ApiKeyId): Promise<boolean>
  /** Whose key it is, or null. */
  callerOf(key: string): Promise<Caller | null>
}

const hashOf = (key: string) => createHash('sha256').update(key).digest('base64url')
const toReply = ({ _id, name, start, createdAt }: KeyRow): ApiKeyReply => ({
  id: ApiKeyId.parse(_id),
  name,
  start,
  createdAt: createdAt.toISOString(),
})

/** Makes the collection and its indexes. `secret` makes the keys; `nowMs`: real time. */
export async function createApiKeys(db: Database, secret: Buffer, nowMs: () => number): Promise<ApiKeys> {
  const rows = db.connection.model('ApiKey', keySchema)
  await prepareCollections(rows)

  return {
    make: async ({ owner, name, idempotencyKey }) => {
      const text = createHmac('sha256', secret).update(`api-key\0${owner}\0${idempotencyKey}`).digest('base64url')
      const key = `${apiKeyPrefix}${text}`
      const id = `key_${createHash('sha256').update(`id\0${key}`).digest('hex').slice(0, 24)}`
      const row: KeyRow = {
        _id: id,
        hash: hashOf(key),
        customerId: owner,
        name,
        start: key.slice(0, startChars),
        createdAt: new Date(nowMs()),
        revokedAt: null,
      }
      return db.transact(async ({ session }) => {
        const before = await rows.findById(id, null, { session }).lean()
        if (before !== null) {
          if (before.name !== name) return keyReused(`it made ${id}, with another name`)
          if (before.revokedAt === null) return { ok: true, made: { reply: toReply(before), key } } as const
          return { ok: false, refusal: { code: 'api-key.revoked', field: 'Idempotency-Key', value: id } } as const
        }
        const count = await rows.countDocuments({ customerId: owner, revokedAt: null }, { session })
        if (count >= keysMax) {
          return { ok: false, refusal: { code: 'api-keys.too-many', value: count, limit: keysMax } } as const
        }
        await rows.insertMany([row], { session, lean: true })
        return { ok: true, made: { reply: toReply(row), key } } as const
      })
    },
    list: async (owner) =>
      (await rows.find({ customerId: owner, revokedAt: null }).sort({ createdAt: -1 }).limit(keysMax).lean()).map(
        toReply,
      ),
    revoke: async (owner, id) => {
      const current = { _id: id, customerId: owner, revokedAt: null }
      return (await rows.updateOne(current, { $set: { revokedAt: new Date(nowMs()) } })).matchedCount === 1
    },
    callerOf: async (key) => {
      const row = await rows.findOne({ hash: hashOf(key), revokedAt: null }, { customerId: 1 }).lean()
      return row === null ? null : { role: 'customer', sub: CustomerId.parse(row.customerId) }
    },
  }
}
