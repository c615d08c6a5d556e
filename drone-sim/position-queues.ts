/** Store and forward: each drone's positions wait here until brokers have them. Full, a queue gives up its oldest and counts it. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import type { DroneId } from '@fleet/contracts/ids'

export type PositionQueues = {
  add(position: DronePosition): void
  size(): number
  /**
   * About `max` positions, at least one of each drone that has any and is not `held`, each drone's oldest first. They stay until
   * they are removed.
   */
  oldest(max: number, held?: (droneId: DroneId) => boolean): DronePosition[]
  /** Brokers have these, and so all older ones of the same drones. */
  remove(accepted: readonly DronePosition[]): void
  /** How many were given up since the last call. */
  takeDropCount(): number
}

export function createPositionQueues(maxPerDrone: number): PositionQueues {
  /** Of those drones that have any: most of a large fleet's are sent before the next are there. */
  const queues = new Map<DroneId, DronePosition[]>()
  let drops = 0
  let size = 0
  return {
    add: (position) => {
      const queue = queues.get(position.droneId) ?? []
      queues.set(position.droneId, queue)
      queue.push(position)
      size += 1
      if (queue.length > maxPerDrone) {
        queue.shift()
        drops += 1
        size -= 1
      }
    },
    size: () => size,
    oldest: (max, held = () => false) => {
      const share = Math.max(1, Math.floor(max / Math.max(1, queues.size)))
      return [...queues].flatMap(([droneId, queue]) => (held(droneId) ? [] : queue.slice(0, share)))
    },
    remove: (accepted) => {
      const last = new Map(accepted.map((position) => [position.droneId, position]))
      for (const [droneId, position] of last) {
        const queue = queues.get(droneId) ?? []
        const kept = queue.filter((one) => isAfter(one, position))
        size -= queue.length - kept.length
        if (kept.length === 0) queues.delete(droneId)
        else queues.set(droneId, kept)
      }
    },
    takeDropCount: () => {
      const taken = drops
      drops = 0
      return taken
    },
  }
}

const isAfter = (one: DronePosition, other: DronePosition) =>
  one.boot > other.boot || (one.boot === other.boot && one.seq > other.seq)
