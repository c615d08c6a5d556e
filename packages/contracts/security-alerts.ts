/**
 * Topic `security.alerts`, key = source address: what the intrusion detection saw.
 *
 * Detectors do not know each other, so `seq` has gaps here: it is the detector's time. A reader that needs an alert once goes by its id.
 */
import { z } from 'zod'
import { message } from './envelope.ts'
import { UnixMs } from './units.ts'

/** What is recognised as an attack; a rule of another name is shown to operators, and nothing is done about it. */
export const AttackRule = z.enum([
  'http-flood',
  'syn-flood',
  'slowloris',
  'login-brute-force',
  'api-scan',
  'oversized-body',
])
export type AttackRule = z.infer<typeof AttackRule>

export const SecurityAlertMessage = z.discriminatedUnion('type', [
  message(
    'alert.raised',
    z.object({
      source: z.string().min(2).max(45),
      rule: z.string().min(1).max(64),
      detector: z.string().min(1).max(32),
      raisedAtMs: UnixMs,
      /** `low`: of the gateway's own detector, which sees what has reached it and no packets. Left out, it is `high`. */
      confidence: z.enum(['high', 'low']).optional(),
    }),
  ),
])
export type SecurityAlertMessage = z.infer<typeof SecurityAlertMessage>
export type SecurityAlert = SecurityAlertMessage['data']
