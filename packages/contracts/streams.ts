/** What live streams say, by the name of the event. Lean: a viewer reads on past fields and events that it does not know. */
import { z } from 'zod'
import { LatestPosition, LatestPositionsReply } from './rest.ts'

/** `position` on an order's stream: its drone, and how far it has come on the way out; null on the way home. */
export const OrderPositionEvent = LatestPosition.extend({
  toDropOffM: z.int().min(0),
  progressPct: z.int().min(0).max(100).nullable(),
})
/** `snapshot`, where the fleet's stream begins. */
export const FleetSnapshotEvent = LatestPositionsReply.extend({ stale: z.boolean() })
/** `end`, the last of every stream. */
export const StreamEndEvent = z.object({ because: z.string() })
