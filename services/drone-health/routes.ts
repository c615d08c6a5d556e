/** The operator's hand on the fleet: enrol, list, revoke, command. */
import { setTimeout as wait } from 'node:timers/promises'
import { CommandId, DroneId } from '@fleet/contracts/ids'
import type { Refusal } from '@fleet/contracts/problems'
import {
  DroneCommandBody,
  type DroneCommandReply,
  type DroneDetailReply,
  type DroneReply,
  EnrolDroneBody,
} from '@fleet/contracts/rest'
import type { Clock } from '@fleet/runtime/clock'
import { created, ok, problem, type Route, route } from '@fleet/runtime/http'
import { derivedId, idempotencyKey } from '@fleet/runtime/idempotency'
import { z } from 'zod'
import type { KnownCommand, KnownDrone } from './rows.ts'
import type { DroneStore } from './store.ts'

/** A base that the itinerary service has just told of may be a moment away on `airspace`; real milliseconds. */
const baseWaitMs = 5_000
/** An enrolment is true once it is stored; that long it waits for the brokers before it says so. Real milliseconds. */
const registryMsMax = 10_000
/**
 * A caller with a deadline is told in time, of what it waits for no longer than that: that there is no such base is its own mistake,
 * and that the brokers take nothing no failure of what is stored.
 */
const shareOfDeadline = 0.75
const lookEveryMs = 50
/** 62 bits: it stands in each of the drone's positions, so it is short. */
const droneIdChars = 12

const iso = (ms: number) => new Date(ms).toISOString()
const unknownDrone = (id: DroneId): Refusal => ({ code: 'drone.unknown', field: 'id', value: id })
const one = z.object({ id: DroneId })

/** Routes for operators alone. */
export function droneRoutes({
  store,
  clock,
  baseMsMax = baseWaitMs,
}: {
  store: DroneStore
  clock: Pick<Clock, 'worldNow'>
  /** How long an enrolment waits for its base, real milliseconds. */
  baseMsMax?: number
}): Route[] {
  const allow = ['operator'] as const

  return [
    route(
      'POST /v1/drones',
      { allow, body: EnrolDroneBody },
      async ({ body, caller, header, correlationId, signal }) => {
        const key = idempotencyKey(header('idempotency-key'), 'fresh')
        if (!key.ok) return problem(key.refusal)
        const deadlineMs = Number.parseFloat(header('x-deadline-ms') ?? '') || Number.POSITIVE_INFINITY
        const dueMs = performance.now() + shareOfDeadline * deadlineMs
        const within = (msMax: number, holds: () => Promise<boolean>) =>
          comesTrue(Math.min(dueMs, performance.now() + msMax), signal, holds)
        if (!(await within(baseMsMax, () => store.isBase(body.baseId)))) {
          return problem({ code: 'base.unknown', field: '/baseId', limit: 'a published base', value: body.baseId })
        }
        const id = derivedId({ caller, route: 'POST /v1/drones', key: key.key })
        const droneId = DroneId.parse(`drn_${id.slice(0, droneIdChars)}`)
        const cause = { correlationId, causationId: 'http' }
        const enrolled = await store.enrol({ droneId, ...body, atMs: clock.worldNow() }, cause)
        // Who answers sooner lets the drone speak before the registry knows it, and its first report is refused.
        if (enrolled.ok) await within(registryMsMax, () => store.isInRegistry(droneId))
        return enrolled.ok ? created(`/v1/drones/${droneId}`, toReply(enrolled.state)) : problem(enrolled.refusal)
      },
    ),

    route('GET /v1/drones', { allow }, async () => ok({ items: (await store.list()).map(toReply) })),

    route('GET /v1/drones/:id', { allow, params: one }, async ({ params }) => {
      const drone = await store.find(params.id)
      return drone === null ? problem(unknownDrone(params.id)) : ok(toDetail(drone))
    }),

    route('POST /v1/drones/:id/revocation', { allow, params: one }, async ({ params, correlationId }) => {
      const cause = { correlationId, causationId: 'http' }
      const revoked = await store.revoke({ droneId: params.id, atMs: clock.worldNow() }, cause)
      return revoked.ok ? ok(toReply(revoked.state)) : problem(revoked.refusal)
    }),

    route(
      'POST /v1/drones/:id/commands',
      { allow, params: one, body: DroneCommandBody },
      async ({ params, body, caller, header, correlationId }) => {
        const key = idempotencyKey(header('idempotency-key'), 'refused')
        if (!key.ok) return problem(key.refusal)
        const id = derivedId({ caller, route: `POST /v1/drones/${params.id}/commands`, key: key.key })
        const commandId = CommandId.parse(`cmd_${id}`)
        const issued = await store.issue(
          { commandId, droneId: params.id, ...body, issuedBy: caller.sub, atMs: clock.worldNow() },
          { correlationId, causationId: 'http' },
        )
        return issued.ok
          ? created(`/v1/drones/${params.id}/commands/${commandId}`, toCommandReply(issued.state))
          : problem(issued.refusal)
      },
    ),

    route(
      'GET /v1/drones/:id/commands/:commandId',
      { allow, params: one.extend({ commandId: CommandId }) },
      async ({ params }) => {
        const command = await store.findCommand(params.id, params.commandId)
        return command === null
          ? problem({ code: 'command.unknown', field: 'commandId', value: params.commandId })
          : ok(toCommandReply(command))
      },
    ),

    route(
      'POST /v1/drones/:id/commands/:commandId/cancellation',
      { allow, params: one.extend({ commandId: CommandId }) },
      async ({ params }) => {
        const { id: droneId, commandId } = params
        const cancelled = await store.cancel({ droneId, commandId, atMs: clock.worldNow() })
        return cancelled.ok ? ok(toCommandReply(cancelled.state)) : problem(cancelled.refusal)
      },
    ),
  ]
}

/** Whether `holds` comes to hold by `dueMs` (of `performance.now`), and before the caller leaves; it is asked once at least. */
async function comesTrue(dueMs: number, signal: AbortSignal, holds: () => Promise<boolean>): Promise<boolean> {
  do {
    if (signal.aborted) return false
    if (await holds()) return true
    await wait(lookEveryMs)
  } while (performance.now() < dueMs)
  return false
}

function toReply(drone: KnownDrone): DroneReply {
  const { droneId, name, hostId, keyVersion, baseId } = drone
  const revokedAt = drone.status === 'revoked' ? iso(drone.revokedAtMs) : null
  return { droneId, name, hostId, keyVersion, baseId, enrolledAt: iso(drone.enrolledAtMs), revokedAt }
}

function toDetail(drone: KnownDrone): DroneDetailReply {
  if (drone.seen === null) return { ...toReply(drone), seen: null }
  const { atMs, ...seen } = drone.seen
  return { ...toReply(drone), seen: { ...seen, at: iso(atMs) } }
}

export function toCommandReply(command: KnownCommand): DroneCommandReply {
  const { commandId, droneId, order, ttlMs, status, issuedAtMs, changedAtMs } = command
  return {
    commandId,
    droneId,
    kind: order.kind,
    ttlMs,
    endsBoot: order.kind === 'reboot' ? order.endsBoot : null,
    status,
    reason: 'reason' in command ? command.reason : null,
    issuedAt: iso(issuedAtMs),
    changedAt: iso(changedAtMs),
  }
}
