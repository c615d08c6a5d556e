import { describe, expect, it } from '@jest/globals'
import { createStory } from './order-story.ts'

const flight = { epoch: 1, itineraryId: 'itn_1', droneId: 'drn_1', baseId: 'bas_a' }
const order = (status: string, rest: object = {}) => ({
  event: 'order',
  data: {
    orderId: 'ord_1',
    status,
    dropOff: { lat: 43.62, lon: 7.06 },
    parcel: { weightG: 500 },
    placedAt: '2026-01-01T00:00:00Z',
    estimatedHandOverAt: null,
    waitingFor: null,
    flight: null,
    handedOver: null,
    failedBecause: null,
    seen: { orders: 1, deliveries: 0 },
    ...rest,
  },
})
const position = (progressPct: number) => ({
  event: 'position',
  data: { droneId: 'drn_1', progressPct, toDropOffM: 1000 - 10 * progressPct, altitudeM: 80, batteryPct: 90 },
})

function told(...events: { event: string; data: unknown }[]) {
  const lines: string[] = []
  const story = createStory((line) => lines.push(line))
  for (const event of events) story.hear(event)
  return { lines, story }
}

describe('the story of an order', () => {
  it('tells each state once, whether a message or the whole order says it, and is over when the order is closed', () => {
    const { flight: _, ...assigned } = { flight, status: 'assigned', ...flight }

    const { lines, story } = told(
      order('accepted'),
      { event: 'delivery.assigned', data: assigned },
      order('assigned', { flight }),
      order('closed', { flight }),
    )

    expect(lines).toEqual(['accepted', 'assigned: drone drn_1 from bas_a', 'closed: the flight has ended'])
    expect(story.ended()).toBe(true)
  })

  it('tells the way in steps of ten percent', () => {
    const { lines } = told(order('in-flight', { flight }), position(3), position(12), position(14))

    expect(lines.slice(1)).toEqual(['  10 % of the way: 880 m to go, 80 m above sea, battery 90 %'])
  })

  it('passes over what it does not know', () => {
    expect(told({ event: 'heartbeat', data: {} }, { event: 'end', data: { because: 'closed' } }).lines).toEqual([])
  })
})
