/** What every message but a position carries around its data. */
import { z } from 'zod'
import { CorrelationId, MessageId } from './ids.ts'
import { Seq, UnixMs } from './units.ts'

/**
 * The schema of one message type.
 * `seq` counts the messages of this topic and key without gaps; a reader drops what is not above the last that it had.
 * `causationId` is the message (or `http` for a request) that made this one.
 */
export const message = <Type extends string, Data extends z.ZodType>(type: Type, data: Data) =>
  z.object({
    id: MessageId,
    type: z.literal(type),
    version: z.literal(1),
    at: UnixMs,
    key: z.string().min(1).max(64),
    seq: Seq,
    correlationId: CorrelationId,
    causationId: z.string().min(1).max(64),
    data,
  })

/** The envelope alone: enough to tell an unknown type, which a lenient reader skips, from a broken message. */
export const Envelope = message('', z.unknown()).extend({ type: z.string().min(1).max(64), version: z.int().min(1) })
export type Envelope = z.infer<typeof Envelope>
