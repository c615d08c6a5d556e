/** Drones, positions, health, commands, deliveries, bases and zones, as the document tells them. */

import { Zone } from '@fleet/contracts/airspace'
import { DeliveryReply, StationedBaseReply, StationedBasesReply, ZoneWithdrawnReply } from '@fleet/contracts/dispatch'
import { DroneHistoryReply } from '@fleet/contracts/flight-record'
import {
  AcknowledgementReply,
  AcknowledgementsReply,
  ConsumerLagReply,
  FleetPositionsReply,
  ServicesHealthReply,
} from '@fleet/contracts/front-door'
import {
  AccountingReply,
  DroneCommandReply,
  DroneDetailReply,
  DroneHealthReply,
  DroneHealthsReply,
  DroneReply,
  DronesReply,
  FleetCommandReply,
  HealthAlertsReply,
  TrackReply,
  ZonesReply,
} from '@fleet/contracts/rest'
import type { ReplyDoc, RouteDocs } from './route-doc.ts'

const command: ReplyDoc = { says: 'The command, as far as it has come.', schema: DroneCommandReply }
const fleetCommand: ReplyDoc = { says: 'Its parts, one a drone, each with its own outcome.', schema: FleetCommandReply }
const health: ReplyDoc = { says: "The drone's health after it.", schema: DroneHealthReply }
const delivery: ReplyDoc = { says: 'How the delivery stands.', schema: DeliveryReply }
const base: ReplyDoc = { says: 'The base after it.', schema: StationedBaseReply }
const keyed = ['idempotency.key-missing', 'idempotency.key-reused'] as const
const needs = 'services'

const drones = {
  'POST /v1/drones': {
    id: 'enrolDrone',
    tag: 'drones',
    summary: 'Enrol a drone',
    description: 'It answers once the registry is with the brokers, so that the drone may report at once.',
    idempotencyKey: 'optional',
    replies: { 201: { says: 'The registry entry.', schema: DroneReply, headers: ['Location'] } },
    refuses: ['idempotency.key-reused', 'base.unknown', 'drone.name-taken'],
    needs,
  },
  'GET /v1/drones': {
    id: 'listDrones',
    tag: 'drones',
    summary: 'List the drones of the registry',
    replies: { 200: { says: 'All of them, revoked ones too.', schema: DronesReply } },
    needs,
  },
  'GET /v1/drones/:id': {
    id: 'readDrone',
    tag: 'drones',
    summary: 'Read a drone, with what it last said of itself',
    replies: { 200: { says: 'The drone.', schema: DroneDetailReply } },
    refuses: ['drone.unknown'],
    needs,
  },
  'GET /v1/drones/:id/history': {
    id: 'readDroneHistory',
    tag: 'drones',
    summary: "A drone's changes of health and its commands in a window of time",
    replies: {
      200: { says: 'Both, oldest first, each command with the times of its steps.', schema: DroneHistoryReply },
    },
    refuses: ['drone.unknown'],
    needs,
  },
  'POST /v1/drones/:id/revocation': {
    id: 'revokeDrone',
    tag: 'drones',
    summary: 'Revoke a drone: what it says from then on is refused',
    replies: { 200: { says: 'The registry entry after it.', schema: DroneReply } },
    refuses: ['drone.unknown'],
    needs,
  },
  'POST /v1/drones/:id/commands': {
    id: 'commandDrone',
    tag: 'drones',
    summary: 'Command a drone',
    idempotencyKey: 'required',
    replies: { 201: { ...command, headers: ['Location'] } },
    refuses: [...keyed, 'drone.unknown', 'drone.revoked', 'drone.never-booted'],
    needs,
  },
  'GET /v1/drones/:id/commands/:commandId': {
    id: 'readCommand',
    tag: 'drones',
    summary: 'Read a command',
    replies: { 200: command },
    refuses: ['command.unknown'],
    needs,
  },
  'POST /v1/drones/:id/commands/:commandId/cancellation': {
    id: 'cancelCommand',
    tag: 'drones',
    summary: 'Cancel a command that is not out yet',
    replies: { 200: command },
    refuses: ['command.unknown', 'command.sent-already'],
    needs,
  },
  'POST /v1/drones/:id/grounding': {
    id: 'groundDrone',
    tag: 'health',
    summary: 'Ground a drone: it gets no flight and no permit until it is released',
    replies: { 200: health },
    refuses: ['drone.unknown'],
    needs,
  },
  'POST /v1/drones/:id/release': {
    id: 'releaseDrone',
    tag: 'health',
    summary: 'Release a grounded drone that passes its self-check',
    replies: { 200: health },
    refuses: ['drone.unknown', 'drone.not-grounded', 'drone.self-check-failed'],
    needs,
  },
  'GET /v1/drones/:id/track': {
    id: 'readTrack',
    tag: 'fleet',
    summary: "A drone's way, as GeoJSON",
    description:
      'The last hour, unless it is asked otherwise; at most a day. The next page is asked for with the same `from` and `to`, and `after` as `next` says.',
    replies: {
      200: { says: 'A LineString with one time a vertex; a Point where there is one vertex.', schema: TrackReply },
    },
    refuses: ['drone.unknown', 'track.window-empty', 'track.window-too-wide'],
    needs,
  },
} as const satisfies RouteDocs

