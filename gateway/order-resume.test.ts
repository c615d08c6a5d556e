import type { StreamEvent } from '@fleet/runtime/http'
import { describe, expect, it } from '@jest/globals'
import type { Ask, Downstream } from './downstream.ts'
import { createSeqs, eventsSince, numbered, type SeqOf } from './order-resume.ts'
import { customer } from './testing/doubles.ts'
import { orderId, orderReply } from './testing/examples.ts'

const ask: Ask = {
  method: 'GET',
  path: '/v1/orders/ord_1',
  caller: customer,
  correlationId: 'c',
  signal: new AbortController().signal,
}
const asked: string[] = []
const order: Downstream = {
  ask: async ({ path }) => {
    asked.push(path)
    const items = [{ seq: 3, type: 'delivery.departed', at: '2027-01-01T00:00:00.000Z', status: 'in-flight' }]
    return { ok: true, status: 200, headers: {}, body: { items } }
  },
  forward: async () => ({ kind: 'json', status: 200, headers: {}, body: {} }),
  health: () => ({ service: 'order', status: 'up', instances: [] }),
  close: async () => undefined,
}

describe('a stream that is taken up again', () => {
  it('tells what was missed since the last id, from the order service', async () => {
    expect(await eventsSince(order, ask, '2')).toEqual([
      { id: '3', event: 'delivery.departed', data: { seq: 3, at: '2027-01-01T00:00:00.000Z', status: 'in-flight' } },
    ])
    expect(asked).toEqual(['/v1/orders/ord_1/history?after=2'])
  })

  it('tells nothing more for an id that is none of ours', async () => {
    expect(await eventsSince(order, ask, 'nonsense')).toEqual([])
    expect(await eventsSince(order, ask, undefined)).toEqual([])
  })

  it("numbers the order's events by its seq at the order service, and gives no id where that has none", async () => {
    let version = 4
    const heard = (deliveries: number) => ({
      event: 'delivery.departed',
      data: orderReply({ seen: { orders: 1, deliveries } }),
    })
    async function* told(): AsyncGenerator<StreamEvent> {
      yield { event: 'order', data: {} }
      yield heard(3)
      yield { event: 'position', data: {} }
      yield heard(4) // Came late: it changed nothing.
      version = 9
      yield { event: 'order', data: {} }
      yield { event: 'end', data: {} }
    }
    const seqOf: SeqOf = async (_orderId, topic, seq) => (topic === 'deliveries' && seq === 3 ? 5 : null)
    const ids: (string | undefined)[] = []

    for await (const { id } of numbered(told(), () => version, seqOf)) ids.push(id)

    expect(ids).toEqual(['4', '5', undefined, undefined, '9', undefined])
  })

  it('asks the service once for the seq of a message, however many watch, and until it has heard it', async () => {
    let answers = 0
    const seen = { orders: 1, deliveries: 2 }
    const late: Pick<Downstream, 'ask'> = {
      ask: async () => {
        answers += 1
        const heard = { seq: 3, type: 'delivery.departed', at: '2027-01-01T00:00:00.000Z', status: 'in-flight', seen }
        return { ok: true, status: 200, headers: {}, body: { items: answers < 3 ? [] : [heard] } }
      },
    }
    const seqOf = createSeqs(late)

    const asked = await Promise.all([seqOf(orderId, 'deliveries', 2), seqOf(orderId, 'deliveries', 2)])

    expect([asked, answers]).toEqual([[3, 3], 3])
  })
})
