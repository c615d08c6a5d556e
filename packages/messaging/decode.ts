/** Bytes of a topic as a message: read leniently, so that producers may be updated after consumers. */
import { Envelope } from '@fleet/contracts/envelope'
import type { z } from 'zod'
import type { TopicRecord } from './topic.ts'

/** A message of our own that cannot be read: its partition stands still, because to skip it would lose an order. */
export class UnreadableMessage extends Error {
  constructor(record: TopicRecord, why: string) {
    super(`${record.topic}/${record.partition} offset ${record.offset} cannot be read: ${why}`)
    this.name = 'UnreadableMessage'
  }
}

export type Decoded<M> =
  | { kind: 'message'; message: M }
  | { kind: 'unknown'; envelope: Envelope }
  | { kind: 'broken'; why: string }

function parseJson(value: Buffer | null): { ok: true; json: unknown } | { ok: false; why: string } {
  try {
    return { ok: true, json: JSON.parse(value?.toString() ?? '') }
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) }
  }
}

/** Reads leniently: unknown fields are left out, an unknown type or a later version is no error. */
export function decode<M extends Envelope>(
  topic: { schema: z.ZodType<M> },
  types: ReadonlySet<string>,
  value: Buffer | null,
): Decoded<M> {
  const parsed = parseJson(value)
  if (!parsed.ok) return { kind: 'broken', why: parsed.why }
  const envelope = Envelope.safeParse(parsed.json)
  if (!envelope.success) return { kind: 'broken', why: envelope.error.message }
  if (!types.has(envelope.data.type) || envelope.data.version !== 1) return { kind: 'unknown', envelope: envelope.data }
  const message = topic.schema.safeParse(parsed.json)
  return message.success ? { kind: 'message', message: message.data } : { kind: 'broken', why: message.error.message }
}