const fleet = {
  'POST /v1/bases/:id/commands': {
    id: 'commandBase',
    tag: 'fleet',
    summary: 'Command all drones of a base',
    idempotencyKey: 'required',
    replies: { 201: { ...fleetCommand, headers: ['Location'] } },
    refuses: [...keyed, 'base.unknown'],
    needs,
  },
  'POST /v1/fleet/commands': {
    id: 'commandFleet',
    tag: 'fleet',
    summary: 'Command all drones',
    idempotencyKey: 'required',
    replies: { 201: { ...fleetCommand, headers: ['Location'] } },
    refuses: keyed,
    needs,
  },
  'GET /v1/fleet/commands/:commandId': {
    id: 'readFleetCommand',
    tag: 'fleet',
    summary: 'Read a command to many drones',
    replies: { 200: fleetCommand },
    refuses: ['command.unknown'],
    needs,
  },
  'POST /v1/fleet/commands/:commandId/cancellation': {
    id: 'cancelFleetCommand',
    tag: 'fleet',
    summary: 'Cancel those parts of it that are not out yet',
    replies: { 200: fleetCommand },
    refuses: ['command.unknown'],
    needs,
  },
  'GET /v1/fleet/positions': {
    id: 'listPositions',
    tag: 'fleet',
    summary: 'The newest position of each drone',
    description: '`stale` and `Age` where the position service does not answer: then the last known ones.',
    replies: { 200: { says: 'One a drone.', schema: FleetPositionsReply, headers: ['Age'] } },
    needs,
  },
  'GET /v1/fleet/accounting': {
    id: 'readAccounting',
    tag: 'fleet',
    summary: 'What became of every position: given out = stored + refused + missing',
    description:
      '`givenOut` is the highest sequence that was heard. `unheard`: how many lie between it and the ceiling that a later boot told of this one, `null` until one has. A drone counts its ceiling up in steps of 64, so up to 64 of them may never have been given out. A boot of which no position was heard is listed by its ceiling alone.',
    replies: { 200: { says: 'By drone and boot, and in all.', schema: AccountingReply } },
    refuses: ['drone.unknown'],
    needs,
  },
  'GET /v1/fleet/stream': {
    id: 'followFleet',
    tag: 'fleet',
    summary: 'Follow the fleet live',
    description:
      '`snapshot`, then `positions` at most four times a second with the newest of each drone, `health.changed`, `alert.raised`, `breaker.changed`, `heartbeat`, and last `end`.',
    replies: {
      200: {
        says: 'Server-sent events.',
        events: { snapshot: 'FleetSnapshotEvent', positions: 'LatestPositions', end: 'StreamEndEvent' },
      },
    },
    refuses: ['ticket.invalid'],
    needs: 'accounts',
  },
} as const satisfies RouteDocs

