/** Faults by configuration: each begins so long after the start of the simulator. */
import type { Clock } from '@fleet/runtime/clock'
import { z } from 'zod'
import { FaultOrder } from './faults.ts'

/** `afterMs`: world milliseconds from the start. */
const PlannedFault = FaultOrder.extend({ afterMs: z.int().min(0).max(86_400_000).default(0) })
export type PlannedFault = z.infer<typeof PlannedFault>

/** A JSON list of at most 1,000 faults. */
export const FaultPlan = z
  .string()
  .transform((text, context): unknown => {
    try {
      return JSON.parse(text)
    } catch (error) {
      context.addIssue({ code: 'custom', message: String(error) })
      return z.NEVER
    }
  })
  .pipe(z.array(PlannedFault).max(1_000))

/** Inflicts each planned fault when its time has come. */
export function startFaultPlan({
  plan,
  clock,
  inflict,
}: {
  plan: readonly PlannedFault[]
  clock: Pick<Clock, 'realMs'>
  inflict(order: FaultOrder): void
}): { close(): void } {
  const timers = plan.map(({ afterMs, ...order }) => setTimeout(() => inflict(order), clock.realMs(afterMs)))
  return { close: () => timers.forEach(clearTimeout) }
}
