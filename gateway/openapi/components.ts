/** The schemas that the document names, so that a reader and a generated client meet each once. */
import { AuditEntry } from '@fleet/contracts/accounts'
import { Zone } from '@fleet/contracts/airspace'
import { DeliveryReply, StationedBaseReply } from '@fleet/contracts/dispatch'
import { ServicesHealthReply, TrackingReply } from '@fleet/contracts/front-door'
import {
  BootAccountReply,
  DroneCommandReply,
  DroneDetailReply,
  DroneHealthReply,
  DroneReply,
  FleetCommandReply,
  HealthAlertsReply,
  LatestPosition,
  LatestPositionsReply,
  OrderReply,
  OrderStatus,
  PlaceOrderBody,
  ProblemReply,
  TrackReply,
} from '@fleet/contracts/rest'
import { FleetSnapshotEvent, OrderPositionEvent, StreamEndEvent } from '@fleet/contracts/streams'

export const components = {
  Problem: ProblemReply,
  Order: OrderReply,
  OrderStatus,
  PlaceOrder: PlaceOrderBody,
  Tracking: TrackingReply,
  Drone: DroneReply,
  DroneDetail: DroneDetailReply,
  DroneCommand: DroneCommandReply,
  FleetCommand: FleetCommandReply,
  DroneHealth: DroneHealthReply,
  HealthAlerts: HealthAlertsReply,
  ServicesHealth: ServicesHealthReply,
  LatestPosition,
  LatestPositions: LatestPositionsReply,
  Track: TrackReply,
  BootAccount: BootAccountReply,
  Base: StationedBaseReply,
  Zone,
  Delivery: DeliveryReply,
  AuditEntry,
  OrderPositionEvent,
  FleetSnapshotEvent,
  StreamEndEvent,
}
