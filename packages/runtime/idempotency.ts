/**
 * A POST that makes something may be sent again under the same Idempotency-Key. The id of what it makes comes from caller,
 * route and key, so the repetition finds it, through whichever gateway and instance; whoever keeps it compares the bodies.
 */
import { createHash, randomUUID } from 'node:crypto'
import type { Refusal } from '@fleet/contracts/problems'
import { IdempotencyKey } from '@fleet/contracts/rest'
import type { Caller } from './tokens.ts'

const field = 'Idempotency-Key'
const idBytes = 20
/** 160 bits in base 36. */
const idChars = 31

export type KeyOutcome = { ok: true; key: string } | { ok: false; refusal: Refusal }

/** The key in the header; where there is none, a fresh one, or a refusal where doing it twice would cost too much. */
export function idempotencyKey(given: string | undefined, absent: 'fresh' | 'refused'): KeyOutcome {
  if (given === undefined) {
    if (absent === 'fresh') return { ok: true, key: randomUUID() }
    return { ok: false, refusal: { code: 'idempotency.key-missing', field } }
  }
  const key = IdempotencyKey.safeParse(given)
  if (key.success) return { ok: true, key: key.data }
  const limit = '1 to 128 visible ASCII characters'
  return { ok: false, refusal: { code: 'request.invalid', field, limit, value: given } }
}

/** What follows an id's prefix: the same caller, route and key always make the same one, and no others do. */
export function derivedId({ caller, route, key }: { caller: Caller; route: string; key: string }): string {
  const named = [caller.role, caller.sub, route, key].join('\0')
  const digest = createHash('sha256').update(named).digest().subarray(0, idBytes)
  return BigInt(`0x${digest.toString('hex')}`)
    .toString(36)
    .padStart(idChars, '0')
}

/** SHA-256 of what a parsed body says, whatever the order of its fields. */
export const bodyHashOf = (body: unknown): string =>
  createHash('sha256')
    .update(JSON.stringify(ordered(body)))
    .digest('hex')

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([name, inner]) => [name, ordered(inner)]),
  )
}

/** The key stands for something else already; `detail` says for what. */
export const keyReused = (detail: string): { ok: false; refusal: Refusal } => ({
  ok: false,
  refusal: { code: 'idempotency.key-reused', field, limit: 'the same body as before', detail },
})
