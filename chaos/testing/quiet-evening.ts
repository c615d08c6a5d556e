/** A campaign in which all went well, of any size, for tests to plant one thing in. */
import type { CommandId } from '@fleet/contracts/ids'
import { CommandId as ACommandId, DroneId, ItineraryId, OrderId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { Epoch, type Place, UnixMs, WeightG } from '@fleet/contracts/units'
import type { LedgerEntry } from '@fleet/drone-sim/ledger'
import type { Evidence, TopicMessage } from '../evidence.ts'
import type { History, OrderLog } from '../history.ts'

export type Evening = { history: History; evidence: Evidence }

const droneId = DroneId.parse('drn_1')
const attempt = { sentAtMs: 10, answeredAtMs: 30, answer: 'acknowledged', status: 201, code: null } as const
export const placeOf = (index: number): Place => ({ lat: 43.6 + index / 1_000, lon: 7.05 })
export const orderIdOf = (index: number) => OrderId.parse(`ord_${index}`)
const commandIdOf = (index: number): CommandId => ACommandId.parse(`cmd_${index}`)

export const handOver = (index: number, more: Partial<LedgerEntry> = {}): LedgerEntry => ({
  atMs: UnixMs.parse(1_000),
  event: 'handed-over',
  droneId,
  orderId: orderIdOf(index),
  itineraryId: ItineraryId.parse(`itn_${index}`),
  epoch: Epoch.parse(1),
  ...placeOf(index),
  heightM: 3,
  weightG: WeightG.parse(500),
  ...more,
})

const messagesOf = (topic: string, key: string, types: readonly string[]): TopicMessage[] =>
  types.map((type, index) => ({ topic, key, seq: index + 1, id: `msg_${topic}${key}${index}`, type }))

const logOf = (index: number): OrderLog => ({
  key: `key-${index}`,
  dropOff: placeOf(index),
  weightG: 500,
  attempts: [attempt],
  orderId: orderIdOf(index),
  cancelAsked: false,
  told: [
    { atMs: 100, status: 'accepted' },
    { atMs: 200, status: 'closed' },
  ],
})

export type Size = { orders: number; commands: number; positions: number }

/** So many orders delivered, commands carried out and positions stored, under one fault. */
export function quietEvening({ orders, commands, positions }: Size): Evening {
  const indices = Array.from({ length: orders }, (_, index) => index)
  const commandIndices = Array.from({ length: commands }, (_, index) => index)
  const messages = indices.flatMap((index) => [
    ...messagesOf(topics.orders.name, orderIdOf(index), ['order.accepted']),
    ...messagesOf(topics.deliveries.name, orderIdOf(index), ['delivery.assigned', 'delivery.completed']),
  ])
  return {
    history: {
      seed: 1,
      seconds: 60,
      orders: indices.map(logOf),
      commands: commandIndices.map((index) => ({
        key: `command-${index}`,
        droneId,
        kind: 'reboot',
        ttlMs: 20_000,
        attempts: [attempt],
        commandId: commandIdOf(index),
        told: [{ atMs: 50, status: 'succeeded' }],
      })),
      probes: [attempt],
      faults: [{ kind: 'kill', target: 'order', fromMs: 20, toMs: 20, failed: null }],
    },
    evidence: {
      ledger: indices.map((index) => handOver(index)),
      orders: indices.map((index) => ({
        orderId: orderIdOf(index),
        status: 'closed',
        dropOff: placeOf(index),
        handedOverAt: placeOf(index),
        failedBecause: null,
      })),
      commands: commandIndices.map((index) => ({
        commandId: commandIdOf(index),
        droneId,
        kind: 'reboot',
        ttlMs: 20_000,
        status: 'succeeded',
        issuedAtMs: 1_000,
      })),
      messages,
      commandReports: commandIndices.flatMap((index) => [
        { commandId: commandIdOf(index), droneId, outcome: null, atMs: 2_000 },
        { commandId: commandIdOf(index), droneId, outcome: 'succeeded', atMs: 3_000 },
      ]),
      permitFacts: indices.flatMap((index) => [
        { orderId: orderIdOf(index), what: 'assigned', epoch: 1, atMs: 1_000 },
        { orderId: orderIdOf(index), what: 'granted', epoch: 1, atMs: 2_000 },
        { orderId: orderIdOf(index), what: 'ended', epoch: null, atMs: 3_000 },
      ]),
      consumerSeqs: indices.map((index) => ({
        group: 'order',
        topic: topics.deliveries.name,
        key: orderIdOf(index),
        seq: 2,
      })),
      consumerOffsets: [{ group: 'order', topic: topics.deliveries.name, partition: 0, next: 5, end: 5 }],
      outboxes: [{ database: 'fleet_order', waiting: 0 }],
      positions: [{ droneId, boot: 1, seqs: Array.from({ length: positions }, (_, index) => index + 1) }],
      appends: [],
      accounts: [
        {
          droneId,
          boot: 1,
          givenOut: positions,
          stored: positions,
          refused: 0,
          refusedByReason: {},
          missing: 0,
          missingRanges: [],
          copies: 0,
          unheard: null,
        },
      ],
      storedPositions: positions,
      storedEarlier: 0,
    },
  }
}
