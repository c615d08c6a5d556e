/**
 * Letting go of a parcel, at most once, and only by right (promise 2).
 *
 * The problem: a drone that was given up may wake and still mean to deliver, after another drone was sent with the same
 * order. So it lets go only with a permit: the itinerary service's word that this epoch, and no later one, may deliver.
 *
 * The idea: a permit answers one question of one boot, and runs for a fixed time from the moment that the question was
 * made, by the drone's own monotonic clock. The service counts the same time from when it stored the permit, which is later;
 * so when the service's time is over, the drone's is too, and what has not been let go never will be under that permit.
 *
 * The steps:   ask → (granted) → begun → let go → ended.
 * - ask: a new request, remembered with its boot; an answer to any older one is dead.
 * - begun: written to the non-volatile store *before* letting go. A drone that wakes here cannot know whether the hook opened,
 *   and says so (`parcel.unknown`) rather than guess.
 * - let go: looks at the clock once more, after the store has the memory, since storing takes time and the process may have been
 *   paused in it. A permit that has run out sends it back to asking.
 * - ended: the flight is inbound, and nothing that arrives now can move the parcel.
 */
import { droneModel } from '@fleet/contracts/drone-model'
import type { ItineraryMessage } from '@fleet/contracts/itineraries'
import { distanceM } from '@fleet/geo/distance'
import { type Awake, type Instant, type Outcome, outcome, type Sensed } from './computer.ts'
import { type Flight, flightIds, keepParcel, type Memory, nextRequestId, type Outbound, report } from './memory.ts'
import { hoverM, isHoveringAt } from './physics.ts'

/** It may ask this long before it arrives. World milliseconds. */
const askAheadMs = 15_000

type Granted = Extract<ItineraryMessage, { type: 'permit.granted' }>
type Refused = Extract<ItineraryMessage, { type: 'permit.refused' }>

/** One look at a flight on its way out: hovers, asks, begins the hand-over, or gives up after the longest hover. */
export function approach({ memory, computer }: Awake, flight: Outbound, at: Instant, sensed: Sensed): Outcome {
  if (flight.begun !== null) return outcome(memory, computer)
  const { itinerary } = flight
  const arrived = isHoveringAt(sensed, itinerary.dropOff, droneModel.handOverHeightM)
  if (!arrived && arrivesInMs(sensed, flight) > askAheadMs) return outcome(memory, computer)

  const hoveringSinceMs = arrived ? (computer.hoveringSinceMs ?? at.elapsedMs) : null
  const hoveredMs = flight.hoveredMs + (hoveringSinceMs === null ? 0 : at.elapsedMs - hoveringSinceMs)
  const here = { ...computer, hoveringSinceMs }
  if (hoveredMs > itinerary.hoverMsMax) {
    return outcome(turnHome(memory, flight, 'no-permit-in-time', at, sensed), here)
  }
  if (isLive(here, flight, at)) {
    if (!arrived) return outcome(memory, here)
    const begun = { permitRequestId: here.permit.permitRequestId }
    return outcome({ ...memory, flight: { ...flight, begun } }, here, { type: 'look-again' })
  }
  const waits =
    here.permit === null &&
    flight.request?.boot === memory.boot &&
    here.requestedAtMs !== null &&
    at.elapsedMs - here.requestedAtMs < droneModel.permitAskAgainMs
  return waits ? outcome(memory, here) : ask({ memory, computer: here }, { ...flight, hoveredMs }, at, sensed)
}

/** A permit counts only for the open request of this boot and flight, and while it runs. */
export function permitGranted({ memory, computer }: Awake, { data }: Granted, at: Instant): Outcome {
  const { flight } = memory
  if (flight === null || !answersOpenRequest(memory, flight, data)) return outcome(memory, computer)
  if (computer.requestedAtMs === null) return outcome(memory, computer)
  const runsOutAtMs = computer.requestedAtMs + data.permitMs
  if (at.elapsedMs >= runsOutAtMs) return outcome(memory, computer)
  return outcome(memory, { ...computer, permit: { permitRequestId: data.permitRequestId, runsOutAtMs } })
}

/** A refusal of the open request turns the drone home; one of an older request says nothing. */
export function permitRefused({ memory, computer }: Awake, { data }: Refused, at: Instant, sensed: Sensed): Outcome {
  const { flight } = memory
  if (flight?.leg !== 'outbound' || flight.begun !== null || !answersOpenRequest(memory, flight, data)) {
    return outcome(memory, computer)
  }
  return outcome(turnHome(memory, flight, 'permit-refused', at, sensed), { ...computer, permit: null })
}

/** The last look before the hook opens: "begun" is stored, and `at` is this very moment. */
export function lookAgain({ memory, computer }: Awake, at: Instant): Outcome {
  const { flight } = memory
  if (flight?.leg !== 'outbound' || flight.begun === null || computer.lettingGo) return outcome(memory, computer)
  if (isLive(computer, flight, at) && !computer.held) {
    return outcome(memory, { ...computer, lettingGo: true }, { type: 'let-go', ...flight.begun })
  }
  const askAnew: Outbound = { ...flight, begun: null, request: null }
  return outcome({ ...memory, flight: askAnew }, { ...computer, permit: null, requestedAtMs: null })
}

