/**
 * One command to the drones of a base, or of the whole fleet: a part for each drone, with an outcome of its own. All parts
 * are queued in one transaction, and sent by a loop, some in each of its transactions; what is still queued can be cancelled.
 */
import { createHash } from 'node:crypto'
import { BaseId, CommandId, type DroneId } from '@fleet/contracts/ids'
import { type CommandStatus, DroneCommandBody, type FleetCommandReply } from '@fleet/contracts/rest'
import type { Database } from '@fleet/messaging/database'
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { Clock } from '@fleet/runtime/clock'
import { created, ok, problem, type RequestContext, type Route, route } from '@fleet/runtime/http'
import { derivedId, idempotencyKey } from '@fleet/runtime/idempotency'
import type { Log } from '@fleet/runtime/log'
import { z } from 'zod'
import { toCommandReply } from './routes.ts'
import type { KnownCommand } from './rows.ts'
import type { DroneStore } from './store.ts'

/** Commands that one round sends, in one transaction, which conflicts with what their drones report; the next follows at once while there are more. */
const roundMax = 50
const sendEveryMs = 500

/** Sends queued commands, oldest first, whoever queued them. */
export function startSender(store: Pick<DroneStore, 'sendQueued'>, clock: Pick<Clock, 'worldNow'>, log: Log): Loop {
  const loop: Loop = startLoop('commands', sendEveryMs, log, async () => {
    const had = await store.sendQueued(roundMax, clock.worldNow())
    if (had === roundMax) loop.wake()
  })
  return loop
}

/** Routes for operators alone. `wake` tells the sender. */
export function fleetCommandRoutes({
  db,
  store,
  clock,
  wake,
}: {
  db: Pick<Database, 'transact'>
  store: DroneStore
  clock: Pick<Clock, 'worldNow'>
  wake: () => void
}): Route[] {
  const allow = ['operator'] as const
  const whole = z.object({ commandId: CommandId })

  const order = async (to: 'fleet' | BaseId, request: RequestContext & { body: DroneCommandBody }) => {
    const { body, caller, header } = request
    const key = idempotencyKey(header('idempotency-key'), 'refused')
    if (!key.ok) return problem(key.refusal)
    const group = CommandId.parse(`cmd_${derivedId({ caller, route: `commands to ${to}`, key: key.key })}`)
    const drones = (await store.list()).filter(
      ({ status, baseId }) => status === 'enrolled' && (to === 'fleet' || baseId === to),
    )
    const refusal = await db.transact(async (tx) => {
      // Who joined since the first request is not addressed by its repetition.
      const before = await store.group(group, tx)
      const ids = before.length > 0 ? before.map(({ droneId }) => droneId) : drones.map(({ droneId }) => droneId)
      const parts = ids.map((droneId) => partOf(group, droneId))
      return store.queue(parts, { group, ...body, issuedBy: caller.sub, atMs: clock.worldNow() }, tx)
    })
    if (refusal !== null) return problem(refusal)
    wake()
    return created(`/v1/fleet/commands/${group}`, toReply(group, await store.group(group)))
  }

  return [
    route('POST /v1/fleet/commands', { allow, body: DroneCommandBody }, (request) => order('fleet', request)),

    route(
      'POST /v1/bases/:id/commands',
      { allow, params: z.object({ id: BaseId }), body: DroneCommandBody },
      async ({ params, ...request }) =>
        (await store.isBase(params.id))
          ? order(params.id, request)
          : problem({ code: 'base.unknown', field: 'id', value: params.id }),
    ),

    route('GET /v1/fleet/commands/:commandId', { allow, params: whole }, async ({ params }) => {
      const parts = await store.group(params.commandId)
      return parts.length === 0
        ? problem({ code: 'command.unknown', field: 'commandId', value: params.commandId })
        : ok(toReply(params.commandId, parts))
    }),

    route('POST /v1/fleet/commands/:commandId/cancellation', { allow, params: whole }, async ({ params }) => {
      const { commandId: group } = params
      const parts = await store.group(group)
      if (parts.length === 0) return problem({ code: 'command.unknown', field: 'commandId', value: group })
      // What was sent meanwhile is the drone's to end: its part says so.
      await store.cancelGroup(group, clock.worldNow())
      return ok(toReply(group, await store.group(group)))
    }),
  ]
}

const partOf = (group: CommandId, droneId: DroneId) => ({ droneId, commandId: partIdOf(group, droneId) })

const partIdOf = (group: CommandId, droneId: DroneId): CommandId =>
  CommandId.parse(`cmd_${createHash('sha256').update(`${group}\0${droneId}`).digest('hex').slice(0, 32)}`)

const ended: ReadonlySet<CommandStatus> = new Set<CommandStatus>([
  'succeeded',
  'failed',
  'refused',
  'expired',
  'cancelled',
  'unknown',
])

function toReply(commandId: CommandId, parts: readonly KnownCommand[]): FleetCommandReply {
  const byStatus: FleetCommandReply['byStatus'] = {}
  for (const { status } of parts) byStatus[status] = (byStatus[status] ?? 0) + 1
  const done = parts.filter(({ status }) => ended.has(status)).length
  return { commandId, total: parts.length, done, byStatus, items: parts.map(toCommandReply) }
}
