import { createAndAwait } from '@fleet/local/topics'
import { describe, expect, it } from '@jest/globals'
import type { RecordMetadata } from 'kafkajs'
import { ignore, startConsumer, subscription } from './consumer.ts'
import { startRelay } from './relay.ts'
import { type Bench, openBench, silent, until } from './testing/bench.ts'
import { startChild } from './testing/child.ts'
import { interceptSends } from './testing/intercept.ts'
import { type Note, written } from './testing/note.ts'
import type { EventTopic } from './topic.ts'

const publish = (bench: Bench, topic: EventTopic<Note>, keys: readonly string[]) =>
  bench.db.transact(async (tx) => {
    for (const key of keys) await tx.outbox.publish(topic, written(key))
  })

const relayOf = (bench: Bench, kafka = bench.kafka) =>
  bench.own(startRelay({ db: bench.db, kafka, log: silent, batchMax: 50 }))

const sent = (bench: Bench) =>
  until('the outbox to be empty', async () => (await bench.db.outbox.rows.countDocuments()) === 0)

/** Each key's `seq`s in the order of their effects. */
const consume = async (bench: Bench, topic: EventTopic<Note>) =>
  bench.own(
    await startConsumer({
      kafka: bench.kafka,
      db: bench.db,
      group: bench.group,
      log: silent,
      subscriptions: [
        subscription(topic, {
          'note.written': ({ key, seq }, tx) => bench.effects.add(key, seq, tx),
          'note.erased': ignore('no test sends it'),
        }),
      ],
    }),
  )

const seqsInTopic = async (bench: Bench, topic: EventTopic<Note>) =>
  (await bench.read(topic.name)).map(({ value }): number => JSON.parse(value?.toString() ?? '').seq)

describe('the relay', () => {
  it('publishes each key in order, and deletes what the brokers have', async () => {
    await using bench = await openBench('relay.order')
    const topic = await bench.makeTopic()
    for (let n = 0; n < 4; n++)
      await publish(
        bench,
        topic,
        Array.from({ length: 30 }, () => 'a'),
      )

    relayOf(bench)

    await sent(bench)
    expect(await seqsInTopic(bench, topic)).toEqual(Array.from({ length: 120 }, (_, n) => n + 1))
  })

  it('skips nothing where the transaction that began first commits last', async () => {
    await using bench = await openBench('relay.commit-order')
    const topic = await bench.makeTopic()
    relayOf(bench)
    const [rowWritten, mayCommit] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]

    const slow = bench.db.transact(async (tx) => {
      await tx.outbox.publish(topic, written('slow'))
      rowWritten.resolve()
      await mayCommit.promise
    })
    await rowWritten.promise
    await publish(bench, topic, ['quick', 'quick'])
    await until('the later rows to be published', async () => (await bench.length(topic.name)) === 2)
    mayCommit.resolve()
    await slow

    await until('the earlier row to be published', async () => (await bench.length(topic.name)) === 3)
    expect((await bench.read(topic.name)).map(({ key }) => key?.toString())).toEqual(['quick', 'quick', 'slow'])
  })

  it('keeps the rows of a partition that no broker acknowledged', async () => {
    await using bench = await openBench('relay.unanswered')
    const topic = await bench.makeTopic({ partitions: 6 })
    let batches = 0
    // What kafkajs does where a partition's leader moves to a broker that has answered for its others already.
    const kafka = interceptSends(bench.kafka, async (batch, send): Promise<RecordMetadata[]> => {
      const answers = await send(batch)
      return ++batches === 1 ? answers.slice(1) : answers
    })

    await publish(bench, topic, ['a', 'b', 'c', 'd'])
    relayOf(bench, kafka)

    await sent(bench)
    expect(await bench.length(topic.name)).toBe(8)
  })

  it('carries more than one request may hold, and lets a flood of dead letters wait', async () => {
    await using bench = await openBench('relay.large')
    const topic = await bench.makeTopic({ dead: true })
    const requests: string[][] = []
    const kafka = interceptSends(bench.kafka, (batch, send) => {
      requests.push(batch.topicMessages?.map((each) => each.topic) ?? [])
      return send(batch)
    })
    const record = { ...refused, topic: topic.name, value: Buffer.alloc(300_000) }

    await bench.db.transact(async (tx) => {
      const reason = { code: 'mac-wrong', detail: '', group: 'g' }
      await tx.outbox.deadLetters(Array.from({ length: 8 }, () => ({ record, reason })))
      for (let n = 0; n < 12; n++) await tx.outbox.publish(topic, written('a', 'x'.repeat(200_000)))
    })
    relayOf(bench, kafka)

    await sent(bench)
    expect(await seqsInTopic(bench, topic)).toEqual(Array.from({ length: 12 }, (_, n) => n + 1))
    expect(await bench.length(`${topic.name}.dead`)).toBe(8)
    const firstDead = requests.findIndex((names) => names.includes(`${topic.name}.dead`))
    expect(requests.slice(firstDead + 1).flat()).not.toContain(topic.name)
  })

  it('tells how long a message had waited when it is written to a broker, and that it does not know of what stood there before', async () => {
    await using bench = await openBench('relay.waited')
    const topic = await bench.makeTopic()
    let elapsedMs = 0
    const clock = { worldNow: () => 1_000, worldElapsed: () => elapsedMs }
    let batches = 0
    const kafka = interceptSends(bench.kafka, (batch, send) => {
      // The second message: its probe, and then as if it took long to find a broker that leads.
      batches += 1
      if (batches === 3) elapsedMs = 2_500
      if (batches === 4) elapsedMs = 4_000
      return send(batch)
    })

    await publish(bench, topic, ['before'])
    bench.own(startRelay({ db: bench.db, kafka, log: silent, tellsAge: { topic, clock } }))
    await sent(bench)
    await publish(bench, topic, ['after'])
    await sent(bench)

    const records = await bench.read(topic.name)
    const waited = records.map(({ headers }) => headers?.['waited-ms']?.toString())
    expect(waited).toEqual([undefined, 'unknown', undefined, '4000'])
    expect(records.map(({ key }) => key?.toString())).toEqual([undefined, 'before', undefined, 'after'])
  })

  it('says what is wrong while the topic is missing, and goes on once it is there', async () => {
    await using bench = await openBench('relay.missing')
    const topic = { ...(await bench.makeTopic()), name: 'relay.missing.later' }
    const relay = relayOf(bench)

    await publish(bench, topic, ['a'])
    await until('the relay to complain', () => relay.problem() !== null)
    await createAndAwait(bench.admin, [{ topic: topic.name, numPartitions: 1, replicationFactor: 3 }])

    await sent(bench)
    await until('the relay to be content', () => relay.problem() === null)
  })
})

