import type { PartName, TestInfrastructure } from '@fleet/local/test-infrastructure'
import { describe, expect, it } from '@jest/globals'
import { mongo } from 'mongoose'
import { z } from 'zod'
import { TransactionTimedOut } from './database.ts'
import { startPartitionConsumer } from './partition-consumer.ts'
import { openBench, silent, until } from './testing/bench.ts'

const members: PartName[] = ['mongo-1', 'mongo-2', 'mongo-3']

async function primaryOf(infra: TestInfrastructure): Promise<PartName> {
  await using client = await new mongo.MongoClient(infra.mongoUri('admin')).connect()
  const { primary } = z.object({ primary: z.string() }).parse(await client.db().command({ hello: 1 }))
  const found = members[infra.mongoHosts.indexOf(primary)]
  if (found === undefined) throw new Error(`${primary} is no member`)
  return found
}

async function whilePaused<T>(
  infra: TestInfrastructure,
  parts: readonly PartName[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    for (const part of parts) await infra.pause(part)
    return await work()
  } finally {
    for (const part of parts) await infra.resume(part)
  }
}

describe('a transaction', () => {
  it('that only reads is not confirmed while both secondaries are stopped', async () => {
    await using bench = await openBench('database.minority', { transactionMsMax: 3_000 })
    await bench.db.transact((tx) => bench.effects.add('order', 1, tx))
    const read = () =>
      bench.db.transact(async ({ session }) =>
        bench.db.connection.collection('effects').findOne({}, { session: session }),
      )
    await using _turn = await bench.infra.takeFaultTurn()
    const primary = await primaryOf(bench.infra)
    const secondaries = members.filter((member) => member !== primary)

    const refused = await whilePaused(bench.infra, secondaries, () => read().catch((error: unknown) => error))

    expect(refused).toBeInstanceOf(TransactionTimedOut)
    await until('the database to serve again', async () => (await read()) !== null)
  })

  it('has its effect once where the primary is killed under a consumer', async () => {
    await using bench = await openBench('database.primary')
    const { name } = await bench.makeTopic()
    await bench.produce(
      name,
      Array.from({ length: 300 }, (_, n) => `value ${n}`),
    )
    await using _turn = await bench.infra.takeFaultTurn()
    const primary = await primaryOf(bench.infra)
    let seen = 0
    bench.own(
      await startPartitionConsumer({
        kafka: bench.kafka,
        db: bench.db,
        group: bench.group,
        topics: [name],
        log: silent,
        batchRecordsMax: 2,
        handle: async ({ records }, tx) => {
          for (const { offset } of records) await bench.effects.add('had', offset, tx)
          seen += records.length
        },
      }),
    )
    await until('the middle', () => seen > 100)

    await bench.infra.kill(primary)
    await until('the rest', async () => (await bench.effects.count()) === 300, 40_000)
    await bench.infra.restart(primary)

    expect(await bench.effects.of('had')).toEqual(Array.from({ length: 300 }, (_, n) => n))
  })
})
