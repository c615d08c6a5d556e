/**
 * A small world for the watch, without brokers or database: drones that send, a store in memory, a clock that a test moves.
 * A restart throws the watch away with all it remembers, and reads the recent past again, as the service does.
 */
import { setImmediate } from 'node:timers/promises'
import { droneModel } from '@fleet/contracts/drone-model'
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { BaseId, DroneId, HostId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { Epoch, UnixMs } from '@fleet/contracts/units'
import type { TopicRecord } from '@fleet/messaging/topic'
import { silentLog } from '@fleet/runtime/log'
import { evolve, type Health, type HealthEvent, newHealth } from '../health.ts'
import type { Facts, HealthStore, Versioned } from '../health-store.ts'
import { limitsAt } from '../limits.ts'
import type { Link } from '../link.ts'
import type { KnownDrone } from '../rows.ts'
import { HealthConfig } from '../rules/thresholds.ts'
import { createSights } from '../sights.ts'
import { createWatch } from '../watch.ts'
import { base, dropOff, epochMs, groundAltitudeM, recordFlight } from './flights.ts'
import { authenticatorOf, positionRecord } from './registry.ts'

const partitions = 3
const topic = 'positions'
const replayMs = 64_000
const recorded = recordFlight()

export type Change = { droneId: DroneId; from: Health['status']; to: Health['status']; rule: string }

/** `failing`: writes that are committed, but whose answer never comes. `between.written`: a write of others, right after the facts were next read. */
function memoryStore() {
  const healths = new Map<DroneId, Versioned<Health>>()
  const facts = new Map<DroneId, Facts>()
  const commands = new Map<string, { droneId: DroneId; kind: string }>()
  const changes: Change[] = []
  let link: Versioned<Link> = { state: { status: 'up' }, version: 0 }
  const links: string[] = []
  const failing = { answersLost: 0 }
  const between: { written: () => void } = { written: () => undefined }

  const write = (droneId: DroneId, version: number, from: Health, event: HealthEvent) => {
    healths.set(droneId, { state: evolve(from, event), version: version + 1 })
    if (event.to.status !== from.status) {
      changes.push({ droneId, from: from.status, to: event.to.status, rule: event.evidence.rule })
    }
    if (event.order) commands.set(event.order.commandId, { droneId, kind: event.order.kind })
  }
  const health: HealthStore = {
    all: async () => new Map(healths),
    find: async (droneId) => healths.get(droneId) ?? { state: newHealth, version: 0 },
    apply: async (droneId, version, from, event) => {
      if ((healths.get(droneId)?.version ?? 0) !== version) return false
      write(droneId, version, from, event)
      if (failing.answersLost > 0) {
        failing.answersLost -= 1
        throw new Error('the answer was lost')
      }
      return true
    },
    changes: async () => [],
    facts: async () => {
      const found = new Map(facts)
      between.written()
      between.written = () => undefined
      return found
    },
    noteVoices: async (voices) => {
      for (const { droneId, groundAltitudeM } of voices) {
        const known = facts.get(droneId)
        if (known) facts.set(droneId, { ...known, spoke: true, groundAltitudeM })
      }
    },
    noteItinerary: async () => undefined,
    noteAnswer: async () => undefined,
    noteFlight: async () => undefined,
    noteHold: async () => undefined,
    noteHoldOver: async () => undefined,
    noteRefusal: async () => undefined,
    saveZone: async () => undefined,
    removeZone: async () => undefined,
    zones: async () => [],
    link: async () => link,
    saveLink: async (state, version) => {
      if (version !== link.version) return false
      link = { state, version: version + 1 }
      links.push(state.status)
      return true
    },
  }
  return { health, facts, healths, commands, changes, links, failing, between }
}

/** `count` drones in flight over the recorded way, each a second apart. `hasWritten`: whether the process has, since the watch last asked. */
export function openSkies({
  count = 1,
  speed = 1,
  hasWritten = () => true,
}: {
  count?: number
  speed?: number
  hasWritten?: () => boolean
} = {}) {
  const limits = limitsAt(speed, HealthConfig.parse({}))
  const store = memoryStore()
  const ids = Array.from({ length: count }, (_, i) => DroneId.parse(`drn_sky${i}`))
  const drones = new Map(ids.map((droneId): [DroneId, KnownDrone] => [droneId, enrolled(droneId)]))
  const authenticator = authenticatorOf(ids)
  for (const droneId of ids) store.facts.set(droneId, factsOf(droneId))
  let nowMs = 0
  const kept: { record: TopicRecord; atMs: number }[] = []
  let read = 0
  let viewsRead = 0

  const clock = {
    worldNow: () => UnixMs.parse(epochMs + Math.round(nowMs)),
    worldElapsed: () => nowMs,
    realMs: (worldMs: number) => worldMs / speed,
  }
  const newSights = () => ({ positions: createSights(limits.sight), reports: createSights(limits.sight) })
  let sights = newSights()
  const start = () => {
    sights = newSights()
    return createWatch({
      drones: {
        list: async () => {
          // A database answers in its own time: what is read beside it may be older.
          await setImmediate()
          viewsRead += 1
          return [...drones.values()]
        },
        unanswered: async () => [],
      },
      health: store.health,
      authenticator,
      clock,
      // Brokers stamp with world time here: one clock less.
      worldOf: (realMs) => realMs,
      partitions: { positions: partitions, reports: partitions },
      limits,
      sights,
      hasWritten,
      log: silentLog(),
    })
  }
  let watch = start()
  let sees = true
  let hears = true

  return {
    ids,
    limits,
    ...store,
    nowMs: () => nowMs,
    /** How often the database was read. */
    viewsRead: () => viewsRead,
    path: (droneId = ids[0]) => store.changes.filter((one) => one.droneId === droneId).map(({ to }) => to),
    statusOf: (droneId = ids[0]) => (droneId && store.healths.get(droneId)?.state.status) ?? 'healthy',
    /** The drone's newest boot, as its report told. */
    boots: (droneId: DroneId, boot: number) => {
      const drone = drones.get(droneId)
      if (drone?.seen) drones.set(droneId, { ...drone, seen: { ...drone.seen, boot } })
    },
    /** Its report, of now, of whether it stands. */
    reports: (droneId: DroneId, landed: boolean) => {
      const drone = drones.get(droneId)
      if (drone?.seen) drones.set(droneId, { ...drone, seen: { ...drone.seen, landed, atMs: clock.worldNow() } })
    },
    /** One position, on the recorded way at this moment; or what `spoil` makes of it. */
    send: async (
      droneId: DroneId,
      boot: number,
      seq: number,
      spoil = (one: DronePosition): DronePosition | string => one,
    ) => {
      const second = (20 + Math.floor(nowMs / 1_000) + ids.indexOf(droneId)) % (recorded.length - 20)
      const at = recorded[second] ?? recorded[0]
      if (!at) throw new Error('no flight')
      const { appendedAtMs: _, ...place } = at
      const body = spoil({ ...place, droneId, boot, seq, takenAtMs: clock.worldNow() })
      const record = positionRecord(droneId, body, { topic, partitions, appendedAtMs: epochMs + nowMs })
      kept.push({ record, atMs: nowMs })
      read += 1
      if (sees) await watch.take(record)
    },
    /** While the watcher is blind, the brokers answer nothing. */
    blind: (blind: boolean) => {
      sees = !blind
    },
    /** While reports stand unread. */
    deaf: (deaf: boolean) => {
      hears = !deaf
    },
    /** The drone has answered its itinerary, or has not. */
    answers: (droneId: DroneId, answered: boolean) => {
      const known = store.facts.get(droneId)
      if (known?.itinerary)
        store.facts.set(droneId, { ...known, answered: answered ? [known.itinerary.itineraryId] : [] })
    },
    look: async (ms: number) => {
      nowMs += ms
      if (sees) {
        const all = Array.from({ length: partitions }, (_, partition) => partition)
        const ends = all.map((partition) => ({ partition, end: read }))
        for (const seen of [sights.positions, sights.reports]) seen.ends(ends, nowMs)
        for (const partition of all) {
          sights.positions.read(partition, read)
          if (hears) sights.reports.read(partition, read)
        }
      }
      try {
        await watch.look()
      } catch (error) {
        // As the loop does: the next look comes as ever.
        if (!(error instanceof Error) || error.message !== 'the answer was lost') throw error
      }
    },
    restart: async () => {
      watch = start()
      await watch.look()
      for (const { record, atMs } of kept) if (nowMs - atMs < replayMs) await watch.take(record)
    },
    fault: (droneId: DroneId) => watch.fault(droneId),
  }
}

const enrolled = (droneId: DroneId): KnownDrone => ({
  status: 'enrolled',
  droneId,
  name: droneId.slice(4),
  hostId: HostId.parse('host-test'),
  keyVersion: 1,
  baseId: BaseId.parse('bas_home'),
  enrolledAtMs: UnixMs.parse(0),
  seen: { report: 'leg.started', atMs: UnixMs.parse(epochMs), boot: 1, landed: false, batteryPct: 90, place: base },
})

const factsOf = (droneId: DroneId): Facts => ({
  _id: droneId,
  itinerary: {
    itineraryId: ItineraryId.parse('itn_sky'),
    orderId: OrderId.parse('ord_sky'),
    epoch: Epoch.parse(1),
    droneId,
    base: { baseId: BaseId.parse('bas_home'), place: base },
    dropOff,
    parcel: { weightG: 900 },
    cruiseHeightM: droneModel.cruiseHeightM,
    cruiseSpeedMps: droneModel.cruiseSpeedMps,
    hoverMsMax: droneModel.hoverMsMax,
  },
  answered: [ItineraryId.parse('itn_sky')],
  flies: ItineraryId.parse('itn_sky'),
  refusedAtMs: [],
  held: false,
  heldUntilMs: null,
  spoke: false,
  groundAltitudeM,
})
