/** What a delivery does about each command: the rules of promise 2, whose reasons stand at the head of `delivery.ts`. */
import type { CancelRefusal, FailReason, ReassignReason, WaitingReason } from '@fleet/contracts/deliveries'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { DroneId, ItineraryId, OrderId, PermitRequestId } from '@fleet/contracts/ids'
import type { ItineraryMessage, PermitRefusal } from '@fleet/contracts/itineraries'
import type { Parcel } from '@fleet/contracts/orders'
import type { Refusal } from '@fleet/contracts/problems'
import type { Epoch, Place, UnixMs } from '@fleet/contracts/units'
import type { Assigned, Delivery, DeliveryEvent, Flight, Permit } from './delivery.ts'

type ReportOf<Type extends DroneReport['type']> = Extract<DroneReport, { type: Type }>['data']

export type DeliveryCommand =
  | { type: 'open'; orderId: OrderId; dropOff: Place; parcel: Parcel; placedAtMs: UnixMs; atMs: UnixMs }
  | { type: 'say-what-it-waits-for'; waitingFor: WaitingReason }
  | { type: 'order-flight'; itinerary: ItineraryAssigned; estimatedHandOverAtMs: UnixMs; atMs: UnixMs }
  | { type: 'give-up-waiting'; waitMsMax: number; atMs: UnixMs }
  | { type: 'cancel'; atMs: UnixMs }
  | { type: 'state-receipt'; came: boolean; atMs: UnixMs }
  | { type: 'run-permit-out'; permitRequestId: PermitRequestId }
  | { type: 'close-by-operator'; note: string; atMs: UnixMs }
  | { type: 'lose-drone'; droneId: DroneId; reason: 'drone-silent' | 'drone-grounded' | 'drone-revoked'; atMs: UnixMs }
  | { type: 'itinerary.refused'; report: ReportOf<'itinerary.refused'>; atMs: UnixMs }
  | { type: 'leg.started'; report: ReportOf<'leg.started'>; atMs: UnixMs }
  | { type: 'permit.requested'; report: ReportOf<'permit.requested'>; drone: DroneForPermit; atMs: UnixMs }
  | { type: 'parcel.handed-over'; report: ReportOf<'parcel.handed-over'>; atMs: UnixMs }
  | { type: 'parcel.kept'; report: ReportOf<'parcel.kept'>; atMs: UnixMs }
  | { type: 'parcel.unknown'; report: ReportOf<'parcel.unknown'>; atMs: UnixMs }
  | { type: 'landed'; report: ReportOf<'landed'>; atMs: UnixMs }

type ItineraryAssigned = Extract<ItineraryMessage, { type: 'itinerary.assigned' }>['data']
/** What a permit depends on besides this document; the caller compares the version of the drone's document too. */
export type DroneForPermit = { boot: number | null; grounded: boolean; revoked: boolean; permitMs: number }

/** A flight that keeps failing means something that more flights do not mend. */
export const flightsMax = 5

/** What `command` makes happen. A repetition, or what a past flight says, makes nothing happen. */
export function decide(delivery: Delivery, command: DeliveryCommand): readonly DeliveryEvent[] {
  switch (command.type) {
    case 'open': {
      const { type, atMs, ...job } = command
      return delivery.status === 'none' ? [{ type: 'delivery.opened', data: job }] : []
    }
    case 'say-what-it-waits-for':
      return sayWaiting(delivery, command.waitingFor)
    case 'order-flight':
      return orderFlight(delivery, command)
    case 'give-up-waiting':
      return delivery.status === 'waiting' && command.atMs - delivery.sinceMs >= command.waitMsMax
        ? [failed(delivery.orderId, 'no-drone-in-time', command.atMs)]
        : []
    case 'cancel':
      return cancel(delivery, command.atMs)
    case 'state-receipt':
      return delivery.status === 'undecided' && command.came ? [completed(delivery, 'drone-lost', command.atMs)] : []
    case 'run-permit-out':
      return permitOf(delivery)?.permitRequestId === command.permitRequestId
        ? [{ type: 'permit.ran-out', data: { permitRequestId: command.permitRequestId } }]
        : []
    case 'close-by-operator':
      return closeByOperator(delivery, command)
    case 'lose-drone':
      return loseDrone(delivery, command)
    case 'itinerary.refused':
      return isPresent(delivery, command.report) ? giveUpFlight(delivery, 'itinerary-refused', command.atMs) : []
    case 'leg.started':
      return depart(delivery, command)
    case 'permit.requested':
      return answerPermitRequest(delivery, command)
    case 'parcel.handed-over':
      return handOver(delivery, command.report)
    case 'parcel.kept':
      return keep(delivery, command)
    case 'parcel.unknown':
      return loseSight(delivery, command)
    case 'landed':
      return land(delivery, command)
  }
}

