/**
 * The watch over the fleet. Positions come in, and are kept as short tracks in memory; a look, again and again, holds what
 * is known of each drone against the rules, decides about its health, and writes what has changed.
 *
 * What must outlive a restart is in the database: states of health with their rungs, itineraries, what was answered.
 * What is in memory comes back by itself: tracks from the topic, durations anew. So a restart delays, and changes nothing.
 * The watch reads no other service, and none of its decisions waits for one.
 */
import { droneModel } from '@fleet/contracts/drone-model'
import type { DroneId } from '@fleet/contracts/ids'
import { positionIn } from '@fleet/contracts/position-bytes'
import type { UnixMs } from '@fleet/contracts/units'
import { distanceM } from '@fleet/geo/distance'
import type { DroneAuthenticator, DroneVerdict } from '@fleet/messaging/drone-authenticator'
import { partitionOf, type TopicRecord } from '@fleet/messaging/topic'
import type { Clock } from '@fleet/runtime/clock'
import type { Log } from '@fleet/runtime/log'
import { soon } from '@fleet/runtime/soon'
import { Counter, Gauge } from 'prom-client'
import { decide, type Finding, type Health, newHealth } from './health.ts'
import { type Facts, type HealthStore, policyIssuer, type Versioned } from './health-store.ts'
import { type LinkLimits, look as lookAtLink, type Quiet } from './link.ts'
import type { Policy } from './policy.ts'
import type { KnownCommand, KnownDrone } from './rows.ts'
import { examine } from './rules/examine.ts'
import type { Scene, Unanswered } from './rules/scene.ts'
import type { Thresholds } from './rules/thresholds.ts'
import type { SightLimits } from './sight.ts'
import type { Seen, Sights } from './sights.ts'
import { createStopwatches } from './stopwatches.ts'
import type { DroneStore } from './store.ts'
import { newTrack, type Track, takeBoot, takeOff, takePosition, takeUnreadable, wasInTheAir } from './track.ts'

const changes = new Counter({
  name: 'health_changes_total',
  help: 'Changes of a health, by where to and by rule. A rise of grounded means that drones are lost to the fleet.',
  labelNames: ['to', 'rule'],
})
const byStatus = new Gauge({
  name: 'health_drones',
  help: 'Drones by health. A rise of anything but healthy means that they fail.',
  labelNames: ['status'],
})
const blindPartitions = new Gauge({
  name: 'health_blind_partitions',
  help: 'Partitions that we do not see the end of, by what they hold. While it is not 0, silence there counts for nothing.',
  labelNames: ['of'],
})
const linkLost = new Gauge({ name: 'health_link_lost', help: '1 while many drones are silent together.' })

/** Refusals older than this are forgotten, in world milliseconds. */
const refusalsMs = 180_000
/** A drone on the ground passes no self-check on what it said longer ago: it may speak once a minute there. World milliseconds. */
const selfCheckMs = 150_000
const selfCheckReadings = 5
const writesAtOnce = 4
/**
 * At rest, what was read may stand for so long, unless this process has written since: another instance's writes are seen a little
 * later, and that one has seen them. Real milliseconds.
 */
const viewMsMax = 3_000

export type WatchOptions = {
  drones: Pick<DroneStore, 'list' | 'unanswered'>
  health: HealthStore
  authenticator: DroneAuthenticator
  clock: Clock
  /** World time of a moment of real time, such as the broker's. */
  worldOf: (realMs: number) => number
  partitions: { positions: number; reports: number }
  limits: { thresholds: Thresholds; policy: Policy; link: LinkLimits; sight: Pick<SightLimits, 'blindMs'> }
  /** How far positions and reports are seen: nobody ignores what was answered to deaf ears, or strays from a way that he may have left long ago. */
  sights: { positions: Pick<Sights, 'at'>; reports: Pick<Sights, 'at'> }
  /** Whether this process may have written to the database since it was last asked. */
  hasWritten(): boolean
  log: Log
}

