/** The position service's storage for tests, on the real replica set, in a database of its own. */
import { randomUUID } from 'node:crypto'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { openDatabase } from '@fleet/messaging/database'
import type { TopicRecord } from '@fleet/messaging/topic'
import { silentLog } from '@fleet/runtime/log'
import { takeIn } from '../intake.ts'
import { apply } from '../partition.ts'
import { createPartitions, type Partitions } from '../partitions.ts'
import { createPositionStore } from '../store.ts'
import type { registryOf } from './drones.ts'

/** The time of storing lies ahead, so that nothing runs out of its time of keeping during a test. */
export const time = { nowMs: () => Date.UTC(2100, 0, 1), monotonicMs: () => performance.now() }

/** A fresh database; `partitions()` is the memory of one more instance. */
export async function openStorage(count = 1) {
  const infra = await testInfrastructure()
  const db = await openDatabase(infra.mongoUri(`position_${randomUUID().replaceAll('-', '').slice(0, 12)}`))
  const store = await createPositionStore(db.connection)
  return {
    db,
    store,
    partitions: () => createPartitions({ store, count, time, log: silentLog() }),
    [Symbol.asyncDispose]: async () => {
      await db.connection.dropDatabase()
      await db.close()
    },
  }
}

/** Handles a batch of partition 0 from offset `from` as the consumer does, but for the offset. */
export async function handleBatch(
  { db, store }: Pick<Awaited<ReturnType<typeof openStorage>>, 'db' | 'store'>,
  partitions: Partitions,
  { records, from, registry }: { records: TopicRecord[]; from: number; registry: ReturnType<typeof registryOf> },
): Promise<void> {
  const to = from + records.length
  await db.transact(async (tx) => {
    const before = await partitions.at(0, from, tx.session)
    const { effect } = await takeIn(records, before, { ...registry, partitions: 1 })
    const number = before.number + 1
    await store.saveBatch(
      { partition: 0, number, fromOffset: from, toOffset: to, effect, storedAt: new Date(time.nowMs()) },
      tx,
    )
    tx.afterCommit(() => partitions.advance(apply(before, effect, { number, offset: to })))
  })
}
