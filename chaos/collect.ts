/** Gathers the evidence of a quiet stack: databases read by majority, topics read whole, the simulator's ledger. */
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import { DeliveryMessage } from '@fleet/contracts/deliveries'
import { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneReport } from '@fleet/contracts/drone-reports'
import { Envelope } from '@fleet/contracts/envelope'
import { CommandId, DroneId, OrderId } from '@fleet/contracts/ids'
import { ItineraryMessage } from '@fleet/contracts/itineraries'
import { AccountingReply, CommandStatus, OrderStatus } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import { Place } from '@fleet/contracts/units'
import { type LedgerEntry, readLedger } from '@fleet/drone-sim/ledger'
import { withAdmin } from '@fleet/local/kafka-admin'
import { withDroneStores } from '@fleet/local/part-control'
import { type ReadRecord, readTopics } from '@fleet/local/read-topics'
import { databases } from '@fleet/local/stack-environment'
import type { StackInfo } from '@fleet/local/stack-info'
import { waitUntil } from '@fleet/local/wait'
import { Kafka } from '@fleet/messaging/kafkajs'
import { logLevel } from 'kafkajs'
import { type Db, MongoClient } from 'mongodb'
import { z } from 'zod'
import type { Caller } from './caller.ts'
import type { ConsumerOffset, ConsumerSeq, Evidence, PermitFact, PositionsInTopic } from './evidence.ts'

const LEDGER = 'ledger.jsonl'
const recordsMax = 2_000_000
const drainedMsMax = 60_000

const OrderRow = z.object({
  _id: OrderId,
  status: OrderStatus,
  state: z.object({
    dropOff: Place,
    handedOver: z.object({ place: Place }).nullish(),
    failedBecause: z.string().nullish(),
  }),
})
const CommandRow = z.object({
  _id: CommandId,
  droneId: DroneId,
  state: z.object({
    status: CommandStatus,
    ttlMs: z.number(),
    issuedAtMs: z.number(),
    order: z.object({ kind: z.string() }),
  }),
})
const SeqRow = z.object({ _id: z.string(), seq: z.number() })
const OffsetRow = z.object({ _id: z.string(), next: z.number() })

/** Names of group, topic and the rest, from the id of a consumer's row. */
const partsOf = (id: string) => {
  const [group = '', topic = '', ...rest] = id.split('/')
  return { group, topic, rest: rest.join('/') }
}

const enveloped = Object.values(topics)
  .map(({ name }) => name)
  .filter((name) => name !== topics.dronePositions.name && name !== topics.securityAlerts.name)

