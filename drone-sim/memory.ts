/**
 * What a drone remembers when its computer goes dark: the schema of its non-volatile store, and the changes to it that
 * several decisions share. Values are replaced, never changed in place: the same object need not be stored again.
 */
import { createHash } from 'node:crypto'
import { CommandKind } from '@fleet/contracts/drone-commands'
import { CommandOutcome, DroneReport, type KeptReason } from '@fleet/contracts/drone-reports'
import {
  CommandId,
  CorrelationId,
  DroneId,
  ItineraryId,
  MessageId,
  OrderId,
  PermitRequestId,
} from '@fleet/contracts/ids'
import { Itinerary } from '@fleet/contracts/itineraries'
import { Epoch, Place, type UnixMs } from '@fleet/contracts/units'
import { z } from 'zod'

/** What made the drone do something: reports name it. */
const Cause = z.object({ correlationId: CorrelationId, causationId: z.string().min(1).max(64) })
export type Cause = z.infer<typeof Cause>

const Request = z.object({ permitRequestId: PermitRequestId, boot: z.int() })

/** The flight in hand. Which fields there are says what can still happen to the parcel. */
const Flight = z.discriminatedUnion('leg', [
  z.object({
    leg: z.literal('outbound'),
    itinerary: Itinerary,
    cause: Cause,
    /** The question that waits for its permit; dead with its boot. */
    request: Request.nullable(),
    /** "Hand-over begun": stored before letting go, so that the drone knows what it does not know if it goes dark now. */
    begun: z.object({ permitRequestId: PermitRequestId }).nullable(),
    /** World milliseconds that it had hovered for its permit at the time of the last question. */
    hoveredMs: z.number().min(0),
  }),
  z.object({
    leg: z.literal('inbound'),
    itinerary: Itinerary,
    cause: Cause,
    parcel: z.enum(['kept', 'handed-over', 'unknown']),
  }),
])
export type Flight = z.infer<typeof Flight>
export type Outbound = Extract<Flight, { leg: 'outbound' }>

const LastCommand = z.object({
  seq: z.int(),
  commandId: CommandId,
  type: CommandKind,
  cause: Cause,
  /** Null while it is being carried out. */
  outcome: CommandOutcome.nullable(),
})
export type LastCommand = z.infer<typeof LastCommand>

export const Memory = z.object({
  droneId: DroneId,
  /** Where it belongs and lands. */
  base: Place,
  /** Starts of its computer so far. */
  boot: z.int().min(0),
  reportSeq: z.int().min(0),
  /** No position of this boot has a sequence above it; raised in steps before they are used. */
  positionSeqCeiling: z.int().min(0),
  /** The last `seq` had of each topic. */
  heard: z.object({ itineraries: z.int().min(0), commands: z.int().min(0) }),
  flight: Flight.nullable(),
  /** Itineraries that have ended, the newest last. */
  flown: z.array(z.object({ itineraryId: ItineraryId, orderId: OrderId, epoch: Epoch })),
  lastCommand: LastCommand.nullable(),
  /** A commanded way that replaces the flight's: down at a place, or home. */
  diversion: z
    .discriminatedUnion('kind', [
      z.object({ kind: z.literal('land'), at: Place }),
      z.object({ kind: z.literal('return') }),
    ])
    .nullable(),
  /** Reports that no broker has accepted yet, in order of `seq`. */
  outbox: z.array(DroneReport),
})
export type Memory = z.infer<typeof Memory>

/** How far ahead position sequences are given out (promise 4). */
export const positionSeqStep = 64
/** How many ended itineraries it can tell from new ones. */
const flownMax = 64
/** Reports kept without a broker. Beyond it the oldest goes that says nothing of a parcel: the others settle orders. */
export const outboxMax = 1_000

/** A drone fresh from the factory, standing at its base. */
export const newMemory = (droneId: DroneId, base: Place): Memory => ({
  droneId,
  base,
  boot: 0,
  reportSeq: 0,
  positionSeqCeiling: 0,
  heard: { itineraries: 0, commands: 0 },
  flight: null,
  flown: [],
  lastCommand: null,
  diversion: null,
  outbox: [],
})

type Body<Report> = Report extends { type: unknown; data: unknown } ? Pick<Report, 'type' | 'data'> : never
export type ReportBody = Body<DroneReport>

/** Writes a report down: it takes the next `seq`, and waits in the outbox until a broker has it. */
export function report(memory: Memory, body: ReportBody, { atMs, cause }: { atMs: UnixMs; cause: Cause }): Memory {
  const seq = memory.reportSeq + 1
  const id = MessageId.parse(`msg_${unique(memory.droneId, `report ${seq}`)}`)
  const written: DroneReport = { id, version: 1, at: atMs, key: memory.droneId, seq, ...cause, ...body }
  return { ...memory, reportSeq: seq, outbox: bounded([...memory.outbox, written]) }
}

/** A name for the next question for a permit: no other question of this drone ever has it, since report sequences never repeat. */
export const nextRequestId = ({ droneId, reportSeq }: Memory): PermitRequestId =>
  PermitRequestId.parse(`prq_${unique(droneId, `request ${reportSeq + 1}`)}`)

/** What reports call a flight. */
export const flightIds = ({ itinerary: { itineraryId, orderId, epoch } }: Pick<Flight, 'itinerary'>) => ({
  itineraryId,
  orderId,
  epoch,
})

/** The flight is over: nothing of it can happen any more. */
export function endFlight(memory: Memory): Memory {
  if (memory.flight === null) return memory
  return { ...memory, flight: null, flown: [...memory.flown, flightIds(memory.flight)].slice(-flownMax) }
}

/** The parcel goes home: said at the decision to turn, with the reason. */
export function keepParcel(memory: Memory, flight: Outbound, reason: KeptReason, atMs: UnixMs): Memory {
  const { itinerary, cause } = flight
  const data = { droneId: memory.droneId, boot: memory.boot, ...flightIds(flight), reason }
  const turned: Memory = { ...memory, flight: { leg: 'inbound', itinerary, cause, parcel: 'kept' } }
  return report(turned, { type: 'parcel.kept', data }, { atMs, cause })
}

const unique = (droneId: DroneId, what: string) =>
  createHash('sha256').update(`${droneId}\0${what}`).digest('hex').slice(0, 32)

const settlesAnOrder = ({ type }: DroneReport) => type.startsWith('parcel.') || type === 'landed'

function bounded(outbox: DroneReport[]): DroneReport[] {
  if (outbox.length <= outboxMax) return outbox
  const droppable = outbox.findIndex((one) => !settlesAnOrder(one))
  return outbox.toSpliced(Math.max(0, droppable), 1)
}
