/** Branded identifiers: `<prefix>_` and 1 to 40 letters and digits, so that one kind cannot be passed for another. */
import { z } from 'zod'

const id = <Brand extends string>(prefix: string) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-9A-Za-z]{1,40}$`), `must look like ${prefix}_1a2b3c`)
    .brand<Brand>()

export const OrderId = id<'OrderId'>('ord')
export type OrderId = z.infer<typeof OrderId>
export const ItineraryId = id<'ItineraryId'>('itn')
export type ItineraryId = z.infer<typeof ItineraryId>
export const DroneId = id<'DroneId'>('drn')
export type DroneId = z.infer<typeof DroneId>
export const CommandId = id<'CommandId'>('cmd')
export type CommandId = z.infer<typeof CommandId>
/** The drone's own name for one question for a permit; a new one for each question. */
export const PermitRequestId = id<'PermitRequestId'>('prq')
export type PermitRequestId = z.infer<typeof PermitRequestId>
export const BaseId = id<'BaseId'>('bas')
export type BaseId = z.infer<typeof BaseId>
export const ZoneId = id<'ZoneId'>('zon')
export type ZoneId = z.infer<typeof ZoneId>
export const CustomerId = id<'CustomerId'>('cus')
export type CustomerId = z.infer<typeof CustomerId>
/** One message; the outbox makes it, the consequences name it as their cause. */
export const MessageId = id<'MessageId'>('msg')
export type MessageId = z.infer<typeof MessageId>

/** A drone host: the holder of a certificate, one drone or a simulator of many. Also its consumer groups' prefix. */
export const HostId = z
  .string()
  .regex(/^host-[0-9a-z-]{1,40}$/, 'must look like host-name')
  .brand<'HostId'>()
export type HostId = z.infer<typeof HostId>

/** Follows one customer's request through every message and log line that it causes. */
export const CorrelationId = z.string().min(1).max(64)
export type CorrelationId = z.infer<typeof CorrelationId>
