/**
 * Going on where a stream broke off: each event carries the order's `seq` as its id, and who comes back with `Last-Event-ID`
 * is told what the order service has kept since (its last 200), through whichever gateway; then the order as it is now.
 */
import { OrderHistoryReply } from '@fleet/contracts/front-door'
import type { StreamEvent } from '@fleet/runtime/http'
import { z } from 'zod'
import type { Ask, Downstream } from './downstream.ts'
import { get } from './forward.ts'

const Seq = z.coerce.number().int().min(0)
const Version = z.string().regex(/^"\d+"$/)

/** The order's seq in an answer of the order service: its entity tag. */
export function versionOf(headers: Record<string, string>): number | null {
  const tag = Version.safeParse(headers.etag)
  return tag.success ? Number(tag.data.slice(1, -1)) : null
}

/** What the viewer has missed since `lastEventId`; nothing where that is none of ours, or the service cannot tell. */
export async function eventsSince(
  order: Downstream,
  ask: Ask,
  lastEventId: string | undefined,
): Promise<StreamEvent[]> {
  const after = Seq.safeParse(lastEventId ?? null)
  if (lastEventId === undefined || lastEventId === '' || !after.success) return []
  const answer = await order.ask({ ...ask, ...get(`${ask.path}/history`, { after: after.data }) })
  const parsed = answer.ok ? OrderHistoryReply.safeParse(answer.body) : null
  if (!parsed?.success) return []
  return parsed.data.items.map(({ seq, type, at, status }) => ({
    id: `${seq}`,
    event: type,
    data: { seq, at, status },
  }))
}

/**
 * `told`, with ids. `version` gives the order's seq as of the last reading. A message makes the next seq; where the order
 * service saw it otherwise, the next reading puts that right, and a viewer who resumes is sent the whole order anyway.
 */
export async function* numbered(
  told: AsyncIterable<StreamEvent>,
  version: () => number | null,
): AsyncGenerator<StreamEvent> {
  let seq = version()
  for await (const event of told) {
    if (event.event === 'order') seq = version() ?? seq
    else if (seq !== null && /^(order|delivery)\./.test(event.event)) seq += 1
    const numbers = event.event === 'order' || event.event.includes('.')
    yield numbers && seq !== null ? { ...event, id: `${seq}` } : event
  }
}
