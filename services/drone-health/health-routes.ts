/** The drones' health, for operators: what it is, what calls for them, and what only they may decide. */
import { type DroneHistoryReply, HistoryWindowQuery } from '@fleet/contracts/flight-record'
import { DroneId } from '@fleet/contracts/ids'
import { type DroneHealthReply, type HealthAlertsReply, NoteBody } from '@fleet/contracts/rest'
import { UnixMs, unixMsMax } from '@fleet/contracts/units'
import type { Clock } from '@fleet/runtime/clock'
import { ok, problem, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import { decide, type Health, type HealthCommand, newHealth } from './health.ts'
import { changesMax, type HealthStore } from './health-store.ts'
import { judge, type Link } from './link.ts'
import type { Policy } from './policy.ts'
import { type CommandHistory, type DroneStore, historyMax } from './store.ts'

const iso = (ms: number) => new Date(ms).toISOString()
/** A look may change a health between our reading and our writing; more often than this it does not. */
const triesMax = 5

/** Routes for operators alone. */
export function healthRoutes({
  drones,
  health,
  fault,
  policy,
  clock,
}: {
  drones: Pick<DroneStore, 'list' | 'find' | 'commandsOf'>
  health: HealthStore
  /** What keeps a drone from being released, or null: its self-check. */
  fault: (droneId: DroneId) => string | null
  policy: Policy
  clock: Pick<Clock, 'worldNow'>
}): Route[] {
  const allow = ['operator'] as const
  const one = z.object({ id: DroneId })

  const replies = async (): Promise<DroneHealthReply[]> => {
    const [known, healths] = await Promise.all([drones.list(), health.all()])
    return known
      .filter(({ status }) => status === 'enrolled')
      .map(({ droneId }) => toReply(droneId, healths.get(droneId)?.state ?? newHealth))
  }

  const command = async (droneId: DroneId, given: Exclude<HealthCommand, { type: 'look' }>) => {
    if ((await drones.find(droneId)) === null) return problem({ code: 'drone.unknown', field: 'id', value: droneId })
    for (let tried = 0; tried < triesMax; tried++) {
      const { state, version } = await health.find(droneId)
      const decision = decide(state, given, policy)
      if (!decision.ok) return problem(decision.refusal)
      const [event] = decision.events
      if (event === undefined) return ok(toReply(droneId, state))
      if (await health.apply(droneId, version, state, event)) return ok(toReply(droneId, event.to))
    }
    throw new Error(`the health of ${droneId} changed ${triesMax} times meanwhile`)
  }

  return [
    route('GET /v1/health/drones', { allow }, async () => ok({ items: await replies() })),

    route('GET /v1/health/alerts', { allow }, async () => {
      const [all, { state }] = await Promise.all([replies(), health.link()])
      const items = all.filter(({ status }) => status !== 'healthy' && status !== 'suspect')
      return ok({ link: toLinkReply(state), items } satisfies HealthAlertsReply)
    }),

    route(
      'GET /v1/drones/:id/history',
      { allow, params: one, query: HistoryWindowQuery },
      async ({ params, query }) => {
        const { id } = params
        if ((await drones.find(id)) === null) return problem({ code: 'drone.unknown', field: 'id', value: id })
        const window = windowOf(query)
        const [changes, commands] = await Promise.all([health.changes(id, window), drones.commandsOf(id, window)])
        return ok({
          health: changes.slice(0, changesMax).map(({ atMs, ...change }) => ({ at: iso(atMs), ...change })),
          commands: commands.slice(0, historyMax).map(toCommandHistory),
          truncated: changes.length > changesMax || commands.length > historyMax,
        } satisfies DroneHistoryReply)
      },
    ),

    route('POST /v1/health/link/judgement', { allow, body: NoteBody }, async ({ body, caller }) => {
      const { state, version } = await health.link()
      const judged = judge(state, { by: caller.sub, note: body.note, atMs: clock.worldNow() })
      if (judged === state || !(await health.saveLink(judged, version))) {
        return problem({ code: 'link.not-lost', value: state.status })
      }
      return ok(toLinkReply(judged))
    }),

    route('POST /v1/drones/:id/grounding', { allow, params: one, body: NoteBody }, ({ params, body, caller }) =>
      command(params.id, { type: 'ground', note: body.note, by: caller.sub, atMs: clock.worldNow() }),
    ),

    route('POST /v1/drones/:id/release', { allow, params: one, body: NoteBody }, ({ params, body, caller }) => {
      const release = { type: 'release', note: body.note, by: caller.sub, fault: fault(params.id) } as const
      return command(params.id, { ...release, atMs: clock.worldNow() })
    }),
  ]
}

function toReply(droneId: DroneId, state: Health): DroneHealthReply {
  const { status, incident, sinceMs } = state
  const evidence = state.status === 'healthy' ? null : state.evidence
  return { droneId, status, since: sinceMs === null ? null : iso(sinceMs), incident, evidence }
}

/** Nothing of ours is older than 1970. */
const sinceEpoch = (time: string) => UnixMs.parse(Math.max(0, Date.parse(time)))

/** Without an end: to the end of time. */
const windowOf = ({ from, to }: z.infer<typeof HistoryWindowQuery>) => ({
  fromMs: sinceEpoch(from),
  toMs: to === undefined ? UnixMs.parse(unixMsMax) : sinceEpoch(to),
})

function toCommandHistory({ command, steps }: CommandHistory): DroneHistoryReply['commands'][number] {
  const { commandId, order, issuedBy } = command
  return {
    commandId,
    kind: order.kind,
    issuedBy,
    reason: 'reason' in command ? command.reason : null,
    steps: steps.flatMap(({ status, atMs }) => (status === 'none' ? [] : [{ status, at: iso(atMs) }])),
  }
}

function toLinkReply(link: Link): HealthAlertsReply['link'] {
  switch (link.status) {
    case 'up':
      return { status: 'up', since: null, quiet: null, inFlight: null, note: null }
    case 'lost':
      return { status: 'lost', since: iso(link.sinceMs), quiet: link.quiet, inFlight: link.inFlight, note: null }
    case 'judged':
      return { status: 'judged', since: iso(link.sinceMs), quiet: null, inFlight: null, note: link.note }
  }
}
