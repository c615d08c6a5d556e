import type { DeliveryHistoryReply, DroneHistoryReply } from '@fleet/contracts/flight-record'
import { OrderRecordReply } from '@fleet/contracts/flight-record'
import type { OrderHistoryReply } from '@fleet/contracts/front-door'
import { CommandId, DroneId } from '@fleet/contracts/ids'
import { json, problem } from '@fleet/runtime/http'
import { describe, expect, it } from '@jest/globals'
import type { Answer, Ask, Downstream } from './downstream.ts'
import { orderRecordRoute } from './order-record.ts'
import { customer, operator } from './testing/doubles.ts'
import { orderId, orderReply } from './testing/examples.ts'

const droneId = DroneId.parse('drn_1')
const at = (second: number) => new Date(1_700_000_000_000 + second * 1_000).toISOString()
const ordersHistory: OrderHistoryReply = {
  items: [{ seq: 1, type: 'order.accepted', at: at(0), status: 'accepted' }],
}
const flight = { epoch: 1, itineraryId: 'itn_1', droneId, baseId: 'bas_home' }
const deliveries = {
  flights: [{ ...flight, from: at(1), until: at(100), estimatedHandOverAt: at(60), parcel: 'handed-over' }],
  items: [
    { at: at(1), from: 'service', type: 'delivery.assigned', data: { ...flight, orderId } },
    { at: at(100), from: 'drone', type: 'landed', data: { droneId, itinerary: flight, parcelAboard: false } },
  ],
} satisfies Record<keyof DeliveryHistoryReply, unknown>
const evidence = { rule: 'silent', readings: { silentMs: 5_000 }, thresholds: { silentMs: 4_200 } }
const commandId = CommandId.parse('cmd_1')
const health: DroneHistoryReply = {
  health: [{ at: at(20), from: 'unresponsive', to: 'rebooting', evidence, orders: commandId }],
  commands: [
    {
      commandId,
      kind: 'reboot',
      issuedBy: 'drone-health',
      reason: null,
      steps: [
        { status: 'sent', at: at(20) },
        { status: 'acknowledged', at: at(21) },
      ],
    },
  ],
  truncated: false,
}
const track = {
  type: 'Feature',
  geometry: { type: 'LineString', coordinates: Array.from({ length: 90 }, (_, i) => [7, 43.6, 150 + i]) },
  properties: { droneId, times: Array.from({ length: 90 }, (_, i) => at(5 + i)), truncated: false },
}

/** Services that answer by path; a path that is not named does not answer. */
function service(answers: Record<string, unknown>) {
  const asked: string[] = []
  const ask = async ({ path }: Ask): Promise<Answer> => {
    asked.push(path)
    const body = answers[path.split('?')[0] ?? '']
    if (body !== undefined) return { ok: true, status: 200, headers: {}, body }
    return { ok: false, refusal: { code: 'service.unavailable', field: 'service' } }
  }
  const forward: Downstream['forward'] = async (request) => {
    const answer = await ask(request)
    return answer.ok ? json(answer.status, answer.body) : problem(answer.refusal)
  }
  return { ask, forward, asked }
}

const all = () => ({
  order: service({ [`/v1/orders/${orderId}`]: orderReply(), [`/v1/orders/${orderId}/history`]: ordersHistory }),
  itinerary: service({ [`/v1/deliveries/${orderId}/history`]: deliveries }),
  droneHealth: service({ [`/v1/drones/${droneId}/history`]: health }),
  position: service({ [`/v1/drones/${droneId}/track`]: track }),
})

async function recordOf(services: ReturnType<typeof all>, positions = 30) {
  const reply = await orderRecordRoute(services).handle(
    { params: { id: orderId }, query: { positions } },
    {
      caller: operator,
      correlationId: 'c',
      address: '127.0.0.1',
      header: () => undefined,
      signal: new AbortController().signal,
    },
  )
  if (reply.kind !== 'json') throw new Error(reply.kind)
  return { status: reply.status, body: reply.body }
}

describe('the flight record', () => {
  it('has order, flights with epochs, positions, health, commands and acknowledgements on one time line', async () => {
    const { status, body } = await recordOf(all())
    const { timeline, flights, missing } = OrderRecordReply.parse(body)

    expect(status).toBe(200)
    expect(missing).toEqual([])
    expect(flights).toMatchObject([{ epoch: 1, droneId, parcel: 'handed-over', positions: { shown: 30, of: 90 } }])
    const told = timeline.filter(({ source }) => source !== 'position').map(({ source, what }) => `${source} ${what}`)
    expect(told).toEqual([
      'order order.accepted',
      'delivery delivery.assigned',
      'health rebooting',
      'command reboot sent',
      'command reboot acknowledged',
      'drone landed',
    ])
    expect(timeline.map((entry) => Date.parse(entry.at))).toEqual(
      timeline.map((entry) => Date.parse(entry.at)).toSorted((a, b) => a - b),
    )
    expect(timeline.at(-1)).toMatchObject({ what: 'landed', epoch: 1, droneId })
  })

  it('asks for the time of the flight alone, and for no positions where none are wanted', async () => {
    const services = all()
    const { body } = await recordOf(services, 0)

    expect(OrderRecordReply.parse(body).flights[0]?.positions).toBeNull()
    expect(services.position.asked).toEqual([])
    const [question] = services.droneHealth.asked
    expect(new URL(`http://service${question}`).searchParams.get('to')).toBe(at(100))
  })

  it('says what is missing where a service does not answer, and tells the rest', async () => {
    const { status, body } = await recordOf({ ...all(), position: service({}), droneHealth: service({}) })
    const { timeline, missing } = OrderRecordReply.parse(body)

    expect(status).toBe(200)
    expect(missing.toSorted()).toEqual([
      `health of ${droneId}: service.unavailable`,
      `positions of ${droneId}: service.unavailable`,
    ])
    expect(timeline.map(({ what }) => what)).toEqual(['order.accepted', 'delivery.assigned', 'landed'])
  })

  it("is the operators' alone: it names drones, their faults and what they were ordered", () => {
    const { allow } = orderRecordRoute(all())

    expect(allow).toContain(operator.role)
    expect(allow).not.toContain(customer.role)
  })
})