/** The parcels as the simulator wrote them down: of one host, or of each of its hosts. */
export const ledgerOf = (info: StackInfo): LedgerEntry[] =>
  withDroneStores(info, (folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((file) => basename(file) === LEDGER)
      .flatMap((file) => readLedger(join(folder, file))),
  )

type Databases = { of: (name: keyof typeof databases) => Db; all: Db[] }

export async function withDatabases<T>({ mongo }: StackInfo, use: (found: Databases) => Promise<T>): Promise<T> {
  await using client = await new MongoClient(mongo, { serverSelectionTimeoutMS: 20_000 }).connect()
  const of = (name: keyof typeof databases) => client.db(databases[name])
  // Awaited here: the client closes when this returns.
  return await use({ of, all: Object.values(databases).map((name) => client.db(name)) })
}

/** Orders and commands that have not come to rest, and messages that wait: none, once all is quiet. */
export const unsettled = ({ of, all }: Databases): Promise<{ orders: number; commands: number; waiting: number }> =>
  Promise.all([
    of('order')
      .collection('orders')
      .countDocuments({ status: { $nin: ['closed', 'cancelled', 'failed', 'undecided'] } }),
    of('drone-health').collection('commands').countDocuments({ open: true }),
    ...all.map((db) => db.collection('outbox').countDocuments({})),
  ]).then(([orders, commands, ...waiting]) => ({
    orders: orders ?? 0,
    commands: commands ?? 0,
    waiting: waiting.reduce((sum, count) => sum + count, 0),
  }))

/**
 * All evidence. The drones must stand still, or positions go on. Waits, within a bound, for the consumers to reach the ends of
 * what they read; where they do not, the evidence says so. `startedAtMs`: when the campaign began, epoch milliseconds.
 */
export async function collectEvidence(info: StackInfo, operator: Caller, startedAtMs: number): Promise<Evidence> {
  const brokers = info.kafka.internal.split(',')
  const kafka = new Kafka({ brokers, clientId: 'chaos-checker', logLevel: logLevel.NOTHING })
  return withDatabases(info, async (found) => {
    await drained(found, brokers)
    const accounting = AccountingReply.parse((await operator('GET', '/v1/fleet/accounting')).body)
    const records = await readTopics(kafka, brokers, [...enveloped, topics.dronePositions.name], { recordsMax })
    const [positionRecords, messageRecords] = split(records)
    return {
      ledger: ledgerOf(info),
      orders: await ordersOf(found.of('order')),
      commands: await commandsOf(found.of('drone-health')),
      messages: messageRecords.flatMap(({ topic, message: { value } }) => {
        const parsed = Envelope.safeParse(json(value))
        return parsed.success ? [{ topic, ...pick(parsed.data) }] : []
      }),
      commandReports: messageRecords
        .filter(({ topic }) => topic === topics.droneReports.name)
        .flatMap(({ message: { value } }) => commandReport(DroneReport.safeParse(json(value)).data)),
      permitFacts: messageRecords.flatMap(({ topic, message: { value } }) => permitFact(topic, json(value))),
      consumerSeqs: (await Promise.all(found.all.map(seqsOf))).flat(),
      consumerOffsets: await offsetsOf(found, brokers),
      outboxes: await Promise.all(
        found.all.map(async (db) => ({
          database: db.databaseName,
          waiting: await db.collection('outbox').countDocuments({}),
        })),
      ),
      positions: positionsIn(positionRecords),
      appends: appendsIn(positionRecords, startedAtMs),
      accounts: accounting.items,
      storedPositions: await storedPositions(found.of('position')),
      storedEarlier: accounting.earlier.reduce((sum, { stored }) => sum + stored, 0),
    }
  })
}

async function drained(found: Databases, brokers: string[]): Promise<void> {
  try {
    await waitUntil(
      'the consumers to reach the ends of their topics',
      async () => (await offsetsOf(found, brokers)).every(({ next, end }) => next >= end),
      { timeoutMs: drainedMsMax, everyMs: 500 },
    )
  } catch {
    // Who stands where is evidence too: the checker says what is behind.
  }
}

const json = (value: Buffer | null): unknown => {
  try {
    return JSON.parse(value?.toString() ?? '')
  } catch {
    return null // A garbled one: refused by whoever reads it, and counted there.
  }
}

const pick = ({ key, seq, id, type }: Envelope) => ({ key, seq, id, type })

const split = (records: readonly ReadRecord[]) =>
  [
    records.filter(({ topic }) => topic === topics.dronePositions.name),
    records.filter(({ topic }) => topic !== topics.dronePositions.name),
  ] as const

function commandReport(report: DroneReport | undefined) {
  if (report?.type !== 'command.acknowledged' && report?.type !== 'command.finished') return []
  const { commandId, droneId } = report.data
  return [
    { commandId, droneId, outcome: report.type === 'command.finished' ? report.data.outcome : null, atMs: report.at },
  ]
}

function permitFact(topic: string, body: unknown): PermitFact[] {
  if (topic === topics.itineraries.name) {
    const message = ItineraryMessage.safeParse(body).data
    if (message?.type !== 'permit.granted') return []
    return [{ orderId: message.data.orderId, what: 'granted', epoch: message.data.epoch, atMs: message.at }]
  }
  const message = topic === topics.deliveries.name ? DeliveryMessage.safeParse(body).data : undefined
  switch (message?.type) {
    case 'delivery.assigned':
    case 'delivery.reassigned':
      return [{ orderId: message.key, what: 'assigned', epoch: message.data.epoch, atMs: message.at }]
    case 'delivery.cancelled':
    case 'delivery.failed':
    case 'delivery.completed':
      return [{ orderId: message.key, what: 'ended', epoch: null, atMs: message.at }]
    default:
      return []
  }
}

const ordersOf = async (db: Db) =>
  (await db.collection('orders').find({}).toArray()).map((row) => {
    const { _id, status, state } = OrderRow.parse(row)
    const { dropOff, handedOver, failedBecause } = state
    return {
      orderId: _id,
      status,
      dropOff,
      handedOverAt: handedOver?.place ?? null,
      failedBecause: failedBecause ?? null,
    }
  })

const commandsOf = async (db: Db) =>
  (await db.collection('commands').find({}).toArray()).map((row) => {
    const { _id, droneId, state } = CommandRow.parse(row)
    const { status, ttlMs, issuedAtMs, order } = state
    return { commandId: _id, droneId, kind: order.kind, ttlMs, status, issuedAtMs }
  })

async function seqsOf(db: Db): Promise<ConsumerSeq[]> {
  const rows = await db.collection('consumer_seqs').find({}).toArray()
  return rows.map((row) => {
    const { _id, seq } = SeqRow.parse(row)
    const { group, topic, rest } = partsOf(_id)
    return { group, topic, key: rest, seq }
  })
}

async function offsetsOf({ all }: Databases, brokers: string[]): Promise<ConsumerOffset[]> {
  const rows = (await Promise.all(all.map((db) => db.collection('consumer_offsets').find({}).toArray()))).flat()
  const offsets = rows.map((row) => {
    const { _id, next } = OffsetRow.parse(row)
    const { group, topic, rest } = partsOf(_id)
    return { group, topic, partition: Number(rest), next }
  })
  const ends = new Map<string, number>()
  await withAdmin(brokers, async (admin) => {
    for (const topic of new Set(offsets.map((offset) => offset.topic))) {
      for (const { partition, high } of await admin.fetchTopicOffsets(topic)) {
        ends.set(`${topic}/${partition}`, Number(high))
      }
    }
  })
  return offsets.map((offset) => ({ ...offset, end: ends.get(`${offset.topic}/${offset.partition}`) ?? 0 }))
}

function positionsIn(records: readonly ReadRecord[]): PositionsInTopic[] {
  const found = new Map<string, { droneId: DroneId; boot: number; seqs: Set<number> }>()
  for (const { message } of records) {
    const position = DronePosition.safeParse(json(message.value))
    if (!position.success) continue
    const { droneId, boot, seq } = position.data
    const own = found.get(`${droneId}/${boot}`) ?? { droneId, boot, seqs: new Set() }
    found.set(`${droneId}/${boot}`, own)
    own.seqs.add(seq)
  }
  return [...found.values()].map(({ seqs, ...whose }) => ({ ...whose, seqs: [...seqs].toSorted((a, b) => a - b) }))
}

const appendsIn = (records: readonly ReadRecord[], startedAtMs: number) =>
  [...Map.groupBy(records, ({ partition }) => partition)].map(([partition, own]) => ({
    partition,
    atMs: own.map(({ message }) => Number(message.timestamp) - startedAtMs),
  }))

/** Of one moment: what is re-packed leaves one collection for the other. */
const storedPositions = (db: Db): Promise<number> =>
  db.client.withSession({ snapshot: true }, async (session) => {
    let stored = 0
    for (const name of ['position_batches', 'position_tracks']) {
      const [sum] = await db
        .collection(name)
        .aggregate<{ n: number }>([{ $group: { _id: null, n: { $sum: '$n' } } }], { session })
        .toArray()
      stored += sum?.n ?? 0
    }
    return stored
  })
