import { describe, expect, it } from '@jest/globals'
import { ignore, startConsumer, subscription } from './consumer.ts'
import { startRelay } from './relay.ts'
import { openBench, silent, until } from './testing/bench.ts'
import { written } from './testing/note.ts'

describe('the relay', () => {
  it('loses nothing while a broker is killed under it', async () => {
    await using bench = await openBench('relay.broker')
    const { db, kafka, group, infra, effects } = bench
    const topic = await bench.makeTopic({ partitions: 6 })
    const table = subscription(topic, {
      'note.written': ({ key, seq }, tx) => effects.add(key, seq, tx),
      'note.erased': ignore('no test sends it'),
    })
    bench.own(await startConsumer({ kafka, db, group, log: silent, subscriptions: [table] }))
    bench.own(startRelay({ db, kafka, log: silent }))
    await using _turn = await infra.takeFaultTurn()
    const keys = Array.from({ length: 12 }, (_, n) => `k${n}`)

    for (let round = 0; round < 10; round++) {
      if (round === 3) await infra.kill('kafka-2')
      await db.transact(async (tx) => {
        for (const key of keys) await tx.outbox.publish(topic, written(key))
      })
    }
    await infra.restart('kafka-2')

    await until('all effects', async () => (await effects.count()) === 120, 40_000)
    for (const key of keys) expect(await effects.of(key)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })
})
