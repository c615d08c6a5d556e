import { DronePosition } from '@fleet/contracts/drone-positions'
import type { OrderReply } from '@fleet/contracts/rest'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { StreamEvent } from '@fleet/runtime/http'
import { describe, expect, it } from '@jest/globals'
import { createLive, messagesMax } from './live.ts'
import { orderStream } from './order-stream.ts'
import { parseJson } from './read-json.ts'
import { assignedTo, flown, orderId, orderReply, position, said } from './testing/examples.ts'

/** A stream over a hub that has taken `records` already, and an order service that answers as `reads` say, the last for ever. */
async function eventsOf({
  first = orderReply(),
  records = [],
  positions = [],
  reads = [],
  most = 20,
}: {
  first?: OrderReply
  records?: TopicRecord[]
  /** Taken after the second event: a viewer follows a drone only once it has the order. */
  positions?: TopicRecord[]
  reads?: (OrderReply | null)[]
  most?: number
}): Promise<StreamEvent[]> {
  const live = createLive(async ({ value }) => DronePosition.parse(parseJson(value)))
  const viewer = live.watch(orderId)
  if (viewer === null) throw new Error('too many viewers')
  const answers = [...reads]
  let answer: OrderReply | null = null
  const seen: StreamEvent[] = []
  const stream = orderStream({
    first,
    viewer,
    read: async () => {
      answer = answers.shift() ?? answer
      return answer
    },
    baseAt: async () => ({ lat: 43.58, lon: 7.125 }),
    signal: new AbortController().signal,
    quietMs: 5,
  })
  for await (const event of stream) {
    seen.push(event)
    if (seen.length === 1) for (const record of records) await live.take(record)
    if (seen.length === 2) for (const record of positions) await live.take(record)
    if (seen.length >= most) break
  }
  return seen
}
const names = (events: StreamEvent[]) => events.map(({ event }) => event)
const closed = (deliveries: number) =>
  orderReply({ status: 'closed', ...assignedTo(), seen: { orders: 1, deliveries } })

describe('the stream of an order', () => {
  it('begins with the order, tells each message with the status it makes, and ends when the order has', async () => {
    const records = ['assigned', 'departed', 'handed-over', 'completed'].map((word, at) =>
      said(`delivery.${word}`, at + 1),
    )

    const events = await eventsOf({ records, reads: [closed(4)] })

    expect(names(events)).toEqual([
      'order',
      'delivery.assigned',
      'delivery.departed',
      'delivery.handed-over',
      'delivery.completed',
      'order',
      'end',
    ])
    expect(events.slice(1, 5).map(({ data }) => data)).toMatchObject([
      { status: 'assigned', flight: { droneId: 'drn_1' } },
      { status: 'in-flight' },
      { status: 'delivered', handedOver: { heightM: 4 } },
      { status: 'closed' },
    ])
    expect(events.at(-1)?.data).toEqual({ because: 'closed' })
  })

  it('ends at once where the order had ended before', async () => {
    expect(names(await eventsOf({ first: closed(4) }))).toEqual(['order', 'end'])
  })

  it('leaves out what the order that it began with contains already', async () => {
    const first = orderReply({ status: 'in-flight', ...assignedTo(), seen: { orders: 1, deliveries: 2 } })
    const records = [said('delivery.departed', 2), said('delivery.handed-over', 3)]

    expect(names(await eventsOf({ first, records, most: 2 }))).toEqual(['order', 'delivery.handed-over'])
  })

  it('waits at the end until the order service has heard the last message too', async () => {
    const behind = orderReply({ status: 'delivered', ...assignedTo(), seen: { orders: 1, deliveries: 1 } })
    const first = behind

    const events = await eventsOf({ first, records: [said('delivery.completed', 2)], reads: [behind, null, closed(2)] })

    expect(names(events)).toEqual(['order', 'delivery.completed', 'order', 'end'])
    expect(events[2]?.data).toMatchObject({ status: 'closed' })
  })

  it('reads the order again where a message is missing between two', async () => {
    const now = orderReply({ status: 'in-flight', ...assignedTo(), seen: { orders: 1, deliveries: 2 } })

    const events = await eventsOf({ records: [said('delivery.departed', 2)], reads: [now], most: 2 })

    expect(events).toMatchObject([{ event: 'order' }, { event: 'order', data: { status: 'in-flight' } }])
  })

  it('never steps back to an order that is older than what it has told', async () => {
    const old = orderReply()

    const events = await eventsOf({ records: [said('delivery.assigned', 1)], reads: [old], most: 4 })

    expect(names(events)).toEqual(['order', 'delivery.assigned', 'heartbeat', 'heartbeat'])
  })

  it('finds a change by itself when nothing was heard for a while, and else shows that it lives', async () => {
    expect(names(await eventsOf({ reads: [null, orderReply(), closed(4)] }))).toEqual([
      'order',
      'heartbeat',
      'heartbeat',
      'order',
      'end',
    ])
  })

  it('shows how far the drone is and how far it has to go', async () => {
    const first = orderReply({ status: 'in-flight', ...assignedTo(), seen: { orders: 1, deliveries: 2 } })

    const events = await eventsOf({
      first,
      records: [said('delivery.departed', 3)],
      positions: [flown(position())],
      most: 3,
    })

    expect(events.at(-1)).toMatchObject({ event: 'position', data: { progressPct: 50, droneId: 'drn_1' } })
  })

  it('keeps a cancellation on top of what the flight does, until it is answered', async () => {
    const refused = orderReply({ status: 'in-flight', ...assignedTo(), seen: { orders: 2, deliveries: 3 } })
    const records = [
      said('delivery.assigned', 1),
      said('order.cancel-requested', 2),
      said('delivery.departed', 2),
      said('delivery.cancel-refused', 3),
    ]

    const events = await eventsOf({ records, reads: [refused], most: 6 })

    expect(events.slice(1).map(({ event, data }) => [event, (data as { status: string }).status])).toEqual([
      ['delivery.assigned', 'assigned'],
      ['order.cancel-requested', 'cancelling'],
      ['delivery.departed', 'cancelling'],
      ['delivery.cancel-refused', 'cancelling'],
      ['order', 'in-flight'],
    ])
  })

  it('tells a reader that is too slow why it ends', async () => {
    const many = Array.from({ length: messagesMax + 1 }, (_, at) => said('delivery.departed', at + 1))

    const events = await eventsOf({ records: many, most: messagesMax + 10 })

    expect(events).toHaveLength(messagesMax + 2)
    expect(events.at(-1)).toMatchObject({ event: 'end', data: { because: expect.stringContaining('too slow') } })
  })
})
