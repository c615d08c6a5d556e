/**
 * Every topic: its key, its schema, its partitions, and what is kept for how long.
 * Counts never change: the partition of a key is murmur2(key) modulo the count, and a drone's message in another is refused.
 */
import { AirspaceMessage } from './airspace.ts'
import { DeliveryMessage } from './deliveries.ts'
import { DroneCommandMessage } from './drone-commands.ts'
import { DroneHealthMessage } from './drone-health.ts'
import { DronePosition } from './drone-positions.ts'
import { DroneRegistryMessage } from './drone-registry.ts'
import { DroneReport } from './drone-reports.ts'
import { ItineraryMessage } from './itineraries.ts'
import { OrderMessage } from './orders.ts'
import { SecurityAlertMessage } from './security-alerts.ts'

const dayMs = 24 * 3_600_000

/** `retained` topics hold history and age out; `compacted` ones hold the last whole state of each key, for good. */
export type Keeping = { kind: 'retained'; retentionMs: number } | { kind: 'compacted' }

const events: Keeping = { kind: 'retained', retentionMs: 30 * dayMs }
const week: Keeping = { kind: 'retained', retentionMs: 7 * dayMs }
const wholeState: Keeping = { kind: 'compacted' }

/** Kafka's default; dead letters take twice that, since they carry the refused bytes and the reason. */
const messageBytesMax = 1_048_576

const topic = <Name extends string, Schema>(
  name: Name,
  schema: Schema,
  keeping: Keeping,
  { partitions = 6, bytesMax = messageBytesMax }: { partitions?: number; bytesMax?: number } = {},
) => ({ name, schema, keeping, partitions, bytesMax })

export const topics = {
  orders: topic('orders', OrderMessage, events),
  deliveries: topic('deliveries', DeliveryMessage, events),
  itineraries: topic('itineraries', ItineraryMessage, events),
  droneReports: topic('drone.reports', DroneReport, events),
  dronePositions: topic('drone.positions', DronePosition, week, { partitions: 12 }),
  droneCommands: topic('drone.commands', DroneCommandMessage, events),
  droneHealth: topic('drone.health', DroneHealthMessage, events),
  droneRegistry: topic('drone.registry', DroneRegistryMessage, wholeState),
  airspace: topic('airspace', AirspaceMessage, wholeState),
  securityAlerts: topic('security.alerts', SecurityAlertMessage, events),
} as const

/** Refused messages of drones, byte for byte, the reason in headers. */
export const deadLetterTopics = {
  droneReports: topic('drone.reports.dead', null, week, { bytesMax: 2 * messageBytesMax }),
  dronePositions: topic('drone.positions.dead', null, week, { bytesMax: 2 * messageBytesMax }),
} as const

/** All that the brokers must hold. */
export const allTopics = [...Object.values(topics), ...Object.values(deadLetterTopics)].map(
  ({ name, keeping, partitions, bytesMax }) => ({ name, keeping, partitions, bytesMax }),
)
