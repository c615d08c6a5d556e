/** Orders, commands and news for tests: each builder takes only what its test is about. */
import { type Base, Base as BaseSchema } from '@fleet/contracts/airspace'
import { BaseId, CustomerId, DroneId, ItineraryId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import { type AskedBy, decide, type OrderCommand } from '../decide.ts'
import { type DeliveryNews, evolve, type Order } from '../order.ts'

export const orderId = OrderId.parse('ord_example')
export const anna = CustomerId.parse('cus_anna')
export const ben = CustomerId.parse('cus_ben')
export const atMs = UnixMs.parse(1_800_000_000_000)
export const later = (ms: number) => UnixMs.parse(atMs + ms)
export const byAnna: AskedBy = { customerId: anna }

type PlaceCommand = Extract<OrderCommand, { type: 'order.place' }>
export const place = (rest: Partial<PlaceCommand> = {}): PlaceCommand => ({
  type: 'order.place',
  orderId,
  customerId: anna,
  dropOff: { lat: 43.585, lon: 7.13 },
  parcel: { weightG: 500 },
  bodyHash: 'a',
  reach: { ok: true, estimatedHandOverAtMs: later(90_000) },
  atMs,
  ...rest,
})
export const cancel = (by: AskedBy = byAnna): OrderCommand => ({ type: 'order.cancel', by })
export const stateReceipt = (came: boolean, by: AskedBy = byAnna): OrderCommand => ({
  type: 'order.state-receipt',
  by,
  came,
})

export const flight = (epoch: number) => ({
  orderId,
  epoch: Epoch.parse(epoch),
  itineraryId: ItineraryId.parse(`itn_${epoch}`),
  droneId: DroneId.parse(`drn_${epoch}`),
})
const assignment = (epoch: number) => ({
  ...flight(epoch),
  baseId: BaseId.parse('bas_north'),
  estimatedHandOverAtMs: later(epoch * 100_000),
})
const permitRequestId = PermitRequestId.parse('prq_1')

/** What the itinerary service says, by the last word of its type. */
export const news = {
  waiting: (): DeliveryNews => ({
    type: 'delivery.waiting',
    data: { orderId, waitingFor: 'no-idle-drone', sinceMs: atMs },
  }),
  assigned: (epoch = 1): DeliveryNews => ({ type: 'delivery.assigned', data: assignment(epoch) }),
  reassigned: (epoch = 2): DeliveryNews => ({
    type: 'delivery.reassigned',
    data: { ...assignment(epoch), reason: 'drone-silent' },
  }),
  departed: (epoch = 1): DeliveryNews => ({
    type: 'delivery.departed',
    data: { ...flight(epoch), departedAtMs: later(5_000) },
  }),
  handedOver: (epoch = 1): DeliveryNews => ({
    type: 'delivery.handed-over',
    data: {
      ...flight(epoch),
      place: { lat: 43.585, lon: 7.13 },
      heightM: 4,
      handedOverAtMs: later(90_000),
      permitRequestId,
    },
  }),
  undecided: (epoch = 1): DeliveryNews => ({
    type: 'delivery.undecided',
    data: { ...flight(epoch), permitRequestId, sinceMs: later(95_000) },
  }),
  completed: (epoch = 1): DeliveryNews => ({
    type: 'delivery.completed',
    data: { ...flight(epoch), ending: 'landed', completedAtMs: later(180_000) },
  }),
  cancelled: (): DeliveryNews => ({ type: 'delivery.cancelled', data: { orderId, cancelledAtMs: later(10_000) } }),
  cancelRefused: (): DeliveryNews => ({
    type: 'delivery.cancel-refused',
    data: { orderId, reason: 'hand-over-under-way' },
  }),
  failed: (): DeliveryNews => ({
    type: 'delivery.failed',
    data: { orderId, reason: 'no-drone-in-time', failedAtMs: later(1_800_000) },
  }),
}

/** Decides and applies; refusals change nothing. */
export function step(order: Order, command: OrderCommand): Order {
  const decision = decide(order, command)
  return decision.ok ? decision.events.reduce(evolve, order) : order
}
export const after = (...commands: OrderCommand[]): Order => commands.reduce<Order>(step, { status: 'none' })

export const base = (rest: Partial<Base> = {}): Base =>
  BaseSchema.parse({
    baseId: 'bas_north',
    name: 'North',
    place: { lat: 43.58, lon: 7.125 },
    rangeM: 8_000,
    payloadGMax: 2_500,
    ...rest,
  })
