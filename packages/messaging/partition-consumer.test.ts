import { describe, expect, it } from '@jest/globals'
import kafkajs from 'kafkajs'
import { createKafka } from './kafka.ts'
import { type PartitionConsumerOptions, startPartitionConsumer } from './partition-consumer.ts'
import { createStoredOffsets } from './stored-offsets.ts'
import { type Bench, openBench, silent, until } from './testing/bench.ts'
import { startChild } from './testing/child.ts'

const numbers = (count: number) => Array.from({ length: count }, (_, n) => n)
const values = (count: number) => numbers(count).map((n) => `value ${n}`)

/** A member of the bench's group; what it does with each offset is an effect named after the partition. */
const startMember = async (bench: Bench, topic: string, options: Partial<PartitionConsumerOptions> = {}) =>
  bench.own(
    await startPartitionConsumer({
      kafka: createKafka({ brokers: bench.infra.kafkaInner, clientId: 'member', log: silent }),
      db: bench.db,
      group: bench.group,
      topics: [topic],
      log: silent,
      handle: async ({ partition, records }, tx) => {
        for (const { offset } of records) await bench.effects.add(String(partition), offset, tx)
      },
      ...options,
    }),
  )

const stored = async (bench: Bench, topic: string, partition = 0) =>
  (await createStoredOffsets(bench.db.connection, bench.group)).load({ topic, partition })