/** The hook is open and the parcel gone: ended. */
export function released({ memory, computer }: Awake, at: Instant, sensed: Sensed): Outcome {
  const { flight } = memory
  if (flight?.leg !== 'outbound' || flight.begun === null) return outcome(memory, computer)
  const { itinerary, cause } = flight
  const ended: Memory = { ...memory, flight: { leg: 'inbound', itinerary, cause, parcel: 'handed-over' } }
  const data = {
    droneId: memory.droneId,
    boot: memory.boot,
    ...flightIds(flight),
    ...flight.begun,
    place: sensed.place,
    heightM: sensed.heightM,
    handedOverAtMs: at.worldMs,
  }
  const told = report(ended, { type: 'parcel.handed-over', data }, { atMs: at.worldMs, cause })
  const computerAfter = { ...computer, permit: null, requestedAtMs: null, lettingGo: false, hoveringSinceMs: null }
  return outcome(startLeg(told, 'inbound', at, sensed), computerAfter)
}

/** Woken between begun and ended: nobody knows whether the hook opened, and the drone says so and flies home. */
export function wokenInHandOver(memory: Memory, flight: Outbound, at: Instant, sensed: Sensed): Memory {
  if (flight.begun === null) return memory
  const { itinerary, cause } = flight
  const data = {
    droneId: memory.droneId,
    boot: memory.boot,
    ...flightIds(flight),
    ...flight.begun,
    place: sensed.place,
  }
  const ended: Memory = { ...memory, flight: { leg: 'inbound', itinerary, cause, parcel: 'unknown' } }
  const told = report(ended, { type: 'parcel.unknown', data }, { atMs: at.worldMs, cause })
  return startLeg(told, 'inbound', at, sensed)
}

/** Gives the delivery up: says why, and starts home where it is in the air. */
export function turnHome(
  memory: Memory,
  flight: Outbound,
  reason: Parameters<typeof keepParcel>[2],
  at: Instant,
  sensed: Sensed,
): Memory {
  const kept = keepParcel(memory, flight, reason, at.worldMs)
  return sensed.onGround ? kept : startLeg(kept, 'inbound', at, sensed)
}

/** Says that the flight in memory starts a leg. */
export function startLeg(memory: Memory, leg: Flight['leg'], at: Instant, { place, batteryPct }: Sensed): Memory {
  if (memory.flight === null) return memory
  const data = { droneId: memory.droneId, boot: memory.boot, ...flightIds(memory.flight), leg, place, batteryPct }
  return report(memory, { type: 'leg.started', data }, { atMs: at.worldMs, cause: memory.flight.cause })
}

function ask({ memory, computer }: Awake, flight: Outbound, at: Instant, sensed: Sensed): Outcome {
  const permitRequestId = nextRequestId(memory)
  const asking: Memory = { ...memory, flight: { ...flight, request: { permitRequestId, boot: memory.boot } } }
  const { place, heightM } = sensed
  const data = { droneId: memory.droneId, boot: memory.boot, ...flightIds(flight), permitRequestId, place, heightM }
  const told = report(asking, { type: 'permit.requested', data }, { atMs: at.worldMs, cause: flight.cause })
  // What it has hovered so far went into the store with the request: the limit outlives a reboot.
  const hoveringSinceMs = computer.hoveringSinceMs === null ? null : at.elapsedMs
  return outcome(told, { ...computer, permit: null, requestedAtMs: at.elapsedMs, hoveringSinceMs })
}

function answersOpenRequest(memory: Memory, flight: Flight, answer: Granted['data'] | Refused['data']): boolean {
  return (
    flight.leg === 'outbound' &&
    flight.request?.permitRequestId === answer.permitRequestId &&
    flight.request.boot === memory.boot &&
    answer.boot === memory.boot &&
    answer.itineraryId === flight.itinerary.itineraryId &&
    answer.epoch === flight.itinerary.epoch
  )
}

/** Whether the computer holds a permit for the flight's open request that has not run out. */
function isLive<C extends Awake['computer']>(
  computer: C,
  flight: Outbound,
  at: Instant,
): computer is C & { permit: NonNullable<C['permit']> } {
  const { permit } = computer
  return (
    permit !== null && permit.permitRequestId === flight.request?.permitRequestId && at.elapsedMs < permit.runsOutAtMs
  )
}

/** World milliseconds of the descent that is left; without end while it is not yet above the drop point. */
function arrivesInMs({ place, heightM, speedMps }: Sensed, { itinerary }: Outbound): number {
  if (speedMps > 0.5 || distanceM(place, itinerary.dropOff) > hoverM) return Number.POSITIVE_INFINITY
  return ((heightM - droneModel.handOverHeightM) / droneModel.descentSpeedMps) * 1_000
}
