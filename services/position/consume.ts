/** Positions from the topic into the store: each batch is one document, its dead letters and the offset, in one transaction. */
import { topics } from '@fleet/contracts/topics'
import type { Database } from '@fleet/messaging/database'
import type { DroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { type PartitionConsumer, type RecordBatch, startPartitionConsumer } from '@fleet/messaging/partition-consumer'
import type { Log } from '@fleet/runtime/log'
import type { Kafka } from 'kafkajs'
import { Counter, Histogram } from 'prom-client'
import { type Letter, takeIn } from './intake.ts'
import { apply, type Effect } from './partition.ts'
import type { Partitions } from './partitions.ts'
import type { PositionStore } from './store.ts'

const storedPositions = new Counter({
  name: 'positions_stored_total',
  help: 'Positions stored. It rises by one a drone and second of world time; where it stands still, so do the drones or the storage.',
})
const copies = new Counter({
  name: 'position_copies_total',
  help: 'Positions dropped because they were stored before. A rise follows the death of a broker or a drone host.',
})
const refused = new Counter({
  name: 'positions_refused_total',
  help: 'Positions refused, by reason; each has a dead letter. A rise means an attack, a defective drone or a wrong key.',
  labelNames: ['reason'],
})
const batchSize = new Histogram({
  name: 'position_batch_records',
  help: 'Records in one transaction. Large ones mean that storage is catching up.',
  buckets: [1, 10, 100, 1_000, 5_000],
})

const partitionsAtOnce = 4
/**
 * What comes meanwhile is stored together: the drones of a moment become one document a partition, and a lone position is stored within a
 * quarter of a second. Of a large fleet, whose positions come all the time, each partition has about one transaction a second: more of them
 * would cost more than the positions in them.
 */
const gather = { restMs: (records: number) => (records < 50 ? 100 : 700), partitionBytesMax: 2 * 1_048_576 }

export type PositionConsumerOptions = {
  kafka: Kafka
  db: Database
  store: PositionStore
  partitions: Partitions
  authenticator: DroneAuthenticator
  isEnrolled: (droneId: string) => boolean
  /** Real time, for the time of storing. */
  nowMs: () => number
  log: Log
  topic?: { name: string; partitions: number }
  group?: string
  /** Records a transaction at most. A fetch brings 2 MiB of a partition, so that as many dead letters still fit. */
  batchRecordsMax?: number
  /** So that a backlog leaves the machine to what cannot wait; 0, or left out: as fast as it can. */
  positionsPerSMax?: number
}

/** Starts the consumer; each record of the topic is stored, counted as a copy or refused exactly once. */
export function startPositionConsumer({
  kafka,
  db,
  store,
  partitions,
  authenticator,
  isEnrolled,
  nowMs,
  log,
  topic = topics.dronePositions,
  group = 'position',
  batchRecordsMax = 8_000,
  positionsPerSMax = 0,
}: PositionConsumerOptions): Promise<PartitionConsumer> {
  return startPartitionConsumer({
    kafka,
    db,
    group,
    topics: [topic.name],
    log,
    // Held to a pace, in pieces of a quarter of a second: larger ones hold up others for as long, and of small ones the database has more
    // work with the transactions than with the positions.
    batchRecordsMax:
      positionsPerSMax === 0 ? batchRecordsMax : Math.min(batchRecordsMax, Math.ceil(positionsPerSMax / 4)),
    recordsPerSMax: positionsPerSMax,
    partitionsAtOnce,
    gather,
    handle: async ({ partition, records, from, to }, tx) => {
      const before = await partitions.at(partition, from, tx.session)
      const judges = { authenticator, partitions: topic.partitions, isEnrolled }
      const { effect, letters } = await takeIn(records, before, judges)
      const number = before.number + 1
      await tx.outbox.deadLetters(
        letters.map(({ record, code, detail }) => ({ record, reason: { code, detail, group } })),
      )
      const batch = { partition, number, fromOffset: from, toOffset: to, effect, storedAt: new Date(nowMs()) }
      await store.saveBatch(batch, tx)
      const after = apply(before, effect, { number, offset: to })
      tx.afterCommit(() => {
        partitions.advance(after)
        count(records, effect)
        tell(letters, log)
      })
    },
  })
}

function count(records: RecordBatch['records'], effect: Effect) {
  batchSize.observe(records.length)
  storedPositions.inc(effect.stored.length)
  for (const { n } of effect.copies) copies.inc(n)
  for (const [reason, n] of Object.entries(effect.refusedMessages)) refused.inc({ reason }, n)
}

/** One line a batch, not a message: a flood of refusals must not become a flood of log lines. */
function tell(letters: readonly Letter[], log: Log) {
  const [first] = letters
  if (first === undefined) return
  const { topic, partition, offset } = first.record
  log.info({ topic, partition, offset, n: letters.length, reason: first.code }, 'positions refused')
}
