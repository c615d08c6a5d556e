/** REST bodies of accounts, sessions, API keys, the audit log, live tickets, and the deny and allow lists. */
import { z } from 'zod'
import { Words } from './units.ts'

const IsoTime = z.iso.datetime()

export const UserName = z.string().regex(/^[a-z][0-9a-z._-]{0,39}$/, 'must be 1 to 40 of a-z, 0-9, ".", "_" and "-"')
/** The bound keeps a hash from being made of a megabyte. */
export const Password = z.string().min(1).max(200)
export const SignInBody = z.strictObject({ user: UserName, password: Password })
export type SignInBody = z.infer<typeof SignInBody>

export const RefreshToken = z.string().regex(/^[\w-]{40,100}$/, 'must be a refresh token as it was given')
export const RefreshBody = z.strictObject({ refreshToken: RefreshToken })
/** A refresh token serves once: each answer brings the next. */
export const SessionReply = z.object({
  accessToken: z.string(),
  refreshToken: RefreshToken,
  /** When the access token runs out; real time. */
  expiresAt: IsoTime,
})
export type SessionReply = z.infer<typeof SessionReply>

/** A browser's session: its refresh token is a cookie that no script reads. */
export const BrowserSessionReply = SessionReply.omit({ refreshToken: true }).extend({
  role: z.enum(['customer', 'operator']),
})
export type BrowserSessionReply = z.infer<typeof BrowserSessionReply>

export const ApiKeyId = z
  .string()
  .regex(/^key_[0-9a-f]{24}$/, 'must look like key_ and 24 of 0-9a-f')
  .brand<'ApiKeyId'>()
export type ApiKeyId = z.infer<typeof ApiKeyId>
export const ApiKeyBody = z.strictObject({ name: Words(64) })
export type ApiKeyBody = z.infer<typeof ApiKeyBody>
export const ApiKeyReply = z.object({ id: ApiKeyId, name: z.string(), start: z.string(), createdAt: IsoTime })
export type ApiKeyReply = z.infer<typeof ApiKeyReply>
/** `key` is shown here and never again. */
export const NewApiKeyReply = ApiKeyReply.extend({ key: z.string() })
export const ApiKeysReply = z.object({ items: z.array(ApiKeyReply) })

export const Cursor = z.string().regex(/^[\w-]{1,200}$/, 'must be `next` of the page before')
export const PageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: Cursor.optional(),
})
export const AuditEntry = z.object({
  at: IsoTime,
  who: z.string(),
  what: z.string(),
  target: z.string(),
  /** The caller's address, or where else it acted. */
  from: z.string(),
})
/** Newest first; `next` is the cursor of the next page, null at the end. */
export const AuditReply = z.object({ items: z.array(AuditEntry), next: Cursor.nullable() })
export type AuditReply = z.infer<typeof AuditReply>

/** Opens one stream, once, within 30 s: for a browser, whose event source sends no header. */
export const StreamTicketReply = z.object({ ticket: z.string(), expiresAt: IsoTime })

export const Address = z.union([z.ipv4(), z.ipv6()])
export const DenyBody = z.strictObject({
  address: Address,
  reason: Words(200),
  /** Real seconds, at most 30 days. */
  forS: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .default(3_600),
})
export type DenyBody = z.infer<typeof DenyBody>
/** `limit`: a few requests a second; `allow`: no detector's alert counts against it. */
export const Treatment = z.enum(['deny', 'limit', 'allow'])
export type Treatment = z.infer<typeof Treatment>
export const DenialReply = z.object({ address: z.string(), treatment: Treatment, reason: z.string(), until: IsoTime })
/** What is denied or limited; or, on the allow list, allowed. */
export const DenialsReply = z.object({ items: z.array(DenialReply) })

/** RFC 7517: the public half of the keys that sign access tokens. */
export const JwksReply = z.object({
  keys: z.array(
    z.object({
      kty: z.literal('EC'),
      crv: z.literal('P-256'),
      x: z.string(),
      y: z.string(),
      kid: z.string(),
      use: z.literal('sig'),
      alg: z.literal('ES256'),
    }),
  ),
})
