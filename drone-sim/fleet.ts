/**
 * Many drones in one process: the loop that lets world time pass, feeds each drone's computer, and does what it decides.
 * The one rule that the computer relies on is kept here: memory is stored before acts are performed.
 */
import type { DroneCommandMessage } from '@fleet/contracts/drone-commands'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { DroneId } from '@fleet/contracts/ids'
import type { ItineraryMessage } from '@fleet/contracts/itineraries'
import type { Place } from '@fleet/contracts/units'
import type { Clock } from '@fleet/runtime/clock'
import type { Log } from '@fleet/runtime/log'
import { Gauge } from 'prom-client'
import type { Act, Drone, Instant } from './computer.ts'
import { courseOf, type Input, reportsAccepted, step } from './drone.ts'
import {
  afterOrder,
  afterReboot,
  distort,
  type FaultKind,
  type FaultOrder,
  type Faults,
  garble,
  isCutOff,
  isMute,
  kindsOf,
  present,
  wallClock,
} from './faults.ts'
import { newMemory } from './memory.ts'
import type { NonVolatileStore } from './non-volatile-store.ts'
import type { Random } from './random.ts'
import type { Weather } from './wind.ts'
import type { World } from './world.ts'

const byPhase = new Gauge({
  name: 'sim_drones',
  help: 'Drones by what they are doing. A rise of wrecked or dark means that flights end badly.',
  labelNames: ['phase'],
})

/** Messages kept for a computer that is dark. Beyond it the partition waits, until the computer is back. */
const inboxMax = 100
/** The longest that the world moves in one tick: while the process is paused, the world stands still. World milliseconds. */
const tickMsMax = 10_000
/** A drone that woke or landed is soon asked about: it tells its place as often as in the air for so long. World milliseconds. */
const restsAfterMs = 60_000
/**
 * Of a new fleet so many are switched on in one moment, and as many each second of the world after it: those that boot together also
 * write their memories together ever after, which ten thousand do in six seconds in which none of them speaks.
 */
const switchedOnAtOnce = 200
const switchOnEveryMs = 1_000
/**
 * A large fleet has its turns spread over the period: as one wave, the positions of ten thousand keep each process behind busy for
 * some tenths of a second, one after the other, and then idle. Drones and real milliseconds of a part of it, at least.
 */
const partDronesMin = 1_000
const partMsMin = 100
/** How much the air adds to or takes from the battery's use, at most. Within the flight plan's margin. */
const gustShare = 0.03

/** A message for one drone. */
export type Incoming =
  | { type: 'itinerary-message'; message: ItineraryMessage }
  | { type: 'command'; message: DroneCommandMessage; absentAtMs: number | null }

export type FleetOptions = {
  drones: readonly { droneId: DroneId; base: Place; random: Random }[]
  store: NonVolatileStore
  world: World
  clock: Clock
  log: Log
  sendPosition(position: DronePosition): void
  /** The drones whose turn it was have had it, and what they tell of their places was given to `sendPosition`. */
  onTick(): void
  /** A report waits in some drone's outbox. */
  onReport(): void
  /** World milliseconds between positions in the air, and at rest. */
  positionPeriodMs: number
  padPeriodMs: number
  /** How long a reboot takes, in world milliseconds. */
  rebootMs: number
  /** From the start. */
  weather: Weather
}

export type Fleet = {
  /** Boots every drone and lets time pass. */
  start(): void
  /** Ends when the drone's non-volatile store has what the message said. Throws for a drone that is not here. */
  deliver(droneId: DroneId, incoming: Incoming): Promise<void>
  /** The oldest `max` reports of each drone that no broker has accepted. */
  pendingReports(max: number): DroneReport[]
  reportsAccepted(droneId: DroneId, seqMax: number): void
  /** Gives a drone a fault, or takes its faults away. Throws for a drone that is not here. */
  inflict(order: FaultOrder): void
  faultsOf(droneId: DroneId): FaultKind[]
  setWeather(weather: Weather): void
  isMute(droneId: DroneId): boolean
  /** A position's bytes, garbled where the drone's fault is that. */
  bytesOf(position: DronePosition): Buffer
  close(): void
}

type Waiting = { incoming: Incoming; done: () => void }
type Craft = {
  drone: Drone
  random: Random
  movedAtMs: number
  sampledAtMs: number
  /** From when on it has stood still long enough to tell its place less often. */
  restsFromMs: number
  /** When a dark computer is back. */
  wakesAtMs: number
  /** What waits for a dark computer, or for a link that is down. */
  inbox: Waiting[]
  faults: Faults
}

