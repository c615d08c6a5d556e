import { describe, expect, it } from '@jest/globals'
import { droneSubscription, ignore, type Subscription, startConsumer, subscription, type Table } from './consumer.ts'
import type { DroneAuthenticator } from './drone-authenticator.ts'
import { startRelay } from './relay.ts'
import { createStoredOffsets } from './stored-offsets.ts'
import { type Bench, keyIn, openBench, silent, until } from './testing/bench.ts'
import { type Note, noteTopic, written } from './testing/note.ts'

const start = async (bench: Bench, subscriptions: Subscription[]) =>
  bench.own(await startConsumer({ kafka: bench.kafka, db: bench.db, group: bench.group, subscriptions, log: silent }))

const table = (bench: Bench): Table<Note> => ({
  'note.written': ({ key, seq }, tx) => bench.effects.add(key, seq, tx),
  'note.erased': ignore('no test sends it'),
})

const note = (key: string, seq: number, rest: object = {}): string =>
  JSON.stringify({
    id: `msg_${key.replaceAll('-', '')}${seq}`,
    version: 1,
    seq,
    ...written(key),
    ...rest,
  })

describe('a consumer of our own messages', () => {
  it('has each message once, drops copies and late ones by seq, and skips what it does not know', async () => {
    await using bench = await openBench('table.lenient')
    const topic = await bench.makeTopic()
    await bench.produce(topic.name, [
      note('a', 1),
      note('a', 2, { unknownField: true }),
      note('a', 1),
      note('b', 1),
      note('a', 3, { type: 'note.invented', data: {} }),
      note('a', 4, { version: 2, data: 'other' }),
      note('a', 2),
    ])

    await start(bench, [subscription(topic, table(bench))])
    await bench.produce(topic.name, [note('a', 4), note('a', 5)])

    await until('the last effect', async () => (await bench.effects.of('a')).includes(5))
    expect(await bench.effects.of('a')).toEqual([1, 2, 5])
    expect(await bench.effects.of('b')).toEqual([1])
  })

  it('stops the one partition whose message it cannot handle, says so, and goes on once it can', async () => {
    await using bench = await openBench('table.stands')
    const topic = await bench.makeTopic({ partitions: 2 })
    const [standing, moving] = [keyIn(0, 2), keyIn(1, 2)]
    let repaired = false
    await bench.produce(
      topic.name,
      [1, 2, 3, 4].map((seq) => note(standing, seq)),
      0,
    )
    const consumer = await start(bench, [
      subscription(topic, {
        ...table(bench),
        'note.written': async ({ key, seq }, tx) => {
          if (key === standing && seq === 3 && !repaired) throw new Error('no rule for the third note')
          await bench.effects.add(key, seq, tx)
        },
      }),
    ])

    const members = async () => (await bench.admin.describeGroups([bench.group])).groups[0]?.members ?? []
    await until('the member to join', async () => (await members()).length === 1)
    const before = await members()
    await until('readiness to say so', () => consumer.problem() === `${topic.name}/0: no rule for the third note`)
    await bench.produce(
      topic.name,
      [1, 2].map((seq) => note(moving, seq)),
      1,
    )
    await until('the other partition', async () => (await bench.effects.of(moving)).length === 2)

    expect(await bench.effects.of(standing)).toEqual([1, 2])
    expect((await members()).map(({ memberId }) => memberId)).toEqual(before.map(({ memberId }) => memberId))
    repaired = true
    await until('the rest', async () => (await bench.effects.of(standing)).length === 4)
    expect(consumer.problem()).toBeNull()
  })

  it('stops before a message that it cannot read, until a person gives it up', async () => {
    await using bench = await openBench('table.unreadable')
    const topic = await bench.makeTopic()
    await bench.produce(topic.name, [note('a', 1), '{"half":', note('a', 2)])

    const consumer = await start(bench, [subscription(topic, table(bench))])
    await until('readiness to say so', () => consumer.problem()?.includes('offset 1 cannot be read') === true)

    expect(await bench.effects.of('a')).toEqual([1])
    const { clusterId } = await bench.admin.describeCluster()
    const offsets = await createStoredOffsets(bench.db.connection, bench.group)
    const gap = { from: 1, to: 2, acceptedBy: 'ann', acceptedAt: new Date(0) }
    await offsets.acceptGap({ topic: topic.name, partition: 0 }, gap, clusterId)
    await until('the rest', async () => (await bench.effects.of('a')).length === 2)
  })

  it('is refused two tables for one topic', async () => {
    await using bench = await openBench('table.twice')
    const topic = noteTopic('table.twice.1', 1)

    const started = start(bench, [subscription(topic, table(bench)), subscription(topic, table(bench))])

    await expect(started).rejects.toThrow(RangeError)
  })
})

/** Believes every record but those that say they are forged. */
const authenticator: DroneAuthenticator = {
  judge: async ({ value, key }) =>
    value === null || value.toString().startsWith('forged')
      ? { ok: false, code: 'mac-wrong', detail: 'the MAC does not fit' }
      : { ok: true, key: String(key) as never, value, drone: {} as never },
}

describe('a consumer of what drones send', () => {
  it('makes dead letters of what it refuses, byte for byte, and never stands still', async () => {
    await using bench = await openBench('drones.dead')
    const topic = await bench.makeTopic({ dead: true })
    const producer = bench.kafka.producer()
    await producer.connect()
    const more = Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`x${i}`, '']))
    const headers = { mac: 'ab', 'dead-reason': 'chosen by the sender', ...more }
    const values = [note('d', 1), 'forged', note('d', 1), '{}', note('other', 1), note('d', 2)]
    await producer.send({ topic: topic.name, messages: values.map((value) => ({ key: 'd', value, headers })) })
    await producer.disconnect()
    bench.own(startRelay({ db: bench.db, kafka: bench.kafka, log: silent }))

    const consumer = await start(bench, [droneSubscription(topic, { authenticator, deadLetters: true }, table(bench))])

    await until('the letters', async () => (await bench.length(`${topic.name}.dead`)) === 3)
    expect(await bench.effects.of('d')).toEqual([1, 2])
    expect(consumer.problem()).toBeNull()
    const letters = await bench.read(`${topic.name}.dead`)
    expect(letters.map(({ key, value }) => [String(key), String(value)])).toEqual([
      ['d', 'forged'],
      ['d', '{}'],
      ['d', note('other', 1)],
    ])
    const header = (name: string) => letters.map(({ headers: found }) => String(found?.[name]))
    expect(header('dead-reason')).toEqual(['mac-wrong', 'schema', 'key-differs'])
    expect(header('dead-offset')).toEqual(['1', '3', '4'])
    expect(header('mac')).toEqual(['ab', 'ab', 'ab'])
  })

  it('writes no letter where another service writes them', async () => {
    await using bench = await openBench('drones.silent')
    const topic = await bench.makeTopic()
    await bench.produce(topic.name, ['forged'])
    await start(bench, [droneSubscription(topic, { authenticator, deadLetters: false }, table(bench))])
    const offsets = await createStoredOffsets(bench.db.connection, bench.group)

    await until('the record to be passed', async () => {
      return (await offsets.load({ topic: topic.name, partition: 0 }))?.next === 1
    })

    expect(await bench.db.outbox.rows.countDocuments()).toBe(0)
  })
})
