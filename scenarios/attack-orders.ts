/** What an attacker is told; addresses are of this machine alone, and everything has a bound. */
import { z } from 'zod'

const loopback = z.string().regex(/^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/, 'must be a loopback address')

export const AttackOrders = z.object({
  kind: z.enum(['flood', 'hold']),
  host: loopback,
  port: z.int().min(1).max(65_535),
  sources: z.array(loopback).min(1).max(64),
  /** Of each source, at once. */
  connections: z.int().min(1).max(200),
  /** Of all sources together. */
  requestsMax: z.int().min(1).max(500_000),
  forMs: z.int().min(1).max(60_000),
  /** Between two requests of one connection. */
  pauseMs: z.int().min(0).max(10_000),
  path: z.string().startsWith('/'),
  method: z.enum(['GET', 'POST']),
  headers: z.record(z.string(), z.string()),
  /** `#` stands for the number of the request. */
  body: z.string().optional(),
})
export type AttackOrders = z.infer<typeof AttackOrders>
