/** What the databases, the topics and the physical world held once all was quiet: plain facts, for the checker to compare. */
import type { CommandId, DroneId, OrderId } from '@fleet/contracts/ids'
import type { BootAccountReply, CommandStatus, OrderStatus } from '@fleet/contracts/rest'
import type { Place } from '@fleet/contracts/units'
import type { LedgerEntry } from '@fleet/drone-sim/ledger'

/** As the order service stores it. */
export type StoredOrder = {
  orderId: OrderId
  status: OrderStatus
  dropOff: Place
  handedOverAt: Place | null
  failedBecause: string | null
}

export type StoredCommand = {
  commandId: CommandId
  droneId: DroneId
  kind: string
  ttlMs: number
  status: CommandStatus
  /** World time. */
  issuedAtMs: number
}

/** One enveloped message as it stands in a topic. */
export type TopicMessage = { topic: string; key: string; seq: number; id: string; type: string }

/** What a drone reported of a command. `outcome`: null for an acknowledgement. World time. */
export type CommandReport = { commandId: CommandId; droneId: DroneId; outcome: string | null; atMs: number }

/** The last `seq` that a consumer group stores of a key, and where it stands in a partition that ends at `end`. */
export type ConsumerSeq = { group: string; topic: string; key: string; seq: number }
export type ConsumerOffset = { group: string; topic: string; partition: number; next: number; end: number }

/** The sequences of one drone and boot that stand in the topic of positions, each once, ascending. */
export type PositionsInTopic = { droneId: DroneId; boot: number; seqs: readonly number[] }

/** That a flight of the order was assigned, that one asked and was let, that the order ended: by the itinerary service's stamps. */
export type PermitFact = { orderId: string; what: 'assigned' | 'granted' | 'ended'; epoch: number | null; atMs: number }

export type Evidence = {
  ledger: readonly LedgerEntry[]
  orders: readonly StoredOrder[]
  commands: readonly StoredCommand[]
  messages: readonly TopicMessage[]
  commandReports: readonly CommandReport[]
  permitFacts: readonly PermitFact[]
  consumerSeqs: readonly ConsumerSeq[]
  consumerOffsets: readonly ConsumerOffset[]
  /** Messages still waiting for the relay, by database. */
  outboxes: readonly { database: string; waiting: number }[]
  positions: readonly PositionsInTopic[]
  /** When each partition of positions took a record, by the broker's clock; milliseconds since the campaign began. */
  appends: readonly { partition: number; atMs: readonly number[] }[]
  /** The position service's own account, and how many positions its stored batches hold. */
  accounts: readonly BootAccountReply[]
  storedPositions: number
  /** Of boots that the accounts only tell summed up: stored positions. */
  storedEarlier: number
}