export type Watch = {
  /** Takes one record of `drone.positions`, at once where the registry knows the drone. */
  take(record: TopicRecord): void | Promise<void>
  /** One look at the whole fleet. */
  look(): Promise<void>
  /** Whether the last look found nothing in flight, nothing unanswered and nothing but health. */
  isAtRest(): boolean
  /** How long the drone in flight that was healthy at the last look and has been unheard for longest has been so, in world milliseconds. */
  unheardMs(): number
  /** What keeps a drone from being released, or null. */
  fault(droneId: DroneId): string | null
}

type View = {
  /** What we saw of the reports before the rest was read: what comes out of them later is not in it. */
  reports: Seen
  drones: KnownDrone[]
  healths: Map<DroneId, Versioned<Health>>
  facts: Map<DroneId, Facts>
  zones: Scene['zones']
  commands: Map<DroneId, KnownCommand>
  /** Drones that were sent an order to hold and have not answered. */
  toldToHold: Set<DroneId>
}

export function createWatch(options: WatchOptions): Watch {
  const { health, authenticator, clock, partitions, limits, sights, log } = options
  const tracks = new Map<DroneId, Track>()
  let atRest = false
  let lastView: { view: View; readAtMs: number } | null = null
  let healthyInFlight: DroneId[] = []
  const durations = createStopwatches()
  const inFlight = new Map<DroneId, boolean>()
  const findings = new Map<DroneId, readonly Finding[]>()

  const trackOf = (droneId: DroneId): Track => {
    const known = tracks.get(droneId)
    if (known) return known
    const fresh = newTrack(partitionOf(droneId, partitions.positions), clock.worldElapsed())
    tracks.set(droneId, fresh)
    return fresh
  }

  const take = (record: TopicRecord) =>
    soon(authenticator.judge(record, partitions.positions), (judged) => takeJudged(record, judged))

  const takeJudged = (record: TopicRecord, judged: DroneVerdict) => {
    if (!judged.ok) return // Another service accounts for it; it is nobody's voice.
    const droneId = judged.key
    const heardAtMs = clock.worldElapsed()
    const position = positionIn(judged.value, droneId)
    if (position === null) {
      tracks.set(droneId, takeUnreadable(trackOf(droneId), heardAtMs))
      return
    }
    const appendedAtMs = options.worldOf(record.appendedAtMs)
    const at = { appendedAtMs, heardAtMs, inFlight: inFlight.get(droneId) ?? true }
    tracks.set(droneId, takePosition(trackOf(droneId), position, at))
  }

  const readView = async (nowMs: number): Promise<View> => {
    const reports = sights.reports.at(nowMs)
    // Before the facts: what is answered meanwhile is in them, and no drone flies that we do not know the way of.
    const [commands, drones] = await Promise.all([options.drones.unanswered(policyIssuer), options.drones.list()])
    const [healths, facts, zones] = await Promise.all([health.all(), health.facts(), health.zones()])
    // The oldest of each drone is the one that it has ignored for longest.
    const byDrone = new Map(commands.toSorted((a, b) => b.issuedAtMs - a.issuedAtMs).map((one) => [one.droneId, one]))
    return {
      reports,
      drones: drones.filter(({ status }) => status === 'enrolled'),
      healths,
      facts,
      zones,
      commands: byDrone,
      toldToHold: new Set(commands.filter(({ order }) => order.kind === 'hold').map(({ droneId }) => droneId)),
    }
  }

  /** A fleet of ten thousand that stands on its pads is not read every second: that took a third of a core, and found nothing new. */
  const viewAt = async (nowMs: number): Promise<View> => {
    const before = options.hasWritten() || !atRest ? null : lastView
    if (before !== null && clock.realMs(nowMs - before.readAtMs) < viewMsMax)
      return { ...before.view, reports: sights.reports.at(nowMs) }
    lastView = null
    const view = await readView(nowMs)
    lastView = { view, readAtMs: nowMs }
    return view
  }

  /** A longer list of unanswered things than these two would say nothing more. */
  const unansweredOf = (droneId: DroneId, view: View, nowMs: number): Unanswered | null => {
    const itinerary = unansweredItinerary(view.facts.get(droneId))
    const command = view.commands.get(droneId)
    const name = `answer/${droneId}`
    const due: Omit<Unanswered, 'waitedMs'> | null = itinerary
      ? { what: 'itinerary', id: itinerary.itineraryId }
      : command
        ? { what: 'command', id: command.commandId }
        : null
    if (due === null) {
      durations.reset(name)
      return null
    }
    const dueSinceMs = nowMs - durations.lasted(name, due.id, nowMs)
    const waitedMs = view.reports.silenceMs(partitionOf(droneId, partitions.reports), dueSinceMs)
    return waitedMs === null ? null : { ...due, waitedMs }
  }

  const sceneOf = (
    drone: KnownDrone,
    view: View,
    { nowMs, atMs, positions }: { nowMs: number; atMs: UnixMs; positions: Seen },
  ): Scene => {
    const { droneId, seen } = drone
    const facts = view.facts.get(droneId)
    const track = trackOf(droneId)
    const groundM = track.groundAltitudeM ?? facts?.groundAltitudeM ?? null
    const reportsOf = partitionOf(droneId, partitions.reports)
    // While reports stand unread it may have landed, where it speaks once a minute; while they do for long, it may even fly again.
    const isHeard = view.reports.sees(reportsOf)
    const mayStand = !isHeard && !wasInTheAir(track, groundM)
    const itinerary = view.reports.saw(reportsOf) && facts && fliesIt(facts, track, seen) ? facts.itinerary : null
    return {
      readings: track.readings,
      readable: track.readable,
      inFlight: seen?.landed === false,
      heldUntilMs:
        !isHeard || !positions.sees(track.partition) || facts?.held === true || view.toldToHold.has(droneId)
          ? Number.POSITIVE_INFINITY
          : (facts?.heldUntilMs ?? Number.NEGATIVE_INFINITY) + limits.sight.blindMs,
      flight: itinerary && {
        itineraryId: itinerary.itineraryId,
        base: itinerary.base.place,
        dropOff: itinerary.dropOff,
        cruiseHeightM: itinerary.cruiseHeightM,
        weightG: itinerary.parcel.weightG,
      },
      anchor: track.anchor,
      groundAltitudeM: groundM,
      zones: view.zones,
      silentMs: facts?.spoke && !mayStand ? positions.silenceMs(track.partition, track.heardAtMs) : null,
      unanswered: unansweredOf(droneId, view, nowMs),
      refusals: facts?.refusedAtMs.filter((refusedAtMs) => atMs - refusedAtMs < refusalsMs).length ?? 0,
    }
  }

  /** How long each rule has been speaking, without a break, in the present state. */
  const findingsOf = (droneId: DroneId, scene: Scene, phase: string, nowMs: number): readonly Finding[] => {
    const found = examine(scene, limits.thresholds)
    const speaking = new Set<string>(found.map(({ rule }) => rule))
    for (const { rule } of findings.get(droneId) ?? [])
      if (!speaking.has(rule)) durations.reset(`rule/${droneId}/${rule}`)
    const timed = found.map((evidence) => ({
      ...evidence,
      heldMs: durations.lasted(`rule/${droneId}/${evidence.rule}`, phase, nowMs),
    }))
    findings.set(droneId, timed)
    return timed
  }

  /** First voices, and the ground that a drone stands on, are worth remembering. */
  const noteVoices = async (view: View) => {
    const voices = view.drones.flatMap(({ droneId }) => {
      const track = tracks.get(droneId)
      if (!track || track.readings.length === 0) return []
      const facts = view.facts.get(droneId)
      const groundAltitudeM = track.groundAltitudeM ?? facts?.groundAltitudeM ?? null
      const knownM = facts?.groundAltitudeM ?? Number.POSITIVE_INFINITY
      const moved = groundAltitudeM !== null && Math.abs(groundAltitudeM - knownM) > 1
      return !facts?.spoke || moved ? [{ droneId, groundAltitudeM }] : []
    })
    if (voices.length === 0) return
    lastView = null
    await health.noteVoices(voices)
  }

  /** Whether silence is held back at the moment: one alarm, and no orders. */
  const watchLink = async (quiet: readonly Quiet[], flying: number, nowMs: number, atMs: UnixMs): Promise<boolean> => {
    const { state, version } = await health.link()
    const lastedMs = durations.lasted('link', state.status, nowMs)
    const after = lookAtLink(state, { quiet, inFlight: flying, lastedMs, atMs }, limits.link)
    linkLost.set(after.status === 'lost' ? 1 : 0)
    if (after === state) return state.status === 'lost'
    if (await health.saveLink(after, version)) {
      log.warn({ from: state.status, to: after.status, quiet: quiet.length, inFlight: flying }, 'link of many drones')
    }
    return after.status === 'lost'
  }

  const decideOn = async (drone: KnownDrone, scene: Scene, view: View, at: { nowMs: number; atMs: UnixMs }) => {
    const { droneId, seen } = drone
    const { state, version } = view.healths.get(droneId) ?? { state: newHealth, version: 0 }
    const phase = phaseOf(state)
    const track = trackOf(droneId)
    const found = findingsOf(droneId, scene, phase, at.nowMs)
    const look = {
      type: 'look',
      droneId,
      findings: found,
      lastedMs: durations.lasted(`health/${droneId}`, phase, at.nowMs),
      calmMs: durations.lasted(`calm/${droneId}`, found.length === 0 ? 'calm' : 'troubled', at.nowMs),
      good: track.good,
      boot: seen?.boot ?? null,
      atMs: at.atMs,
    } as const
    const calm = found.length === 0 ? look.calmMs : 0
    const decision = decide(state, { ...look, calmMs: calm }, limits.policy)
    const [event] = decision.ok ? decision.events : []
    if (event === undefined || !(await health.apply(droneId, version, state, event))) return
    const { to, evidence, order } = event
    changes.inc({ to: to.status, rule: evidence.rule })
    const told = { droneId, from: state.status, to: to.status, ...evidence, order: order?.kind ?? null }
    log.info({ ...told, commandId: order?.commandId ?? null }, 'health changed')
  }

  const look = async () => {
    const view = await viewAt(clock.worldElapsed())
    const at = { nowMs: clock.worldElapsed(), atMs: clock.worldNow() }
    for (const { droneId, seen } of view.drones) {
      const flies = seen?.landed === false
      if (flies && inFlight.get(droneId) === false) tracks.set(droneId, takeOff(trackOf(droneId), at.nowMs))
      inFlight.set(droneId, flies)
      if (seen) tracks.set(droneId, takeBoot(trackOf(droneId), seen.boot, at.nowMs))
    }
    forget(view)
    await noteVoices(view)
    const positions = sights.positions.at(at.nowMs)
    blindPartitions.set({ of: 'positions' }, positions.blind)
    blindPartitions.set({ of: 'reports' }, view.reports.blind)

    const scenes = view.drones.map((drone) => ({ drone, scene: sceneOf(drone, view, { ...at, positions }) }))
    const flying = scenes.filter(({ scene }) => scene.inFlight)
    const quiet = flying.filter(
      ({ drone, scene }) =>
        (scene.silentMs ?? 0) >= limits.link.quietMs && isExpected(view.healths.get(drone.droneId)?.state),
    )
    const silences = quiet.map(({ scene }) => ({ silentMs: scene.silentMs ?? 0 }))
    const held = (await watchLink(silences, flying.length, at.nowMs, at.atMs))
      ? new Set(flying.filter(({ scene }) => (scene.silentMs ?? 0) >= limits.link.quietMs).map(({ drone }) => drone))
      : new Set<KnownDrone>()
    for (const { droneId } of held) durations.reset(`health/${droneId}`)

    const due = scenes.filter(({ drone }) => !held.has(drone))
    const workers = Array.from({ length: writesAtOnce }, async (_, worker) => {
      for (let index = worker; index < due.length; index += writesAtOnce) {
        const one = due[index]
        if (one) await decideOn(one.drone, one.scene, view, at)
      }
    })
    const ended = await Promise.allSettled(workers)
    for (const one of ended) if (one.status === 'rejected') throw one.reason
    count(view)
    const statusOf = (droneId: DroneId) => view.healths.get(droneId)?.state.status ?? 'healthy'
    healthyInFlight = flying.map(({ drone }) => drone.droneId).filter((droneId) => statusOf(droneId) === 'healthy')
    atRest =
      flying.length === 0 &&
      view.commands.size === 0 &&
      view.drones.every(
        ({ droneId }) => statusOf(droneId) === 'healthy' && unansweredItinerary(view.facts.get(droneId)) === null,
      )
  }

  const forget = (view: View) => {
    const known = new Set(view.drones.map(({ droneId }) => droneId))
    for (const droneId of tracks.keys()) {
      if (known.has(droneId)) continue
      tracks.delete(droneId)
      inFlight.delete(droneId)
      findings.delete(droneId)
    }
  }

  return {
    take,
    look,
    isAtRest: () => atRest,
    unheardMs: () => {
      const nowMs = clock.worldElapsed()
      return Math.max(0, ...healthyInFlight.map((droneId) => nowMs - trackOf(droneId).heardAtMs))
    },
    fault: (droneId) => {
      const track = tracks.get(droneId)
      const found = findings.get(droneId)
      if (!track || !found) return 'nothing was heard of it'
      if (inFlight.get(droneId)) return 'it is in flight'
      if (track.good < selfCheckReadings) return `${track.good} good readings, ${selfCheckReadings} are due`
      const silentMs = clock.worldElapsed() - track.heardAtMs
      if (silentMs > Math.max(selfCheckMs, limits.thresholds.silentMs)) return `silent for ${Math.round(silentMs)} ms`
      return found.length === 0 ? null : `these rules speak: ${found.map(({ rule }) => rule).join(', ')}`
    },
  }
}

const phaseOf = (state: Health) => `${state.status}/${state.incident}/${state.status === 'healthy' ? 0 : state.rung}`

/**
 * Whether the drone flies what we last heard that it was given. Positions, reports and itineraries come by three topics, and each
 * may be behind by a broker's failover: it may have been home since its last report that we know, or have accepted what we have not heard of.
 */
function fliesIt({ itinerary, flies }: Facts, { stood }: Track, seen: KnownDrone['seen']): boolean {
  if (itinerary === null || flies !== itinerary.itineraryId) return false
  const wasHomeSince =
    stood !== null &&
    seen !== null &&
    stood.atMs > seen.atMs &&
    distanceM(stood, itinerary.base.place) < droneModel.atBaseM
  return !wasHomeSince
}

const unansweredItinerary = (facts: Facts | undefined) =>
  facts?.itinerary && !facts.answered.includes(facts.itinerary.itineraryId) ? facts.itinerary : null

/** Whether its silence would be news. */
const isExpected = (state: Health | undefined) => state?.status !== 'rebooting' && state?.status !== 'grounded'

function count({ drones, healths }: View) {
  byStatus.reset()
  for (const { droneId } of drones) byStatus.inc({ status: healths.get(droneId)?.state.status ?? 'healthy' })
}
