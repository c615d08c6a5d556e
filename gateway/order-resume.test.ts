import type { StreamEvent } from '@fleet/runtime/http'
import { describe, expect, it } from '@jest/globals'
import type { Ask, Downstream } from './downstream.ts'
import { eventsSince, numbered } from './order-resume.ts'
import { customer } from './testing/doubles.ts'

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

  it("numbers the order's events by its seq, and nothing else", async () => {
    let version = 4
    async function* told(): AsyncGenerator<StreamEvent> {
      yield { event: 'order', data: {} }
      yield { event: 'delivery.departed', data: {} }
      yield { event: 'position', data: {} }
      version = 9
      yield { event: 'order', data: {} }
      yield { event: 'end', data: {} }
    }
    const ids: (string | undefined)[] = []

    for await (const { id } of numbered(told(), () => version)) ids.push(id)

    expect(ids).toEqual(['4', '5', undefined, '9', undefined])
  })
})
