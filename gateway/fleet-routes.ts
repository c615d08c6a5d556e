/** The fleet, for operators: drones, positions, tracks, health, commands, deliveries, bases and zones; and the fleet live. */
import { HistoryWindowQuery } from '@fleet/contracts/flight-record'
import { type BoundingBox, FleetPositionsQuery, FleetStreamQuery } from '@fleet/contracts/front-door'
import { BaseId, CommandId, DroneId, OrderId, ZoneId } from '@fleet/contracts/ids'
import {
  AccountingQuery,
  ClosureBody,
  DroneCommandBody,
  EnrolDroneBody,
  NoteBody,
  TrackQuery,
  ZoneBody,
} from '@fleet/contracts/rest'
import { events, problem, type RequestContext, type Route, route } from '@fleet/runtime/http'
import { z } from 'zod'
import type { Ask, Downstream } from './downstream.ts'
import { type FleetLive, fleetViewersMax } from './fleet-live.ts'
import { fleetStream } from './fleet-stream.ts'
import { asCaller, get, keyedPost, post } from './forward.ts'
import type { LastPositions } from './last-positions.ts'

const allow = ['operator'] as const
const everyone = ['customer', 'operator'] as const
const drone = z.object({ id: DroneId })
const base = z.object({ id: BaseId })
const droneCommand = drone.extend({ commandId: CommandId })
const fleetCommand = z.object({ commandId: CommandId })
const delivery = z.object({ orderId: OrderId })

type Question = Pick<Ask, 'method' | 'path' | 'body' | 'headers' | 'idempotent'>
const through = (service: Downstream, context: RequestContext, question: Question) =>
  service.forward({ ...question, ...asCaller(context) })

export function droneRoutes(droneHealth: Downstream): Route[] {
  const to = (context: RequestContext, question: Question) => through(droneHealth, context, question)
  const noted = (what: 'grounding' | 'release') =>
    route(`POST /v1/drones/:id/${what}`, { allow, params: drone, body: NoteBody }, ({ params, body, ...context }) =>
      to(context, post(`/v1/drones/${params.id}/${what}`, body)),
    )
  return [
    route('POST /v1/drones', { allow, body: EnrolDroneBody }, ({ body, ...context }) =>
      to(context, keyedPost('/v1/drones', body, context.header)),
    ),
    route('GET /v1/drones', { allow }, (context) => to(context, get('/v1/drones'))),
    route('GET /v1/drones/:id', { allow, params: drone }, ({ params, ...context }) =>
      to(context, get(`/v1/drones/${params.id}`)),
    ),
    route('GET /v1/drones/:id/history', { allow, params: drone, query: HistoryWindowQuery }, (request) => {
      const { params, query, ...context } = request
      return to(context, get(`/v1/drones/${params.id}/history`, query))
    }),
    route('POST /v1/drones/:id/revocation', { allow, params: drone }, ({ params, ...context }) =>
      to(context, post(`/v1/drones/${params.id}/revocation`)),
    ),
    route(
      'POST /v1/drones/:id/commands',
      { allow, params: drone, body: DroneCommandBody },
      ({ params, body, ...context }) =>
        to(context, keyedPost(`/v1/drones/${params.id}/commands`, body, context.header)),
    ),
    route('GET /v1/drones/:id/commands/:commandId', { allow, params: droneCommand }, ({ params, ...context }) =>
      to(context, get(`/v1/drones/${params.id}/commands/${params.commandId}`)),
    ),
    route(
      'POST /v1/drones/:id/commands/:commandId/cancellation',
      { allow, params: droneCommand },
      ({ params, ...context }) =>
        to(context, post(`/v1/drones/${params.id}/commands/${params.commandId}/cancellation`)),
    ),
    noted('grounding'),
    noted('release'),
    route(
      'POST /v1/bases/:id/commands',
      { allow, params: base, body: DroneCommandBody },
      ({ params, body, ...context }) => to(context, keyedPost(`/v1/bases/${params.id}/commands`, body, context.header)),
    ),
    route('POST /v1/fleet/commands', { allow, body: DroneCommandBody }, ({ body, ...context }) =>
      to(context, keyedPost('/v1/fleet/commands', body, context.header)),
    ),
    route('GET /v1/fleet/commands/:commandId', { allow, params: fleetCommand }, ({ params, ...context }) =>
      to(context, get(`/v1/fleet/commands/${params.commandId}`)),
    ),
    route(
      'POST /v1/fleet/commands/:commandId/cancellation',
      { allow, params: fleetCommand },
      ({ params, ...context }) => to(context, post(`/v1/fleet/commands/${params.commandId}/cancellation`)),
    ),
    route('GET /v1/health/drones', { allow }, (context) => to(context, get('/v1/health/drones'))),
    route('GET /v1/health/alerts', { allow }, (context) => to(context, get('/v1/health/alerts'))),
    route('POST /v1/health/link/judgement', { allow, body: NoteBody }, ({ body, ...context }) =>
      to(context, post('/v1/health/link/judgement', body)),
    ),
  ]
}

