/**
 * Going on where a stream broke off: each event carries the order's `seq` as its id, and who comes back with `Last-Event-ID`
 * is told what the order service has kept since (its last 200), through whichever gateway; then the order as it is now.
 */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { OrderHistoryReply } from '@fleet/contracts/front-door'
import type { OrderId } from '@fleet/contracts/ids'
import { OrderReply } from '@fleet/contracts/rest'
import type { StreamEvent } from '@fleet/runtime/http'
import { z } from 'zod'
import type { Ask, Downstream } from './downstream.ts'
import { gatewayItself, get } from './forward.ts'

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

/** Gives the order's seq that a message about it got at the order service, or null where that is not to be known. */
export type SeqOf = (orderId: OrderId, topic: keyof OrderReply['seen'], messageSeq: number) => Promise<number | null>

/** The service hears a message at about the moment that the gateway does; one that changes nothing gets no seq. Real milliseconds. */
const seqMsMax = 1_000
const seqEveryMs = 50
/** Messages whose seq is known or asked for: however many watch an order, the service is asked once. */
const seqsMax = 1_000

export function createSeqs(order: Pick<Downstream, 'ask'>): SeqOf {
  const known = new Map<string, Promise<number | null>>()
  const find = async (orderId: OrderId, topic: keyof OrderReply['seen'], messageSeq: number) => {
    const signal = AbortSignal.timeout(seqMsMax)
    const asked = { caller: gatewayItself, correlationId: randomUUID(), signal }
    while (!signal.aborted) {
      const answer = await order.ask({ ...get(`/v1/orders/${orderId}/history`), ...asked })
      const parsed = answer.ok ? OrderHistoryReply.safeParse(answer.body) : null
      if (!parsed?.success) return null
      const event = parsed.data.items.find(({ seen }) => seen?.[topic] === messageSeq)
      if (event !== undefined) return event.seq
      await wait(seqEveryMs)
    }
    return null
  }
  return (orderId, topic, messageSeq) => {
    const name = `${orderId}/${topic}/${messageSeq}`
    const there = known.get(name)
    if (there !== undefined) return there
    const asking = find(orderId, topic, messageSeq)
    known.set(name, asking)
    const [oldest] = known.keys()
    if (known.size > seqsMax && oldest !== undefined) known.delete(oldest)
    return asking
  }
}

const OfMessage = OrderReply.pick({ orderId: true, seen: true })

/**
 * `told`, with ids: the order's seq, as the order service has it, or none. `version` gives it as of the last reading. An event
 * without an id costs a viewer who resumes a repetition; a guessed one could cost it an event.
 */
export async function* numbered(
  told: AsyncIterable<StreamEvent>,
  version: () => number | null,
  seqOf: SeqOf,
): AsyncGenerator<StreamEvent> {
  let last = 0
  for await (const event of told) {
    const seq = await seqOfEvent(event, version, seqOf)
    if (seq === null) yield event
    else {
      last = Math.max(last, seq)
      yield { ...event, id: `${last}` }
    }
  }
}

async function seqOfEvent({ event, data }: StreamEvent, version: () => number | null, seqOf: SeqOf) {
  if (event === 'order') return version()
  const topic = event.startsWith('order.') ? 'orders' : event.startsWith('delivery.') ? 'deliveries' : null
  const of = OfMessage.safeParse(data)
  return topic === null || !of.success ? null : seqOf(of.data.orderId, topic, of.data.seen[topic])
}