const refused = { partition: 0, offset: 7, appendedAtMs: 1, key: Buffer.from('k'), headers: {} }

describe('a relay that is not alone', () => {
  it('wakes late, and what it repeats has no effect', async () => {
    await using bench = await openBench('relay.paused')
    const topic = await bench.makeTopic()
    await consume(bench, topic)
    await publish(bench, topic, ['a', 'a', 'a'])
    await using paused = startChild('relay-child.ts', {
      brokers: bench.infra.kafkaInner,
      uri: bench.infra.mongoUri('relay_paused'),
      stand: 'before-send',
    })
    await paused.said('about to send')

    relayOf(bench)
    await publish(bench, topic, ['a', 'a'])
    await sent(bench)
    await until('all effects', async () => (await bench.effects.count()) === 5)
    paused.signal('SIGCONT')
    await paused.said('sent')
    await publish(bench, topic, ['a'])

    await until('the effect after the copies', async () => (await bench.effects.of('a')).includes(6))
    expect(await bench.effects.of('a')).toEqual([1, 2, 3, 4, 5, 6])
    expect(await seqsInTopic(bench, topic)).toEqual([1, 2, 3, 4, 5, 1, 2, 3, 6])
  })

  it('is killed between publishing and deleting: the messages stand twice and have their effect once', async () => {
    await using bench = await openBench('relay.killed')
    const topic = await bench.makeTopic()
    await consume(bench, topic)
    await publish(bench, topic, ['a', 'b', 'a'])
    await using killed = startChild('relay-child.ts', {
      brokers: bench.infra.kafkaInner,
      uri: bench.infra.mongoUri('relay_killed'),
      stand: 'before-delete',
    })
    await killed.said('sent')
    killed.signal('SIGKILL')

    relayOf(bench)
    await publish(bench, topic, ['a'])

    await sent(bench)
    await until('all effects', async () => (await bench.effects.of('a')).includes(3))
    expect(await bench.effects.of('a')).toEqual([1, 2, 3])
    expect(await bench.effects.of('b')).toEqual([1])
    expect(await bench.length(topic.name)).toBe(7)
  })
})