const healths = {
  'GET /v1/health/drones': {
    id: 'listHealth',
    tag: 'health',
    summary: "Every drone's health",
    replies: { 200: { says: 'One a drone that is enrolled.', schema: DroneHealthsReply } },
    needs,
  },
  'GET /v1/health/alerts': {
    id: 'listAlerts',
    tag: 'health',
    summary: "What calls for an operator's eye",
    replies: { 200: { says: 'Drones in trouble, and the link.', schema: HealthAlertsReply } },
    needs,
  },
  'POST /v1/health/link/judgement': {
    id: 'judgeLink',
    tag: 'health',
    summary: 'Judge that the drones are silent themselves, and the link is not lost',
    replies: { 200: { says: 'The link after it.', schema: HealthAlertsReply.shape.link } },
    refuses: ['link.not-lost'],
    needs,
  },
  'GET /v1/health/services': {
    id: 'readServicesHealth',
    tag: 'health',
    summary: 'How the services behind the gateway are',
    replies: { 200: { says: 'Each with its instances and their breakers.', schema: ServicesHealthReply } },
    needs: 'nothing',
  },
  'GET /v1/health/lag': {
    id: 'readConsumerLag',
    tag: 'health',
    summary: 'How far the services are behind their topics',
    replies: { 200: { says: 'As the brokers know it, at most two seconds old.', schema: ConsumerLagReply } },
    refuses: ['service.unavailable'],
    needs: 'nothing',
  },
  'GET /v1/health/acknowledgements': {
    id: 'listAcknowledgements',
    tag: 'health',
    summary: 'Which troubles of drones an operator has seen',
    replies: { 200: { says: 'The newest 500, the newest first.', schema: AcknowledgementsReply } },
    needs: 'accounts',
  },
  'POST /v1/health/acknowledgements': {
    id: 'acknowledgeAlert',
    tag: 'health',
    summary: "Say that a drone's trouble was seen",
    description: 'Changes nothing about the drone. Whoever saw it first stands.',
    replies: { 201: { says: 'Who saw it, and when.', schema: AcknowledgementReply } },
    needs: 'accounts',
  },
} as const satisfies RouteDocs

const dispatch = {
  'GET /v1/bases': {
    id: 'listBases',
    tag: 'dispatch',
    summary: 'Where drones start, how far they fly and how much they carry',
    replies: { 200: { says: 'All bases.', schema: StationedBasesReply } },
    needs,
  },
  'POST /v1/bases/:id/pause': {
    id: 'pauseBase',
    tag: 'dispatch',
    summary: 'Pause a base: its drones get no new flights',
    replies: { 200: base },
    refuses: ['base.unknown'],
    needs,
  },
  'POST /v1/bases/:id/resume': {
    id: 'resumeBase',
    tag: 'dispatch',
    summary: 'Resume a base',
    replies: { 200: base },
    refuses: ['base.unknown'],
    needs,
  },
  'GET /v1/zones': {
    id: 'listZones',
    tag: 'dispatch',
    summary: 'Where drones may not fly',
    replies: { 200: { says: 'All zones.', schema: ZonesReply } },
    needs,
  },
  'POST /v1/zones': {
    id: 'publishZone',
    tag: 'dispatch',
    summary: 'Publish a no-fly zone',
    idempotencyKey: 'optional',
    replies: { 201: { says: 'The zone.', schema: Zone, headers: ['Location'] } },
    refuses: ['idempotency.key-reused'],
    needs,
  },
  'DELETE /v1/zones/:id': {
    id: 'withdrawZone',
    tag: 'dispatch',
    summary: 'Withdraw a no-fly zone',
    replies: { 200: { says: 'Withdrawn.', schema: ZoneWithdrawnReply } },
    refuses: ['zone.unknown'],
    needs,
  },
  'GET /v1/deliveries/:orderId': {
    id: 'readDelivery',
    tag: 'dispatch',
    summary: "How an order's delivery stands, as the dispatch sees it",
    replies: { 200: delivery },
    refuses: ['order.unknown'],
    needs,
  },
  'POST /v1/deliveries/:orderId/closure': {
    id: 'closeDelivery',
    tag: 'dispatch',
    summary: 'Close an undecided delivery as failed',
    replies: { 200: delivery },
    refuses: ['order.unknown', 'delivery.not-undecided', 'delivery.permit-running'],
    needs,
  },
} as const satisfies RouteDocs

export const fleetDocs = { ...drones, ...fleet, ...healths, ...dispatch } as const satisfies RouteDocs