export function createFleet(options: FleetOptions): Fleet {
  const { store, world, clock, log } = options
  const now = (): Instant => ({ worldMs: clock.worldNow(), elapsedMs: clock.worldElapsed() })
  const startedAtMs = clock.worldElapsed()
  let weather = options.weather
  const crafts = new Map(
    options.drones.map(({ droneId, base, random }, index): [DroneId, Craft] => {
      const memory = store.load(droneId) ?? newMemory(droneId, base)
      const offMs = memory.boot === 0 ? Math.floor(index / switchedOnAtOnce) * switchOnEveryMs : 0
      const craft: Craft = {
        drone: { memory, computer: null },
        random,
        movedAtMs: startedAtMs,
        sampledAtMs: startedAtMs - options.positionPeriodMs,
        restsFromMs: startedAtMs + restsAfterMs,
        wakesAtMs: startedAtMs + offMs,
        inbox: [],
        faults: {},
      }
      return [droneId, craft]
    }),
  )

  const feed = (craft: Craft, input: DistributiveOmit<Input, 'at' | 'sensed'>) => {
    const before = craft.drone.memory
    const { worldMs, elapsedMs } = now()
    const at = { worldMs: wallClock(worldMs, craft.faults), elapsedMs }
    const result = step(craft.drone, { ...input, at, sensed: world.sensed(before.droneId) })
    if (result.drone.memory !== before) store.store(result.drone.memory)
    craft.drone = result.drone
    if (result.drone.memory.reportSeq !== before.reportSeq) tell(result.drone.memory.outbox, before.reportSeq)
    for (const act of result.acts) perform(craft, act)
  }

  const tell = (outbox: readonly DroneReport[], seqBefore: number) => {
    for (const { type, seq, correlationId, data } of outbox) {
      if (seq > seqBefore) log.info({ droneId: data.droneId, report: type, seq, correlationId }, 'report')
    }
    options.onReport()
  }

  const perform = (craft: Craft, act: Act) => {
    const { droneId } = craft.drone.memory
    switch (act.type) {
      case 'load-parcel':
        return world.loadParcel(droneId, act.itinerary, clock.worldNow())
      case 'unload-parcel':
        return world.unloadParcel(droneId, clock.worldNow())
      case 'look-again':
        return feed(craft, { type: 'look-again' })
      case 'let-go':
        world.letGo(droneId, clock.worldNow())
        return feed(craft, { type: 'released' })
      case 'restart':
        return goDark(craft)
      case 'send-position':
        return sendPosition(craft, act.position)
    }
  }

  const goDark = (craft: Craft) => {
    craft.drone = { ...craft.drone, computer: null }
    craft.wakesAtMs = clock.worldElapsed() + options.rebootMs
  }

  const sendPosition = (craft: Craft, position: DronePosition) => {
    const said = distort(position, craft.faults, { atMs: clock.worldElapsed(), random: craft.random })
    craft.faults = said.faults
    const lost = weather.lossShare > 0 && craft.random() < weather.lossShare
    if (craft.faults.silent === undefined && !lost) options.sendPosition(said.position)
  }

  const wake = (craft: Craft) => {
    craft.faults = afterReboot(craft.faults)
    feed(craft, { type: 'wake' })
  }

  const take = (craft: Craft, incoming: Incoming) => {
    if (incoming.type === 'command' && craft.faults.deaf !== undefined) return
    feed(craft, incoming)
  }

  /** One message may darken the computer again: the rest waits on. */
  const readInbox = (craft: Craft) => {
    while (craft.drone.computer !== null && !isCutOff(craft.faults)) {
      const next = craft.inbox.shift()
      if (next === undefined) return
      take(craft, next.incoming)
      next.done()
    }
  }

  /** A wreck never wakes: what it would have heard need not wait for it. */
  const mourn = (craft: Craft) => {
    if (craft.drone.computer !== null)
      log.error({ droneId: craft.drone.memory.droneId }, 'drone fell: its battery is empty')
    craft.drone = { ...craft.drone, computer: null }
    for (const { done } of craft.inbox.splice(0)) done()
  }

  const letPass = (craft: Craft, elapsedMs: number) => {
    const { droneId } = craft.drone.memory
    const seconds = Math.min(elapsedMs - craft.movedAtMs, tickMsMax) / 1_000
    craft.movedAtMs = elapsedMs
    const load = 1 + gustShare * (2 * craft.random() - 1)
    const { windMps } = weather
    const pass = { seconds, load, windMps, random: craft.random, worldNow: clock.worldNow }
    world.fly(droneId, courseOf(craft.drone, world.sensed(droneId)), pass)
    if (world.isWrecked(droneId)) return mourn(craft)
    const wasMute = isMute(craft.faults)
    craft.faults = present(craft.faults, elapsedMs)
    if (wasMute && !isMute(craft.faults)) options.onReport()
    const hangs = craft.faults['hanging-reboot'] !== undefined
    if (craft.drone.computer === null && elapsedMs >= craft.wakesAtMs && !hangs) wake(craft)
    readInbox(craft)
    feed(craft, { type: 'tick' })
    if (craft.drone.computer === null || !world.sensed(droneId).onGround) craft.restsFromMs = elapsedMs + restsAfterMs
    const periodMs = elapsedMs < craft.restsFromMs ? options.positionPeriodMs : options.padPeriodMs
    const lateMs = elapsedMs - (craft.sampledAtMs + periodMs)
    if (craft.drone.computer !== null && lateMs >= 0) {
      feed(craft, { type: 'sample' })
      // A late sample does not shift the next; one that missed its turn is not made up for.
      craft.sampledAtMs = lateMs < periodMs ? craft.sampledAtMs + periodMs : elapsedMs
    }
  }

  const count = () => {
    byPhase.reset()
    const counts = new Map<string, number>()
    for (const craft of all) {
      const phase = phaseOf(craft, world)
      counts.set(phase, (counts.get(phase) ?? 0) + 1)
    }
    for (const [phase, n] of counts) byPhase.set({ phase }, n)
  }

  let timer: NodeJS.Timeout | undefined
  let snapshotDueAtMs = startedAtMs
  const all = [...crafts.values()]
  const periodMs = options.positionPeriodMs
  const parts = Math.max(
    1,
    Math.min(Math.floor(all.length / partDronesMin), Math.floor(clock.realMs(periodMs) / partMsMin)),
  )
  let part = 0
  let dueAtMs = startedAtMs
  const tick = () => {
    const elapsedMs = clock.worldElapsed()
    // Each at its own moment: one that is stamped later than it was moved seems to have been pushed off its place.
    for (let index = part; index < all.length; index += parts) {
      const craft = all[index]
      if (craft !== undefined) letPass(craft, clock.worldElapsed())
    }
    part = (part + 1) % parts
    options.onTick()
    if (clock.realMs(elapsedMs - snapshotDueAtMs) >= 1_000) {
      world.snapshot()
      count()
      snapshotDueAtMs = elapsedMs
    }
    const nowMs = clock.worldElapsed()
    dueAtMs = Math.max(dueAtMs + periodMs / parts, nowMs)
    timer = setTimeout(tick, clock.realMs(dueAtMs - nowMs))
  }

  return {
    start: tick,
    deliver: async (droneId, incoming) => {
      const craft = craftOf(crafts, droneId)
      const hears = craft.drone.computer !== null && !isCutOff(craft.faults) && craft.inbox.length === 0
      if (hears) return take(craft, incoming)
      if (world.isWrecked(droneId)) return
      if (craft.inbox.length >= inboxMax)
        throw new RangeError(`${droneId} does not hear, and its inbox of ${inboxMax} is full`)
      await new Promise<void>((done) => craft.inbox.push({ incoming, done }))
    },
    pendingReports: (max) =>
      all
        .filter(({ drone, faults }) => drone.memory.outbox.length > 0 && !isMute(faults))
        .flatMap(({ drone }) => drone.memory.outbox.slice(0, max)),
    reportsAccepted: (droneId, seqMax) => {
      const craft = craftOf(crafts, droneId)
      craft.drone = reportsAccepted(craft.drone, seqMax)
    },
    inflict: (order) => {
      const craft = craftOf(crafts, order.droneId)
      craft.faults = afterOrder(craft.faults, order, clock.worldElapsed(), craft.random())
      log.warn({ ...order }, 'fault begins')
      if (order.fault === 'low-battery') world.drain(order.droneId, craft.faults['low-battery']?.size ?? 0)
      if (order.fault === 'crash') world.wreck(order.droneId, clock.worldNow())
      if (order.fault === 'power-cut') goDark(craft)
    },
    faultsOf: (droneId) => kindsOf(craftOf(crafts, droneId).faults),
    setWeather: (given) => {
      weather = given
      log.warn({ ...weather }, 'the weather changes')
    },
    isMute: (droneId) => isMute(craftOf(crafts, droneId).faults),
    bytesOf: (position) => {
      const { faults, random } = craftOf(crafts, position.droneId)
      return garble(Buffer.from(JSON.stringify(position)), faults, random)
    },
    close: () => {
      clearTimeout(timer)
      world.snapshot()
      for (const { drone } of crafts.values()) store.store(drone.memory)
    },
  }
}

type DistributiveOmit<Union, Key extends PropertyKey> = Union extends unknown ? Omit<Union, Key> : never

function craftOf(crafts: ReadonlyMap<DroneId, Craft>, droneId: DroneId): Craft {
  const craft = crafts.get(droneId)
  if (craft === undefined) throw new RangeError(`${droneId} is not one of this host's drones`)
  return craft
}

function phaseOf({ drone: { memory, computer } }: Craft, world: World): string {
  if (world.isWrecked(memory.droneId)) return 'wrecked'
  if (computer === null) return 'dark'
  if (computer.held) return 'held'
  if (memory.flight !== null) return computer.hoveringSinceMs === null ? memory.flight.leg : 'hovering'
  return memory.diversion === null ? 'idle' : 'diverted'
}