const permitOf = (delivery: Delivery): Permit | null =>
  delivery.status === 'assigned' || delivery.status === 'undecided' ? delivery.permit : null

/** Whether a report speaks of the flight that the order is on now. */
const isPresent = (
  delivery: Delivery,
  { itineraryId, epoch }: { itineraryId: ItineraryId; epoch: Epoch },
): delivery is Assigned =>
  delivery.status === 'assigned' && delivery.flight.itineraryId === itineraryId && delivery.flight.epoch === epoch

const isFlightOf = (
  delivery: Extract<Delivery, { flight: Flight }>,
  { itineraryId, epoch }: { itineraryId: ItineraryId; epoch: Epoch },
) => delivery.flight.itineraryId === itineraryId && delivery.flight.epoch === epoch

const flightData = ({ orderId, flight: { epoch, itineraryId, droneId } }: { orderId: OrderId; flight: Flight }) => ({
  orderId,
  epoch,
  itineraryId,
  droneId,
})

const failed = (orderId: OrderId, reason: FailReason, failedAtMs: UnixMs): DeliveryEvent => ({
  type: 'delivery.failed',
  data: { orderId, reason, failedAtMs },
})

const completed = (
  delivery: { orderId: OrderId; flight: Flight },
  ending: 'landed' | 'drone-lost',
  completedAtMs: UnixMs,
): DeliveryEvent => ({ type: 'delivery.completed', data: { ...flightData(delivery), ending, completedAtMs } })

const recalled = ({ orderId, flight }: { orderId: OrderId; flight: Flight }, reason: string): DeliveryEvent => ({
  type: 'itinerary.recalled',
  data: { itineraryId: flight.itineraryId, orderId, epoch: flight.epoch, droneId: flight.droneId, reason },
})

function sayWaiting(delivery: Delivery, waitingFor: WaitingReason): DeliveryEvent[] {
  if (delivery.status !== 'waiting' || delivery.waitingFor === waitingFor) return []
  return [{ type: 'delivery.waiting', data: { orderId: delivery.orderId, waitingFor, sinceMs: delivery.sinceMs } }]
}

function orderFlight(
  delivery: Delivery,
  { itinerary, estimatedHandOverAtMs }: Extract<DeliveryCommand, { type: 'order-flight' }>,
): DeliveryEvent[] {
  if (delivery.status !== 'waiting' || itinerary.epoch !== delivery.flights + 1) return []
  const assignment = {
    orderId: delivery.orderId,
    epoch: itinerary.epoch,
    itineraryId: itinerary.itineraryId,
    droneId: itinerary.droneId,
    baseId: itinerary.base.baseId,
    estimatedHandOverAtMs,
  }
  return [
    delivery.because === null
      ? { type: 'delivery.assigned', data: assignment }
      : { type: 'delivery.reassigned', data: { ...assignment, reason: delivery.because } },
    { type: 'itinerary.assigned', data: itinerary },
  ]
}

