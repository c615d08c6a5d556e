/**
 * The drone's computer: `step` says what one input makes it remember and do. Pure: no clock, chance or device, so that the very
 * code that flies can be searched for wrong runs. Begin here; the hand-over is in hand-over.ts, commands are in commands.ts.
 *
 * The world around it must keep one rule: it stores an outcome's memory before it performs an outcome's acts.
 */
import type { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import { droneModel } from '@fleet/contracts/drone-model'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { ItineraryRefusal } from '@fleet/contracts/drone-reports'
import type { Itinerary, ItineraryMessage } from '@fleet/contracts/itineraries'
import { distanceM } from '@fleet/geo/distance'
import { batteryHomePct, planFlight } from '@fleet/geo/flight-plan'
import { finishCommand, takeCommand } from './commands.ts'
import { type Awake, booted, type Drone, type Instant, type Outcome, outcome, type Sensed } from './computer.ts'
import {
  approach,
  lookAgain,
  permitGranted,
  permitRefused,
  released,
  startLeg,
  turnHome,
  wokenInHandOver,
} from './hand-over.ts'
import { type Cause, endFlight, flightIds, type Memory, positionSeqStep, report } from './memory.ts'
import type { Course } from './physics.ts'

export type Input = { readonly at: Instant; readonly sensed: Sensed } & (
  | { readonly type: 'wake' }
  | { readonly type: 'tick' }
  /** A position is due. */
  | { readonly type: 'sample' }
  | { readonly type: 'itinerary-message'; readonly message: ItineraryMessage }
  | { readonly type: 'command'; readonly message: DroneCommandMessage; readonly absentAtMs: number | null }
  /** Follows the act `look-again`. */
  | { readonly type: 'look-again' }
  /** Follows the act `let-go`: the parcel is gone. */
  | { readonly type: 'released' }
)

/** Ground altitude of the simulated, flat country, above mean sea level. */
const groundAltitudeM = 150
/** The plan's figures carry a margin; so much of it may be gone when the drone looks, moments after dispatch did. */
const batterySlackPct = 1

/** What `input` makes the drone remember and do. A dark computer knows only to wake. */
export function step(drone: Drone, input: Input): Outcome {
  const { memory, computer } = drone
  if (input.type === 'wake') return wake(memory, input.at, input.sensed)
  if (computer === null) return outcome(memory, computer)
  const awake = { memory, computer }
  switch (input.type) {
    case 'tick':
      return tick(awake, input.at, input.sensed)
    case 'sample':
      return sample(awake, input.at, input.sensed)
    case 'itinerary-message':
      return hear(awake, input.message, input.at, input.sensed)
    case 'command':
      if (input.message.seq <= memory.heard.commands) return outcome(memory, computer)
      return takeCommand(awake, input.message, input)
    case 'look-again':
      return lookAgain(awake, input.at)
    case 'released':
      return released(awake, input.at, input.sensed)
  }
}

/** A broker has the reports up to `seqMax`: they need not be kept. Needs no computer and no storing: a copy is dropped by its `seq`. */
export function reportsAccepted(drone: Drone, seqMax: number): Drone {
  const outbox = drone.memory.outbox.filter(({ seq }) => seq > seqMax)
  return { ...drone, memory: { ...drone.memory, outbox } }
}

/** Where the flight controller is to fly. A dark computer leaves it where it is. */
export function courseOf({ memory, computer }: Drone, sensed: Pick<Sensed, 'onGround'>): Course {
  if (computer === null || computer.held) return { kind: 'stay' }
  const { flight, diversion, base } = memory
  if (flight === null && diversion === null && sensed.onGround) return { kind: 'stay' }
  const cruiseHeightM = flight?.itinerary.cruiseHeightM ?? droneModel.cruiseHeightM
  const cruiseSpeedMps = flight?.itinerary.cruiseSpeedMps ?? droneModel.cruiseSpeedMps
  const fly = { kind: 'fly', cruiseHeightM, cruiseSpeedMps } as const
  if (flight?.leg === 'outbound') {
    return { ...fly, to: flight.itinerary.dropOff, endHeightM: droneModel.handOverHeightM }
  }
  return { ...fly, to: diversion?.kind === 'land' ? diversion.at : base, endHeightM: 0 }
}

function wake(before: Memory, at: Instant, sensed: Sensed): Outcome {
  const boot = before.boot + 1
  const { droneId, flight } = before
  const { place, batteryPct, onGround } = sensed
  const data = {
    droneId,
    boot,
    before: before.boot === 0 ? null : { boot: before.boot, positionSeqMax: before.positionSeqCeiling },
    place,
    batteryPct,
    landed: onGround,
    itinerary: flight === null ? null : flightIds(flight),
  }
  const powerOn: Cause = { correlationId: `boot${boot}-${droneId}`, causationId: 'power-on' }
  const { lastCommand } = before
  const commanded = lastCommand?.type === 'reboot' && lastCommand.outcome === null
  const cause = commanded ? lastCommand.cause : (flight?.cause ?? powerOn)
  let memory = report({ ...before, boot, positionSeqCeiling: 0 }, { type: 'booted', data }, { atMs: at.worldMs, cause })
  const computer = booted(at.elapsedMs)
  if (commanded) memory = finishCommand({ memory, computer }, at, 'succeeded')

  if (flight?.leg === 'outbound' && flight.begun !== null) {
    return outcome(wokenInHandOver(memory, flight, at, sensed), computer)
  }
  // It may have gone dark between accepting and loading; loading what is loaded changes nothing.
  if (flight?.leg === 'outbound' && onGround) {
    return outcome(memory, computer, { type: 'load-parcel', itinerary: flight.itinerary })
  }
  return outcome(memory, computer)
}

function hear(awake: Awake, message: ItineraryMessage, at: Instant, sensed: Sensed): Outcome {
  const { memory, computer } = awake
  if (message.seq <= memory.heard.itineraries) return outcome(memory, computer)
  const heard: Memory = { ...memory, heard: { ...memory.heard, itineraries: message.seq } }
  const drone = { memory: heard, computer }
  switch (message.type) {
    case 'itinerary.assigned': {
      const cause = { correlationId: message.correlationId, causationId: message.id }
      return assigned(drone, message.data, cause, at, sensed)
    }
    case 'itinerary.recalled': {
      const { flight } = heard
      // What has begun or ended is not taken back; what it never had is not here to be taken back.
      if (flight?.leg !== 'outbound' || flight.begun !== null) return outcome(heard, computer)
      if (flight.itinerary.itineraryId !== message.data.itineraryId) return outcome(heard, computer)
      return outcome(turnHome(heard, flight, 'recalled', at, sensed), { ...computer, permit: null })
    }
    case 'permit.granted':
      return permitGranted(drone, message, at)
    case 'permit.refused':
      return permitRefused(drone, message, at, sensed)
  }
}

function assigned(
  { memory, computer }: Awake,
  itinerary: Itinerary,
  cause: Cause,
  at: Instant,
  sensed: Sensed,
): Outcome {
  if (memory.flight?.itinerary.itineraryId === itinerary.itineraryId) return outcome(memory, computer)
  const { itineraryId, orderId, epoch } = itinerary
  const data = { droneId: memory.droneId, boot: memory.boot, itineraryId, orderId, epoch }
  const told = { atMs: at.worldMs, cause }
  const reason = whyNot({ memory, computer }, itinerary, sensed)
  if (reason !== null) {
    return outcome(report(memory, { type: 'itinerary.refused', data: { ...data, reason } }, told), computer)
  }
  const flight = { leg: 'outbound', itinerary, cause, request: null, begun: null, hoveredMs: 0 } as const
  const accepted = report({ ...memory, flight }, { type: 'itinerary.accepted', data }, told)
  return outcome(startLeg(accepted, 'outbound', at, sensed), computer, { type: 'load-parcel', itinerary })
}

/** Why the drone cannot fly an itinerary, or null where it can. */
function whyNot({ memory, computer }: Awake, itinerary: Itinerary, sensed: Sensed): ItineraryRefusal | null {
  const { orderId, itineraryId, epoch, base, dropOff, parcel } = itinerary
  const known = memory.flight === null ? memory.flown : [...memory.flown, flightIds(memory.flight)]
  const stale = known.some((one) => one.itineraryId === itineraryId || (one.orderId === orderId && one.epoch >= epoch))
  if (stale) return 'stale'
  if (memory.flight !== null || memory.diversion !== null || !sensed.onGround || sensed.parcelAboard) return 'busy'
  if (computer.held || distanceM(sensed.place, base.place) > droneModel.atBaseM) return 'not-airworthy'
  if (parcel.weightG > droneModel.payloadGMax) return 'parcel-too-heavy'
  const { cruiseHeightM, cruiseSpeedMps, hoverMsMax } = itinerary
  const figures = { ...droneModel, cruiseHeightM, cruiseSpeedMps, hoverMsMax }
  const trip = { distanceM: distanceM(sensed.place, dropOff), weightG: parcel.weightG }
  return sensed.batteryPct < planFlight(figures, trip).batteryNeededPct - batterySlackPct ? 'battery-low' : null
}

function tick({ memory, computer }: Awake, at: Instant, sensed: Sensed): Outcome {
  const { flight, diversion } = memory
  const lowInTheAir = !sensed.onGround && cannotStay(memory, sensed)
  const free = lowInTheAir && computer.held ? { ...computer, held: false } : computer
  if (flight?.leg === 'outbound') {
    if (flight.begun === null && lowInTheAir) return outcome(turnHome(memory, flight, 'battery-low', at, sensed), free)
    if (free.held) return outcome(memory, { ...free, hoveringSinceMs: null })
    return approach({ memory, computer: free }, flight, at, sensed)
  }
  if (!sensed.onGround) return outcome(memory, free)
  if (flight === null && diversion === null) {
    // It went dark between landing and being unloaded.
    return sensed.parcelAboard ? outcome(memory, free, { type: 'unload-parcel' }) : outcome(memory, free)
  }
  const takesOff =
    flight === null && diversion?.kind === 'return' && distanceM(sensed.place, memory.base) > droneModel.atBaseM
  return takesOff ? outcome(memory, free) : landed({ memory, computer: free }, at, sensed)
}

function landed({ memory, computer }: Awake, at: Instant, sensed: Sensed): Outcome {
  const { flight, droneId, boot } = memory
  const { place, batteryPct, parcelAboard } = sensed
  const itinerary = flight === null ? null : flightIds(flight)
  const data = { droneId, boot, itinerary, place, batteryPct, parcelAboard, held: computer.held }
  const cause = flight?.cause ?? memory.lastCommand?.cause ?? { correlationId: droneId, causationId: 'landing' }
  const told = report(endFlight(memory), { type: 'landed', data }, { atMs: at.worldMs, cause })
  const pending = memory.lastCommand?.type === 'return' || memory.lastCommand?.type === 'land'
  const finished = pending ? finishCommand({ memory: told, computer }, at, 'succeeded') : told
  const down = { ...finished, diversion: null }
  return parcelAboard ? outcome(down, computer, { type: 'unload-parcel' }) : outcome(down, computer)
}

/** Whether the battery is down to what the way home takes, with half the reserve. */
function cannotStay({ base, flight }: Memory, { place, heightM, batteryPct, parcelAboard }: Sensed): boolean {
  const weightG = parcelAboard && flight !== null ? flight.itinerary.parcel.weightG : 0
  const homePct = batteryHomePct(droneModel, { distanceM: distanceM(place, base), heightM, weightG })
  return batteryPct < homePct + droneModel.reservePct / 2
}

const sevenDecimals = (deg: number) => Math.round(deg * 1e7) / 1e7
const twoDecimals = (value: number) => Math.round(value * 100) / 100

/** The next position. Its sequence is covered by the stored ceiling, which is raised first where it is not. */
function sample({ memory, computer }: Awake, at: Instant, sensed: Sensed): Outcome {
  const seq = computer.positionSeq + 1
  const covered = seq <= memory.positionSeqCeiling
  const position: DronePosition = {
    droneId: memory.droneId,
    boot: memory.boot,
    seq,
    takenAtMs: at.worldMs,
    lat: sevenDecimals(sensed.place.lat),
    lon: sevenDecimals(sensed.place.lon),
    altitudeM: twoDecimals(groundAltitudeM + sensed.heightM),
    speedMps: twoDecimals(sensed.speedMps),
    headingDeg: twoDecimals(sensed.headingDeg) % 360,
    batteryPct: twoDecimals(sensed.batteryPct),
  }
  return outcome(
    covered ? memory : { ...memory, positionSeqCeiling: memory.positionSeqCeiling + positionSeqStep },
    { ...computer, positionSeq: seq },
    { type: 'send-position', position },
  )
}
