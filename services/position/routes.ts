/**
 * Latest positions, tracks and the accounting. A customer's token is let in where the gateway asks for one of its
 * customer's orders: which drone a customer may see, and when, is the gateway's to say.
 */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import type { AccountingReply, BootAccountReply, LatestPosition } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { partitionOf } from '@fleet/messaging/topic'
import type { Clock } from '@fleet/runtime/clock'
import { ok, problem, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import { account } from './ledger.ts'
import type { DroneState, Partition } from './partition.ts'
import type { Partitions } from './partitions.ts'
import { size } from './ranges.ts'
import type { PositionStore } from './store.ts'
import { earliest, toTrack, trackWindow } from './track.ts'

const Window = z.strictObject({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional() })
const missingRangesMax = 100

export function positionRoutes({
  partitions,
  store,
  clock,
  isEnrolled,
  partitionCount = topics.dronePositions.partitions,
}: {
  partitions: Pick<Partitions, 'fresh'>
  store: Pick<PositionStore, 'positionsOf'>
  clock: Pick<Clock, 'worldNow'>
  isEnrolled: (droneId: string) => boolean
  partitionCount?: number
}): Route[] {
  return [
    route('GET /v1/fleet/positions', { allow: ['operator', 'customer'] }, async () => {
      const drones = dronesOf(await partitions.fresh())
      return ok({ items: drones.flatMap(([, { latest }]) => (latest === null ? [] : [toLatest(latest)])) })
    }),

    route(
      'GET /v1/drones/:droneId/track',
      { allow: ['operator', 'customer'], params: z.object({ droneId: DroneId }), query: Window },
      async ({ params: { droneId }, query }) => {
        if (!isEnrolled(droneId)) return problem({ code: 'drone.unknown', field: 'droneId', value: droneId })
        const asked = trackWindow(query, clock.worldNow())
        if (!asked.ok) return problem(asked.refusal)
        const partition = partitionOf(droneId, partitionCount)
        const positions = await earliest(store.positionsOf({ partition, droneId, ...asked.window }))
        return ok(toTrack(droneId, positions))
      },
    ),

    route('GET /v1/fleet/accounting', { allow: ['operator'] }, async () => ok(toAccounting(await partitions.fresh()))),
  ]
}

const dronesOf = (all: readonly Partition[]): [DroneId, DroneState][] =>
  all.flatMap(({ drones }) => [...drones]).toSorted(([a], [b]) => (a < b ? -1 : 1))

function toLatest({ takenAtMs, ...position }: DronePosition): LatestPosition {
  return { ...position, takenAt: new Date(takenAtMs).toISOString() }
}

/** Boots of which only doubtful refusals tell have given nothing out, and are left out. */
export function toAccounting(all: readonly Partition[]): AccountingReply {
  const drones = dronesOf(all)
  const refusedMessages: Record<string, number> = {}
  for (const partition of all) {
    for (const [reason, n] of Object.entries(partition.refusedMessages)) {
      refusedMessages[reason] = (refusedMessages[reason] ?? 0) + n
    }
  }
  return {
    items: drones.flatMap(([droneId, { ledger }]) =>
      ledger.boots.filter(({ highest }) => highest > 0).map((boot) => toBootAccount(droneId, account(boot))),
    ),
    earlier: drones.flatMap(([droneId, { ledger }]) =>
      ledger.earlier === null ? [] : [{ droneId, ...ledger.earlier }],
    ),
    refusedMessages,
  }
}

function toBootAccount(droneId: DroneId, { missing, ...rest }: ReturnType<typeof account>): BootAccountReply {
  const missingRanges = missing.slice(0, missingRangesMax).map(([first, last]): [number, number] => [first, last])
  return { droneId, ...rest, missing: size(missing), missingRanges }
}
