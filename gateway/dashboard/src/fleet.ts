/**
 * The fleet as this page knows it: where each drone is and was, how it is, and how old that knowledge is. It lives outside
 * React: the map reads it sixty times a second, panels once a second.
 */
import { HealthState } from '@fleet/contracts/drone-health'
import { DroneId } from '@fleet/contracts/ids'
import { LatestPosition } from '@fleet/contracts/rest'
import { SecurityAlertMessage } from '@fleet/contracts/security-alerts'
import { z } from 'zod'
import { type Connection, openLiveStream, type StreamEvent } from './live-stream.ts'
import { type Motion, mercatorX, mercatorY, still, towards } from './motion.ts'

/** So many points of each drone's way are kept; at one a second of world time that is the last half minute. */
const trailMax = 40
/** More drones than this are not kept: whoever watches so many should ask for a box. */
const dronesMax = 10_000
const attacksMax = 200
const tellEveryMs = 1_000

const AttackSeen = SecurityAlertMessage.options[0].shape.data
export type AttackSeen = z.infer<typeof AttackSeen>
const HealthSeen = z.object({ droneId: z.string(), to: HealthState })
const Positions = z.object({ items: z.array(LatestPosition) })
const Snapshot = Positions.extend({ stale: z.boolean() })

export type Drone = {
  latest: LatestPosition
  motion: Motion
  /** The last points in Mercator units, x and y by turns, the oldest first. */
  trail: number[]
  /** When it was last heard; real monotonic milliseconds. */
  heardMs: number
}

type OwnDrone = Pick<LatestPosition, 'takenAt' | 'lat' | 'lon' | 'altitudeM' | 'headingDeg'>

export type Fleet = ReturnType<typeof createFleet>

export function createFleet() {
  const drones = new Map<string, Drone>()
  const health = new Map<string, HealthState>()
  let attacks: AttackSeen[] = []
  let connection: Connection = { kind: 'connecting' }
  let heardMs: number | null = null
  let version = 0
  let stream: { close(): void; reopen(): void } | undefined
  const listeners = new Set<() => void>()
  const newsListeners = new Set<(event: string) => void>()
  const frameListeners = new Set<() => void>()

  const tell = () => {
    version += 1
    for (const listener of listeners) listener()
  }

  const frame = () => {
    for (const listener of frameListeners) listener()
  }

  const show = (latest: LatestPosition, nowMs: number) => {
    const to = { x: mercatorX(latest.lon), y: mercatorY(latest.lat), headingDeg: latest.headingDeg }
    const known = drones.get(latest.droneId)
    if (known === undefined) {
      if (drones.size >= dronesMax) return
      drones.set(latest.droneId, { latest, motion: still(to, nowMs), trail: [to.x, to.y], heardMs: nowMs })
      return
    }
    const isOlder =
      latest.boot < known.latest.boot || (latest.boot === known.latest.boot && latest.seq <= known.latest.seq)
    if (isOlder) return
    known.latest = latest
    known.motion = towards(known.motion, to, nowMs)
    known.heardMs = nowMs
    const { trail } = known
    if (trail.at(-2) !== to.x || trail.at(-1) !== to.y) trail.push(to.x, to.y)
    if (trail.length > trailMax * 2) trail.splice(0, trail.length - trailMax * 2)
  }

  const hear = ({ event, data }: StreamEvent) => {
    const nowMs = performance.now()
    heardMs = nowMs
    switch (event) {
      case 'snapshot':
        for (const item of Snapshot.parse(data).items) show(item, nowMs)
        frame()
        tell()
        return
      case 'positions':
        for (const item of Positions.parse(data).items) show(item, nowMs)
        frame()
        return
      case 'health.changed': {
        const { droneId, to } = HealthSeen.parse(data)
        health.set(droneId, to)
        frame()
        break
      }
      case 'alert.raised':
        attacks = [AttackSeen.parse(data), ...attacks].slice(0, attacksMax)
        break
    }
    tell()
    for (const listener of newsListeners) listener(event)
  }

  return {
    drones,
    health,
    attacks: () => attacks,
    connection: () => connection,
    /** How old the newest word of the stream is, in real milliseconds; null before the first. */
    ageMs: () => (heardMs === null ? null : performance.now() - heardMs),
    /** Follows the stream until the returned function is called. */
    follow: () => {
      stream = openLiveStream({
        path: () => '/v1/fleet/stream',
        onEvent: hear,
        onConnection: (next) => {
          connection = next
          tell()
        },
      })
      const timer = setInterval(tell, tellEveryMs)
      return () => {
        clearInterval(timer)
        stream?.close()
        drones.clear()
        health.clear()
        attacks = []
      }
    },
    /** Tries at once, and does not wait for the next try. */
    reconnect: () => stream?.reopen(),
    /** What the services say; the stream tells only what changes. */
    setHealth: (items: Iterable<{ droneId: string; status: HealthState }>) => {
      for (const { droneId, status } of items) health.set(droneId, status)
    },
    /** One position that came another way, as by an order's own stream. */
    showOne: (latest: LatestPosition) => {
      show(latest, performance.now())
      frame()
    },
    /** A drone of which nothing but its place is told. */
    showOwn: (droneId: string, { takenAt, lat, lon, altitudeM, headingDeg }: OwnDrone) => {
      const seq = Math.floor(Date.parse(takenAt))
      const rest = { boot: 1, seq, speedMps: 0, batteryPct: 100 }
      show({ droneId: DroneId.parse(droneId), takenAt, lat, lon, altitudeM, headingDeg, ...rest }, performance.now())
      frame()
    },
    forget: (droneId: string) => {
      drones.delete(droneId)
      frame()
    },
    /** At most once a second, and at each piece of news. */
    subscribe: (listener: () => void) => {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    version: () => version,
    /** Whenever there is something new to draw. */
    onFrame: (listener: () => void) => {
      frameListeners.add(listener)
      return () => void frameListeners.delete(listener)
    },
    onNews: (listener: (event: string) => void) => {
      newsListeners.add(listener)
      return () => void newsListeners.delete(listener)
    },
  }
}
