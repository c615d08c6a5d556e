/**
 * Latest positions, tracks and the accounting. A customer's token is let in where the gateway asks for one of its
 * customer's orders: which drone a customer may see, and when, is the gateway's to say.
 */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { FleetPositionsQuery, isInside } from '@fleet/contracts/front-door'
import { DroneId } from '@fleet/contracts/ids'
import { AccountingQuery, type AccountingReply, type LatestPosition, TrackQuery } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { partitionOf } from '@fleet/messaging/topic'
import type { Clock } from '@fleet/runtime/clock'
import { ok, problem, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import type { BootCeilings, DroneCeilings } from './boot-ceilings.ts'
import { account, noTotals, plus, totalsOf } from './ledger.ts'
import { type DroneState, newer, type Partition } from './partition.ts'
import type { Partitions } from './partitions.ts'
import type { Range } from './ranges.ts'
import type { PositionStore } from './store.ts'
import { earliest, pointOf, toTrack, trackWindow } from './track.ts'
import { withUnheard } from './unheard.ts'

/** Who was not heard of for so long before a moment is not shown as having been there. World milliseconds. */
const heardMs = 60_000
const missingRangesMax = 100
/** Of all boots of an answer, so that a large fleet's fits through the gateway. */
const missingRangesOfAllMax = 100_000

export function positionRoutes({
  partitions,
  store,
  ceilings,
  clock,
  isEnrolled,
  partitionCount = topics.dronePositions.partitions,
}: {
  partitions: Pick<Partitions, 'fresh'>
  store: Pick<PositionStore, 'positionsOf' | 'positionsIn'>
  ceilings: Pick<BootCeilings, 'all'>
  clock: Pick<Clock, 'worldNow'>
  isEnrolled: (droneId: string) => boolean
  partitionCount?: number
}): Route[] {
  return [
    route(
      'GET /v1/fleet/positions',
      { allow: ['operator', 'customer'], query: FleetPositionsQuery },
      async ({ query: { bbox, at } }) => {
        const newest = at === undefined ? newestOf(await partitions.fresh()) : await newestAt(store, Date.parse(at))
        return ok({ items: newest.filter((position) => isInside(position, bbox)).map(toLatest) })
      },
    ),

    route(
      'GET /v1/drones/:droneId/track',
      { allow: ['operator', 'customer'], params: z.object({ droneId: DroneId }), query: TrackQuery },
      async ({ params: { droneId }, query }) => {
        if (!isEnrolled(droneId)) return problem({ code: 'drone.unknown', field: 'droneId', value: droneId })
        const asked = trackWindow(query, clock.worldNow())
        if (!asked.ok) return problem(asked.refusal)
        const partition = partitionOf(droneId, partitionCount)
        const { limit, toleranceM } = query
        const after = query.after === undefined ? null : pointOf(query.after)
        const { fromMs, toMs } = asked.window
        const window = { fromMs: Math.max(fromMs, after?.takenAtMs ?? fromMs), toMs }
        const positions = await earliest(store.positionsOf({ partition, droneId, ...window }), limit, after)
        return ok(toTrack(droneId, positions, { max: limit, toleranceM }))
      },
    ),

    route(
      'GET /v1/fleet/accounting',
      { allow: ['operator'], query: AccountingQuery },
      async ({ query: { droneId } }) => {
        if (droneId !== undefined && !isEnrolled(droneId)) {
          return problem({ code: 'drone.unknown', field: 'droneId', value: droneId })
        }
        return ok(toAccounting(await partitions.fresh(), await ceilings.all(droneId), droneId))
      },
    ),
  ]
}

const dronesOf = (all: readonly Partition[]): [DroneId, DroneState][] =>
  all.flatMap(({ drones }) => [...drones]).toSorted(([a], [b]) => (a < b ? -1 : 1))

const newestOf = (all: readonly Partition[]): DronePosition[] => dronesOf(all).flatMap(([, { latest }]) => latest ?? [])

/** Each drone's newest position as of a moment in the past, by the drones' clocks. */
async function newestAt(store: Pick<PositionStore, 'positionsIn'>, atMs: number): Promise<DronePosition[]> {
  const found = new Map<DroneId, DronePosition>()
  for await (const some of store.positionsIn({ fromMs: atMs - heardMs, toMs: atMs })) {
    for (const position of some) found.set(position.droneId, newer(found.get(position.droneId) ?? null, position))
  }
  return [...found.values()].toSorted((a, b) => (a.droneId < b.droneId ? -1 : 1))
}

function toLatest({ takenAtMs, ...position }: DronePosition): LatestPosition {
  return { ...position, takenAt: new Date(takenAtMs).toISOString() }
}

/**
 * Of all drones, or of `only` one, and of the ceilings that are given. Boots of which only doubtful refusals tell have given nothing
 * out, and are left out.
 */
export function toAccounting(
  all: readonly Partition[],
  ceilings: readonly DroneCeilings[],
  only?: DroneId,
): AccountingReply {
  const drones = dronesOf(all).filter(([droneId]) => only === undefined || droneId === only)
  const refusedMessages: Record<string, number> = {}
  for (const partition of all) {
    for (const [reason, n] of Object.entries(partition.refusedMessages)) {
      refusedMessages[reason] = (refusedMessages[reason] ?? 0) + n
    }
  }
  const accounts = drones.flatMap(([droneId, { ledger }]) =>
    ledger.boots.filter(({ highest }) => highest > 0).map((boot) => ({ droneId, ...account(boot) })),
  )
  const earlier = drones.flatMap(([droneId, { ledger }]) =>
    ledger.earlier === null ? [] : [{ droneId, ...ledger.earlier }],
  )
  const rangesMax = Math.min(missingRangesMax, Math.floor(missingRangesOfAllMax / accounts.length))
  const heard = accounts.map((one) => ({ ...one, missingRanges: one.missingRanges.slice(0, rangesMax).map(toPair) }))
  const items = withUnheard(heard, ceilings, new Set(earlier.map(({ droneId }) => droneId)))
  const unheard = items.reduce((sum, one) => sum + (one.unheard ?? 0), 0)
  return {
    items,
    earlier,
    total: { ...[...accounts.map(totalsOf), ...earlier].reduce(plus, noTotals), unheard },
    refusedMessages,
  }
}

const toPair = ([first, last]: Range): [number, number] => [first, last]
