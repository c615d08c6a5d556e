/** Topic `security.alerts`, key = source address: what the intrusion detection saw. */
import { z } from 'zod'
import { message } from './envelope.ts'
import { UnixMs } from './units.ts'

export const SecurityAlertMessage = z.discriminatedUnion('type', [
  message(
    'alert.raised',
    z.object({
      source: z.string().min(2).max(45),
      rule: z.string().min(1).max(64),
      detector: z.string().min(1).max(32),
      raisedAtMs: UnixMs,
    }),
  ),
])
export type SecurityAlertMessage = z.infer<typeof SecurityAlertMessage>