/** Ends a flight that has handed nothing over and never will. */
function giveUpFlight(
  delivery: Assigned | Extract<Delivery, { status: 'undecided' }>,
  reason: ReassignReason,
  atMs: UnixMs,
): DeliveryEvent[] {
  if (delivery.flight.epoch >= flightsMax) return [failed(delivery.orderId, 'too-many-attempts', atMs)]
  return [{ type: 'flight.given-up', data: { reason, atMs } }]
}

function cancel(delivery: Delivery, cancelledAtMs: UnixMs): DeliveryEvent[] {
  const refused = (orderId: OrderId, reason: CancelRefusal): DeliveryEvent[] => [
    { type: 'delivery.cancel-refused', data: { orderId, reason } },
  ]
  switch (delivery.status) {
    case 'none':
      return []
    case 'waiting':
      return [{ type: 'delivery.cancelled', data: { orderId: delivery.orderId, cancelledAtMs } }]
    case 'assigned':
      if (delivery.permit !== null) return refused(delivery.orderId, 'hand-over-under-way')
      return [
        { type: 'delivery.cancelled', data: { orderId: delivery.orderId, cancelledAtMs } },
        recalled(delivery, 'order cancelled'),
      ]
    case 'undecided':
      return refused(delivery.orderId, 'undecided')
    case 'handed-over':
      return refused(delivery.orderId, 'handed-over')
    case 'ended':
      return delivery.how === 'cancelled' ? [] : refused(delivery.orderId, 'ended')
  }
}

function loseDrone(
  delivery: Delivery,
  { droneId, reason, atMs }: Extract<DeliveryCommand, { type: 'lose-drone' }>,
): DeliveryEvent[] {
  if (delivery.status === 'handed-over' && delivery.flight.droneId === droneId)
    return [completed(delivery, 'drone-lost', atMs)]
  if (delivery.status !== 'assigned' || delivery.flight.droneId !== droneId) return []
  if (delivery.permit !== null) return [undecided(delivery, delivery.permit.permitRequestId, atMs)]
  return [...giveUpFlight(delivery, reason, atMs), recalled(delivery, reason)]
}

const undecided = (delivery: Assigned, permitRequestId: PermitRequestId, sinceMs: UnixMs): DeliveryEvent => ({
  type: 'delivery.undecided',
  data: { ...flightData(delivery), permitRequestId, sinceMs },
})

/** Why an operator may not close the delivery, or null where nothing speaks against it. */
export function whyNotClose(delivery: Delivery): Refusal | null {
  if (isClosedByOperator(delivery)) return null
  if (delivery.status !== 'undecided') {
    return { code: 'delivery.not-undecided', field: 'orderId', limit: 'undecided', value: delivery.status }
  }
  if (delivery.permit.time === 'ran-out') return null
  const detail = 'its drone may still hand the parcel over: try again when its time is over'
  return { code: 'delivery.permit-running', field: 'orderId', detail, value: delivery.permit.permitRequestId }
}

const isClosedByOperator = (delivery: Delivery): boolean =>
  delivery.status === 'ended' && delivery.failed === 'closed-by-operator'

function closeByOperator(
  delivery: Delivery,
  { note, atMs }: Extract<DeliveryCommand, { type: 'close-by-operator' }>,
): DeliveryEvent[] {
  if (delivery.status !== 'undecided' || whyNotClose(delivery) !== null) return []
  const { orderId } = delivery
  return [
    { type: 'delivery.failed', data: { orderId, reason: 'closed-by-operator', note, failedAtMs: atMs } },
    // Should its drone wake with the parcel aboard, it brings it home without asking.
    recalled(delivery, 'closed by an operator'),
  ]
}

function depart(
  delivery: Delivery,
  { report, atMs }: Extract<DeliveryCommand, { type: 'leg.started' }>,
): DeliveryEvent[] {
  if (report.leg === 'inbound' || !isPresent(delivery, report) || delivery.departed) return []
  return [{ type: 'delivery.departed', data: { ...flightData(delivery), departedAtMs: atMs } }]
}