export function dispatchRoutes(itinerary: Downstream): Route[] {
  const to = (context: RequestContext, question: Question) => through(itinerary, context, question)
  return [
    route('GET /v1/bases', { allow: everyone }, (context) => to(context, get('/v1/bases'))),
    // Pausing what is paused changes nothing.
    route('POST /v1/bases/:id/pause', { allow, params: base }, ({ params, ...context }) =>
      to(context, { ...post(`/v1/bases/${params.id}/pause`), idempotent: true }),
    ),
    route('POST /v1/bases/:id/resume', { allow, params: base }, ({ params, ...context }) =>
      to(context, { ...post(`/v1/bases/${params.id}/resume`), idempotent: true }),
    ),
    route('GET /v1/zones', { allow: everyone }, (context) => to(context, get('/v1/zones'))),
    route('POST /v1/zones', { allow, body: ZoneBody }, ({ body, ...context }) =>
      to(context, keyedPost('/v1/zones', body, context.header)),
    ),
    route('DELETE /v1/zones/:id', { allow, params: z.object({ id: ZoneId }) }, ({ params, ...context }) =>
      to(context, { method: 'DELETE', path: `/v1/zones/${params.id}` }),
    ),
    route('GET /v1/deliveries/:orderId', { allow, params: delivery }, ({ params, ...context }) =>
      to(context, get(`/v1/deliveries/${params.orderId}`)),
    ),
    route(
      'POST /v1/deliveries/:orderId/closure',
      { allow, params: delivery, body: ClosureBody },
      ({ params, body, ...context }) => to(context, post(`/v1/deliveries/${params.orderId}/closure`, body)),
    ),
  ]
}

const toText = ({ west, south, east, north }: BoundingBox) => `${west},${south},${east},${north}`

export function positionRoutes(position: Downstream, lastPositions: LastPositions, fleet: FleetLive): Route[] {
  return [
    // What is past does not change with an outage: only the present has a last known reading to fall back on.
    route('GET /v1/fleet/positions', { allow, query: FleetPositionsQuery }, ({ query: { bbox, at }, ...context }) =>
      at === undefined
        ? lastPositions.answer(asCaller(context), bbox)
        : through(position, context, get('/v1/fleet/positions', { at, bbox: bbox && toText(bbox) })),
    ),
    route('GET /v1/fleet/accounting', { allow, query: AccountingQuery }, ({ query, ...context }) =>
      through(position, context, get('/v1/fleet/accounting', query)),
    ),
    route('GET /v1/drones/:id/track', { allow, params: drone, query: TrackQuery }, ({ params, query, ...context }) =>
      through(position, context, get(`/v1/drones/${params.id}/track`, query)),
    ),
    route('GET /v1/fleet/stream', { allow, query: FleetStreamQuery }, async ({ query: { bbox } }) => {
      const viewer = fleet.watch(bbox)
      if (viewer === null) return problem({ code: 'service.unavailable', field: 'viewers', limit: fleetViewersMax })
      return events((signal) => fleetStream({ viewer, snapshot: lastPositions.snapshot, bbox, signal }))
    }),
  ]
}