describe('the consumer', () => {
  it.concurrent('goes on where its stored offset stands, whatever Kafka remembers', async () => {
    await using bench = await openBench('consumer.restart')
    const { name } = await bench.makeTopic()
    await bench.produce(name, values(10))
    const first = await startMember(bench, name, { batchRecordsMax: 3 })
    await until('the first ten', async () => (await bench.effects.count()) === 10)
    await first.close()
    // As after a restore of the database from Kafka's point of view: its own offset lies above ours.
    await bench.admin.setOffsets({ groupId: bench.group, topic: name, partitions: [{ partition: 0, offset: '14' }] })

    await bench.produce(name, values(10))
    await startMember(bench, name)

    await until('the rest', async () => (await bench.effects.count()) === 20)
    expect(await bench.effects.of('0')).toEqual(numbers(20))
  })

  it.concurrent('hands on headers of any name, as the broker has them', async () => {
    await using bench = await openBench('consumer.headers')
    const { name } = await bench.makeTopic()
    const producer = bench.kafka.producer()
    bench.own({ close: () => producer.disconnect() })
    await producer.connect()
    await producer.send({
      topic: name,
      messages: [{ value: 'v', headers: { toString: '1', mac: ['2', '3'], none: '' } }],
    })

    const read = Promise.withResolvers<Record<string, string>[]>()
    await startMember(bench, name, {
      handle: async ({ records }) => {
        const texts = ({ headers }: (typeof records)[number]) =>
          Object.fromEntries(Object.entries(headers).map(([key, value]) => [key, value.toString()]))
        read.resolve(records.map(texts))
      },
    })

    expect(await read.promise).toEqual([{ toString: '1', mac: '2', none: '' }])
  })

  it.concurrent('tells Kafka its offset, for stock tools', async () => {
    await using bench = await openBench('consumer.told')
    const { name } = await bench.makeTopic()
    await bench.produce(name, values(5))

    await startMember(bench, name)

    const told = async () => (await bench.admin.fetchOffsets({ groupId: bench.group, topics: [name] }))[0]?.partitions
    await until('Kafka to know', async () => (await told())?.[0]?.offset === '5')
  })

  it.concurrent('has each effect once where a second member joins in the middle of a batch', async () => {
    await using bench = await openBench('consumer.rebalance')
    const { name } = await bench.makeTopic({ partitions: 2 })
    for (const partition of [0, 1]) await bench.produce(name, values(40), partition)
    const [inBatch, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
    const had = new Map<string, number>()
    const handleAs =
      (member: string): PartitionConsumerOptions['handle'] =>
      async ({ partition, records, from }, tx) => {
        if (member === 'first' && from >= 20) {
          inBatch.resolve()
          await goOn.promise
        }
        for (const { offset } of records) await bench.effects.add(String(partition), offset, tx)
        tx.afterCommit(() => void had.set(member, (had.get(member) ?? 0) + records.length))
      }
    await startMember(bench, name, { handle: handleAs('first'), batchRecordsMax: 5 })
    await inBatch.promise

    const second = startMember(bench, name, { handle: handleAs('second') })
    await until('the group to rebalance', async () => {
      const { groups } = await bench.admin.describeGroups([bench.group])
      return groups[0]?.state === 'PreparingRebalance'
    })
    goOn.resolve()
    await second
    for (const partition of [0, 1]) await bench.produce(name, values(40), partition)

    await until('all effects', async () => (await bench.effects.count()) === 160)
    for (const partition of ['0', '1']) expect(await bench.effects.of(partition)).toEqual(numbers(80))
    expect(had.get('first')).toBeGreaterThanOrEqual(60)
    expect(had.get('second')).toBeGreaterThanOrEqual(40)
  })

  it.concurrent('refuses the transaction of a member that was stopped, lost its partitions and woke', async () => {
    await using bench = await openBench('consumer.zombie')
    const { name } = await bench.makeTopic()
    await bench.produce(name, values(10))
    await using zombie = startChild('consumer-child.ts', {
      brokers: bench.infra.kafkaInner,
      uri: bench.infra.mongoUri('consumer_zombie'),
      group: bench.group,
      topic: name,
    })
    await zombie.said('about to begin')

    await startMember(bench, name)
    await until('the other member to take over', async () => (await bench.effects.count()) === 10)
    zombie.signal('SIGCONT')
    await zombie.said('OffsetMoved')
    await bench.produce(name, values(10))

    await until('the rest', async () => (await bench.effects.count()) >= 20)
    expect(await bench.effects.of('0')).toEqual(numbers(20))
  })

  it.concurrent('reads what is due where Kafka’s own commit stands above it and nothing new comes', async () => {
    await using bench = await openBench('consumer.commit_above')
    const { name } = await bench.makeTopic()
    await bench.produce(name, values(10))
    await bench.admin.setOffsets({ groupId: bench.group, topic: name, partitions: [{ partition: 0, offset: '10' }] })
    await (await createStoredOffsets(bench.db.connection, bench.group)).begin(
      { topic: name, partition: 0 },
      { next: 4, clusterId: (await bench.admin.describeCluster()).clusterId },
    )

    await startMember(bench, name)

    await until('the effects', async () => (await bench.effects.count()) === 6)
    expect(await bench.effects.of('0')).toEqual(numbers(10).slice(4))
  })

  it.concurrent('keeps its place in the group and its readiness over a short failure', async () => {
    await using bench = await openBench('consumer.retry')
    const { name } = await bench.makeTopic()
    await bench.produce(name, values(10))
    let failures = 0

    const member = await startMember(bench, name, {
      handle: async ({ records }, tx) => {
        if (failures++ < 3) throw new Error('not yet')
        for (const { offset } of records) await bench.effects.add('0', offset, tx)
      },
    })

    await until('the effects', async () => (await bench.effects.count()) === 10)
    expect(await bench.effects.of('0')).toEqual(numbers(10))
    expect(member.problem()).toBeNull()
  })
})

describe('a partition that rests', () => {
  it.concurrent('keeps no other from its turn, though one is handled at a time', async () => {
    await using bench = await openBench('consumer.rest')
    const partitions = 6
    const { name } = await bench.makeTopic({ partitions })
    for (const partition of numbers(partitions)) await bench.produce(name, ['v'], partition)
    const restMs = 4_000
    const handledAtMs: number[] = []
    let [running, most] = [0, 0]
    await startMember(bench, name, {
      partitionsAtOnce: 1,
      gather: { restMs: () => restMs, partitionBytesMax: 1_048_576 },
      handle: async (_, tx) => {
        most = Math.max(most, ++running)
        await bench.effects.add('rest', handledAtMs.length, tx)
        running--
        tx.afterCommit(() => void handledAtMs.push(performance.now()))
      },
    })

    await until('all partitions', () => handledAtMs.length === partitions)

    expect(most).toBe(1)
    // Rests one after the other would be five.
    expect((handledAtMs.at(-1) ?? 0) - (handledAtMs[0] ?? 0)).toBeLessThan(3 * restMs)
  })
})

describe('a transaction that outlasts the session', () => {
  it.concurrent('does not cost its member the place in the group', async () => {
    await using bench = await openBench('consumer.long')
    const { name } = await bench.makeTopic()
    await bench.produce(name, values(1))
    const sessionMs = 6_000
    let [runs, begunMs] = [0, 0]
    await startMember(bench, name, {
      handle: async ({ partition }, tx) => {
        runs++
        begunMs = performance.now()
        await until('the session to be over', () => performance.now() - begunMs > sessionMs + 1_500)
        await bench.effects.add(String(partition), 0, tx)
      },
    })
    const members = async () => (await bench.admin.describeGroups([bench.group])).groups[0]?.members ?? []
    await until('the transaction to begin', () => runs === 1)
    const before = await members()

    await until('the effect', async () => (await bench.effects.count()) === 1)

    expect(before).toHaveLength(1)
    expect((await members()).map(({ memberId }) => memberId)).toEqual(before.map(({ memberId }) => memberId))
    expect(runs).toBe(1)
  })
})

describe('holes in a partition', () => {
  it.concurrent('are passed where transactions left their marks, and what was rolled back has no effect', async () => {
    await using bench = await openBench('consumer.marks')
    const { name } = await bench.makeTopic()
    const producer = bench.kafka.producer({ transactionalId: bench.group, maxInFlightRequests: 1, idempotent: true })
    await producer.connect()
    const write = async (value: string, end: 'commit' | 'abort') => {
      const transaction = await producer.transaction()
      await transaction.send({ topic: name, messages: [{ value }, { value }] })
      await transaction[end]()
    }
    const seen: string[] = []
    const holes = countHoles(bench)
    await startMember(bench, name, {
      kafka: bench.kafka,
      handle: async ({ records }, tx) => {
        tx.afterCommit(() => void seen.push(...records.map(({ value }) => String(value))))
      },
    })

    // Each awaited, so that fetches end at marks and begin at them.
    await write('rolled back', 'abort')
    await until('a fetch of nothing but marks', () => holes() > 0)
    await bench.produce(name, ['plain'])
    await until('the first', () => seen.length === 1)
    await write('committed', 'commit')
    await until('the pair', () => seen.length === 3)
    for (let n = 0; n < 3; n++) await write('rolled back', 'abort')
    await bench.produce(name, ['plain'])
    await until('the last', () => seen.length === 4)
    await producer.disconnect()

    expect(seen).toEqual(['plain', 'committed', 'committed', 'plain'])
    expect((await stored(bench, name))?.next).toBe(await bench.length(name))
  })

  it.concurrent('are passed where compaction emptied what followed the stored offset', async () => {
    await using bench = await openBench('consumer.compacted')
    const config = { 'cleanup.policy': 'compact', 'segment.ms': '1', 'min.cleanable.dirty.ratio': '0.001' }
    const { name } = await bench.makeTopic({ config: { ...config, 'segment.bytes': String(2 ** 20) } })
    await cleanOften(bench)
    const producer = bench.kafka.producer()
    await producer.connect()
    const send = (keys: readonly string[], value = 'x') =>
      producer.send({ topic: name, messages: keys.map((key) => ({ key, value })) })
    // One batch of offsets 0 to 20, of which only the first stays; the newer record is too large to share its segment.
    await send(['kept', ...values(20).map(() => 'often')])
    await send(['often'], 'x'.repeat(2 ** 20 - 150))
    await until('the topic to be compacted', async () => {
      await send(['other']) // Rolls the segment.
      return (await bench.read(name)).filter(({ key }) => String(key) === 'often').length === 1
    })
    await producer.disconnect()

    const { clusterId } = await bench.admin.describeCluster()
    const offsets = await createStoredOffsets(bench.db.connection, bench.group)
    await offsets.begin({ topic: name, partition: 0 }, { next: 6, clusterId })
    const holes = countHoles(bench)
    await startMember(bench, name, { kafka: bench.kafka })

    const end = await bench.length(name)
    await until('the end', async () => (await stored(bench, name))?.next === end)
    expect((await bench.effects.of('0'))[0]).toBe(21)
    expect(holes()).toBeGreaterThan(0)
  })
})

/** Counts the fetches of the bench's consumers that held records, but none to hand on: kafkajs passes those by itself. */
function countHoles({ kafka }: Bench): () => number {
  const makeConsumer = kafka.consumer.bind(kafka)
  let holes = 0
  kafka.consumer = (config) => {
    const consumer = makeConsumer(config)
    consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
      if (payload.batchSize === 0) holes++
    })
    return consumer
  }
  return () => holes
}

/** Compacts every fraction of a second rather than every 15 s. */
async function cleanOften({ admin }: Bench) {
  const configEntries = [{ name: 'log.cleaner.backoff.ms', value: '200' }]
  const resources = ['1', '2', '3'].map((name) => ({ type: kafkajs.ConfigResourceTypes.BROKER, name, configEntries }))
  await admin.alterConfigs({ validateOnly: false, resources })
}