function answerPermitRequest(
  delivery: Delivery,
  { report, drone }: Extract<DeliveryCommand, { type: 'permit.requested' }>,
): DeliveryEvent[] {
  const { permitRequestId, itineraryId, orderId, epoch, droneId, boot } = report
  const named = { permitRequestId, itineraryId, orderId, epoch, droneId, boot }
  const refusal = whyNoPermit(delivery, report, drone)
  if (refusal === null) return [{ type: 'permit.granted', data: { ...named, permitMs: drone.permitMs } }]
  const refused: DeliveryEvent = { type: 'permit.refused', data: { ...named, reason: refusal } }
  // A drone that asks again has given up the permit that it had.
  const givesUp = refusal !== 'boot.stale' && isPresent(delivery, report) && delivery.permit !== null
  return givesUp ? [{ type: 'permit.settled-unused', data: {} }, refused] : [refused]
}

function whyNoPermit(
  delivery: Delivery,
  report: ReportOf<'permit.requested'>,
  drone: DroneForPermit,
): PermitRefusal | null {
  if (delivery.status === 'ended') return delivery.how === 'cancelled' ? 'order.cancelled' : 'order.ended'
  if (delivery.status === 'handed-over') return 'order.ended'
  if (!isPresent(delivery, report)) return 'assignment.stale'
  if (drone.grounded || drone.revoked) return 'drone.grounded'
  if (drone.boot !== null && report.boot < drone.boot) return 'boot.stale'
  return null
}

const late = (report: string, status: string): DeliveryEvent => ({ type: 'report.came-late', data: { report, status } })

function handOver(delivery: Delivery, report: ReportOf<'parcel.handed-over'>): DeliveryEvent[] {
  const { place, heightM, handedOverAtMs, permitRequestId } = report
  switch (delivery.status) {
    case 'assigned':
    case 'undecided':
      if (!isFlightOf(delivery, report)) return [late('parcel.handed-over', delivery.status)]
      return [
        {
          type: 'delivery.handed-over',
          data: { ...flightData(delivery), place, heightM, handedOverAtMs, permitRequestId },
        },
      ]
    case 'handed-over':
      return isFlightOf(delivery, report) ? [] : [late('parcel.handed-over', delivery.status)]
    case 'none':
    case 'waiting':
    case 'ended':
      return [late('parcel.handed-over', delivery.status)]
  }
}

function keep(
  delivery: Delivery,
  { report, atMs }: Extract<DeliveryCommand, { type: 'parcel.kept' }>,
): DeliveryEvent[] {
  if (delivery.status !== 'assigned' && delivery.status !== 'undecided') return []
  return isFlightOf(delivery, report) ? giveUpFlight(delivery, 'parcel-kept', atMs) : []
}

function loseSight(
  delivery: Delivery,
  { report, atMs }: Extract<DeliveryCommand, { type: 'parcel.unknown' }>,
): DeliveryEvent[] {
  return isPresent(delivery, report) && delivery.permit !== null
    ? [undecided(delivery, report.permitRequestId, atMs)]
    : []
}

/** Back at the base, the parcel can be looked at: aboard, it was not handed over. Not aboard proves no place. */
function land(delivery: Delivery, { report, atMs }: Extract<DeliveryCommand, { type: 'landed' }>): DeliveryEvent[] {
  if (report.itinerary === null) return []
  if (delivery.status === 'handed-over' && isFlightOf(delivery, report.itinerary))
    return [completed(delivery, 'landed', atMs)]
  if (delivery.status !== 'assigned' && delivery.status !== 'undecided') return []
  if (!isFlightOf(delivery, report.itinerary)) return []
  if (report.parcelAboard) return giveUpFlight(delivery, 'parcel-kept', atMs)
  if (delivery.status === 'undecided') return []
  // Without a permit it was handed over to nobody, whatever became of it.
  if (delivery.permit === null) return giveUpFlight(delivery, 'parcel-kept', atMs)
  return [undecided(delivery, delivery.permit.permitRequestId, atMs)]
}
