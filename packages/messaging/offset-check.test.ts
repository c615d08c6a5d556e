import { createAndAwait } from '@fleet/local/topics'
import { describe, expect, it } from '@jest/globals'
import { type PartitionConsumer, startPartitionConsumer } from './partition-consumer.ts'
import { createStoredOffsets, OffsetMoved, type StoredOffsets } from './stored-offsets.ts'
import { type Bench, openBench, silent, until } from './testing/bench.ts'

const values = (count: number) => Array.from({ length: count }, (_, n) => `value ${n}`)
const acceptedAt = new Date(0)

async function start(bench: Bench, topic: string, poison?: number): Promise<PartitionConsumer> {
  return bench.own(
    await startPartitionConsumer({
      kafka: bench.kafka,
      db: bench.db,
      group: bench.group,
      topics: [topic],
      log: silent,
      handle: async ({ records }, tx) => {
        for (const { offset } of records) {
          if (offset === poison) throw new Error('cannot be handled')
          await bench.effects.add('had', offset, tx)
        }
      },
    }),
  )
}

const had = (bench: Bench, count: number) =>
  until(`${count} effects`, async () => (await bench.effects.count()) === count)

/** A topic of one partition, of which the group has read `count` records and stopped. */
async function readAndStopped(bench: Bench, count: number): Promise<{ topic: string; offsets: StoredOffsets }> {
  const { name } = await bench.makeTopic()
  await bench.produce(name, values(count))
  const consumer = await start(bench, name)
  await had(bench, count)
  await consumer.close()
  return { topic: name, offsets: await createStoredOffsets(bench.db.connection, bench.group) }
}

/** kafkajs looks for the leader before it has heard of the topic, so it hears of it first. */
async function deleteBelow(bench: Bench, topic: string, offset: number): Promise<void> {
  await bench.admin.fetchTopicOffsets(topic)
  await bench.admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: String(offset) }] })
}

const tells = (consumer: PartitionConsumer, what: string) =>
  until(`the consumer to tell "${what}"`, () => consumer.problem()?.includes(what) === true)

const clusterOf = async (bench: Bench) => (await bench.admin.describeCluster()).clusterId

describe('a topic that no longer holds the stored offset', () => {
  it.concurrent('is not read where its records were deleted, until a person accepts the gap, which stays in the account', async () => {
    await using bench = await openBench('gone.deleted')
    const { topic, offsets } = await readAndStopped(bench, 5)
    await bench.produce(topic, values(5))
    await deleteBelow(bench, topic, 8)

    const consumer = await start(bench, topic)

    await tells(consumer, 'offset 5 is due, but the topic holds 8 to 10')
    await offsets.acceptGap(
      { topic, partition: 0 },
      { from: 5, to: 8, acceptedBy: 'ann', acceptedAt },
      await clusterOf(bench),
    )
    await had(bench, 7)
    await until('the consumer to be content', () => consumer.problem() === null)
    expect(await bench.effects.of('had')).toEqual([0, 1, 2, 3, 4, 8, 9])
    const account = await offsets.load({ topic, partition: 0 })
    expect(account).toMatchObject({ next: 10, gone: null, gaps: [{ from: 5, to: 8, acceptedBy: 'ann' }] })
  })

  it.concurrent('is not read past the gap where the records go while the consumer runs', async () => {
    await using bench = await openBench('gone.running')
    const { name: topic } = await bench.makeTopic()
    await bench.produce(topic, values(10))
    const consumer = await start(bench, topic, 3) // It stands before offset 3.
    await had(bench, 3)

    await deleteBelow(bench, topic, 6)

    await tells(consumer, 'the topic holds 6 to 10')
    expect(await bench.effects.of('had')).toEqual([0, 1, 2])
    const offsets = await createStoredOffsets(bench.db.connection, bench.group)
    await offsets.acceptGap(
      { topic, partition: 0 },
      { from: 3, to: 6, acceptedBy: 'ann', acceptedAt },
      await clusterOf(bench),
    )
    await had(bench, 7)
    expect(await bench.effects.of('had')).toEqual([0, 1, 2, 6, 7, 8, 9])
  })

  it.concurrent('is not read where it was made anew, even once it has grown past the stored offset', async () => {
    await using bench = await openBench('gone.anew')
    const { topic, offsets } = await readAndStopped(bench, 5)
    await bench.admin.deleteTopics({ topics: [topic] })
    await until('the topic to be gone', async () => !(await bench.admin.listTopics()).includes(topic))
    await createAndAwait(bench.admin, [{ topic, numPartitions: 1, replicationFactor: 3 }])
    await bench.produce(topic, values(2))

    const first = await start(bench, topic)
    await tells(first, 'offset 5 is due, but the topic holds 0 to 2')
    await first.close()
    await bench.produce(topic, values(6))
    const second = await start(bench, topic)

    await tells(second, 'offset 5 is due, but the topic holds 0 to 2')
    await offsets.acceptGap(
      { topic, partition: 0 },
      { from: 5, to: 0, acceptedBy: 'ann', acceptedAt },
      await clusterOf(bench),
    )
    await had(bench, 13)
    expect(await bench.effects.of('had')).toEqual([0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 5, 6, 7])
  })

  it.concurrent('is not read where it belongs to another cluster', async () => {
    await using bench = await openBench('gone.cluster')
    const { topic, offsets } = await readAndStopped(bench, 5)
    await bench.db.connection
      .collection<{ _id: string; clusterId: string }>('consumer_offsets')
      .updateOne({ _id: `${bench.group}/${topic}/0` }, { $set: { clusterId: 'another' } })
    await bench.produce(topic, values(1))

    const consumer = await start(bench, topic)

    await tells(consumer, `the cluster is ${await clusterOf(bench)}, not another`)
    await offsets.acceptGap(
      { topic, partition: 0 },
      { from: 5, to: 5, acceptedBy: 'ann', acceptedAt },
      await clusterOf(bench),
    )
    await had(bench, 6)
  })
})

describe('the acceptance of a gap', () => {
  it.concurrent('is refused where the partition no longer stands where the person saw it', async () => {
    await using bench = await openBench('gone.moved')
    const { topic, offsets } = await readAndStopped(bench, 5)

    const acceptance = offsets.acceptGap(
      { topic, partition: 0 },
      { from: 4, to: 8, acceptedBy: 'ann', acceptedAt },
      await clusterOf(bench),
    )

    await expect(acceptance).rejects.toThrow(OffsetMoved)
  })
})
