/** Orders and messages for tests: each builder takes only what its test is about. */
import { DronePosition } from '@fleet/contracts/drone-positions'
import { OrderId } from '@fleet/contracts/ids'
import { OrderReply } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import type { TopicRecord } from '@fleet/messaging/topic'

export const orderId = OrderId.parse('ord_1')
const atMs = 1_800_000_000_000

export const orderReply = (rest: object = {}): OrderReply =>
  OrderReply.parse({
    orderId,
    status: 'accepted',
    dropOff: { lat: 43.585, lon: 7.13 },
    parcel: { weightG: 500 },
    placedAt: '2027-01-15T08:00:00.000Z',
    estimatedHandOverAt: '2027-01-15T08:01:30.000Z',
    waitingFor: null,
    flight: null,
    handedOver: null,
    failedBecause: null,
    seen: { orders: 1, deliveries: 0 },
    ...rest,
  })

export const flightOf = (epoch = 1) => ({ epoch, itineraryId: `itn_${epoch}`, droneId: `drn_${epoch}` })
export const assignedTo = (epoch = 1) => ({ flight: { ...flightOf(epoch), baseId: 'bas_north' } })

const data: Record<string, (epoch: number) => object> = {
  'delivery.waiting': () => ({ orderId, waitingFor: 'no-idle-drone', sinceMs: atMs }),
  'delivery.assigned': (epoch) => ({
    orderId,
    ...flightOf(epoch),
    baseId: 'bas_north',
    estimatedHandOverAtMs: atMs + 90_000,
  }),
  'delivery.reassigned': (epoch) => ({
    orderId,
    ...flightOf(epoch),
    baseId: 'bas_north',
    estimatedHandOverAtMs: atMs + 190_000,
    reason: 'drone-silent',
  }),
  'delivery.departed': (epoch) => ({ orderId, ...flightOf(epoch), departedAtMs: atMs }),
  'delivery.handed-over': (epoch) => ({
    orderId,
    ...flightOf(epoch),
    place: { lat: 43.585, lon: 7.13 },
    heightM: 4,
    handedOverAtMs: atMs,
    permitRequestId: 'prq_1',
  }),
  'delivery.completed': (epoch) => ({ orderId, ...flightOf(epoch), ending: 'landed', completedAtMs: atMs }),
  'delivery.cancelled': () => ({ orderId, cancelledAtMs: atMs }),
  'delivery.cancel-refused': () => ({ orderId, reason: 'handed-over' }),
  'order.cancel-requested': () => ({ orderId }),
}

const record = (topic: string, key: string, value: unknown): TopicRecord => ({
  topic,
  partition: 0,
  offset: 0,
  appendedAtMs: atMs,
  key: Buffer.from(key),
  value: Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)),
  headers: {},
})

/** As it stands in the topic. */
export function said(type: string, seq: number, epoch = 1): TopicRecord {
  const envelope = { id: 'msg_1', type, version: 1, at: atMs, key: orderId, seq, correlationId: 'c', causationId: 'm' }
  const topic = type.startsWith('order.') ? topics.orders.name : topics.deliveries.name
  return record(topic, orderId, { ...envelope, data: data[type]?.(epoch) })
}

export const position = (rest: object = {}): DronePosition =>
  DronePosition.parse({
    droneId: 'drn_1',
    boot: 1,
    seq: 1,
    takenAtMs: atMs,
    lat: 43.5825,
    lon: 7.1275,
    altitudeM: 200,
    speedMps: 20,
    headingDeg: 40,
    batteryPct: 90,
    ...rest,
  })
export const flown = (one: DronePosition): TopicRecord => record(topics.dronePositions.name, one.droneId, one)
export const nonsense = (topic: string, key: string): TopicRecord => record(topic, key, '{"not": ')
