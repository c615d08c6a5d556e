/**
 * For tests: one drone in a small world of its own, with a clock that the test turns, a ledger of what happened to the parcel, and
 * power that can be cut between any two acts. Everything that production wires with files and brokers is a plain value here.
 */
import { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import { droneModel } from '@fleet/contracts/drone-model'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { DroneId } from '@fleet/contracts/ids'
import { ItineraryMessage } from '@fleet/contracts/itineraries'
import { UnixMs } from '@fleet/contracts/units'
import { destination, type Point } from '@fleet/geo/distance'
import type { Act, Drone, Instant, Sensed } from '../computer.ts'
import { courseOf, type Input, step } from '../drone.ts'
import { newMemory } from '../memory.ts'
import { type Body, move } from '../physics.ts'

export const droneId = DroneId.parse('drn_rig')
export const base: Point = { lat: 43.6163, lon: 7.0552 }
const epochMs = 1_800_000_000_000

export type LetGo = { itineraryId: string; permitRequestId: string; boot: number; elapsedMs: number; place: Point }

export type Rig = ReturnType<typeof createRig>

/** Acts are performed at once, unless `deferActs` lets messages come between a decision and its acts. */
export function createRig() {
  let elapsedMs = 1_000
  let drone: Drone = { memory: newMemory(droneId, base), computer: null }
  let body: Body = {
    state: 'on-ground',
    place: base,
    heightM: 0,
    speedMps: 0,
    climbMps: 0,
    headingDeg: 0,
    batteryPct: 100,
    weightG: 0,
  }
  let pauseBeforeLookMs = 0
  let cutAfterActs = Number.POSITIVE_INFINITY
  let defers = false
  const deferred: Act[] = []
  let commandSeq = 0
  let itinerarySeq = 0
  const reports: DroneReport[] = []
  const positions: DronePosition[] = []
  const letGo: LetGo[] = []
  /** When each question was made. */
  const askedAtMs = new Map<string, number>()

  const at = (): Instant => ({ worldMs: UnixMs.parse(Math.round(epochMs + elapsedMs)), elapsedMs })
  const sensed = (): Sensed => ({
    place: body.place,
    heightM: body.heightM,
    speedMps: body.speedMps,
    headingDeg: body.headingDeg,
    batteryPct: body.batteryPct,
    onGround: body.state === 'on-ground',
    parcelAboard: body.weightG > 0,
  })

  const feed = (input: Input): void => {
    const seqBefore = drone.memory.reportSeq
    const result = step(drone, input)
    drone = result.drone
    for (const report of drone.memory.outbox.filter(({ seq }) => seq > seqBefore)) {
      reports.push(report)
      if (report.type === 'permit.requested') askedAtMs.set(report.data.permitRequestId, input.at.elapsedMs)
    }
    for (const act of result.acts) {
      if (cutAfterActs <= 0) {
        cutPower()
        return
      }
      cutAfterActs -= 1
      if (defers) deferred.push(act)
      else perform(act)
    }
  }
  const catchUp = () => {
    defers = false
    for (const act of deferred.splice(0)) perform(act)
  }
  const cutPower = () => {
    defers = false
    deferred.length = 0
    drone = { ...drone, computer: null }
    cutAfterActs = Number.POSITIVE_INFINITY
  }
  const perform = (act: Act) => {
    switch (act.type) {
      case 'load-parcel':
        body = { ...body, weightG: act.itinerary.parcel.weightG }
        return
      case 'unload-parcel':
        body = { ...body, weightG: 0 }
        return
      case 'look-again':
        elapsedMs += pauseBeforeLookMs
        pauseBeforeLookMs = 0
        return feed({ type: 'look-again', at: at(), sensed: sensed() })
      case 'let-go': {
        const itineraryId = drone.memory.flight?.itinerary.itineraryId ?? 'none'
        letGo.push({ itineraryId, ...act, boot: drone.memory.boot, elapsedMs, place: body.place })
        body = { ...body, weightG: 0 }
        if (cutAfterActs <= 0) return cutPower()
        return feed({ type: 'released', at: at(), sensed: sensed() })
      }
      case 'restart':
        return cutPower()
      case 'send-position':
        positions.push(act.position)
    }
  }

  return {
    reports,
    positions,
    letGo,
    askedAtMs,
    drone: () => drone,
    body: () => body,
    elapsedMs: () => elapsedMs,
    drain: (batteryPct: number) => {
      body = { ...body, batteryPct }
    },
    cutPower,
    cutPowerAfter: (acts: number) => {
      cutAfterActs = acts
    },
    /** Until the next second passes, what the drone decides stays undone, and messages come in between. */
    deferActs: () => {
      defers = true
    },
    pauseBeforeLook: (ms: number) => {
      pauseBeforeLookMs = ms
    },
    wake: () => {
      if (drone.computer === null) feed({ type: 'wake', at: at(), sensed: sensed() })
    },
    /** One tick without time, such as a message may be followed by. */
    tick: () => feed({ type: 'tick', at: at(), sensed: sensed() }),
    /** Lets world seconds pass, a tick and a position each. */
    fly: (seconds: number) => {
      catchUp()
      for (let second = 0; second < seconds; second += 1) {
        elapsedMs += 1_000
        const conditions = { figures: droneModel, onPad: true, load: 1 }
        body = move(body, courseOf(drone, sensed()), 1, conditions)
        if (body.state === 'wrecked') return cutPower()
        feed({ type: 'tick', at: at(), sensed: sensed() })
        if (drone.computer !== null) feed({ type: 'sample', at: at(), sensed: sensed() })
      }
    },
    /** A message of the itinerary service; `seq` is the next unless told. */
    hear: (type: ItineraryMessage['type'], data: object, seq = itinerarySeq + 1) => {
      itinerarySeq = Math.max(itinerarySeq, seq)
      const message = ItineraryMessage.parse({ ...envelope(`itn${seq}`), type, seq, data: { droneId, ...data } })
      feed({ type: 'itinerary-message', message, at: at(), sensed: sensed() })
    },
    /** A command that the topic did not hold `ageMs` ago; null: of unknown age. */
    command: (
      type: DroneCommandMessage['type'],
      { ageMs = 0, ...data }: { ageMs?: number | null; endsBoot?: number } = {},
    ) => {
      commandSeq += 1
      const message = DroneCommandMessage.parse({
        ...envelope(`cmd${commandSeq}`),
        type,
        seq: commandSeq,
        data: { droneId, commandId: `cmd_${commandSeq}`, ttlMs: 30_000, endsBoot: drone.memory.boot, ...data },
      })
      const absentAtMs = ageMs === null ? null : elapsedMs - ageMs
      feed({ type: 'command', message, absentAtMs, at: at(), sensed: sensed() })
    },
  }
}

const envelope = (name: string) => ({
  id: `msg_${name}`,
  version: 1,
  at: epochMs,
  key: droneId,
  correlationId: `correlation-${name}`,
  causationId: 'test',
})

/** An itinerary to a drop point `distanceM` metres east of the base. */
export const itinerary = ({ order = 1, epoch = 1, distanceM = 300, weightG = 900, hoverMsMax = 120_000 } = {}) => ({
  itineraryId: `itn_${order}e${epoch}`,
  orderId: `ord_${order}`,
  epoch,
  base: { baseId: 'bas_1', place: base },
  dropOff: destination(base, { bearingDeg: 90, distanceM }),
  parcel: { weightG },
  cruiseHeightM: droneModel.cruiseHeightM,
  cruiseSpeedMps: droneModel.cruiseSpeedMps,
  hoverMsMax,
})
