import { describe, expect, it } from '@jest/globals'
import { openBench } from './testing/bench.ts'
import { written } from './testing/note.ts'

const seqsOf = async (rows: { find(): { lean(): Promise<{ seq: number }[]> } }) =>
  (await rows.find().lean()).map(({ seq }) => seq).sort((a, b) => a - b)

describe('the outbox', () => {
  it('holds the message where the state was committed, and neither where the transaction failed', async () => {
    await using bench = await openBench('outbox.together')
    const topic = await bench.makeTopic()
    const { db, effects } = bench

    await db.transact(async (tx) => {
      await effects.add('order', 'kept', tx)
      await tx.outbox.publish(topic, written('order'))
    })
    const failed = db.transact(async (tx) => {
      await effects.add('order', 'given up', tx)
      await tx.outbox.publish(topic, written('order'))
      throw new Error('changed its mind')
    })

    await expect(failed).rejects.toThrow('changed its mind')
    expect(await effects.of('order')).toEqual(['kept'])
    expect(await seqsOf(db.outbox.rows)).toEqual([1])
  })

  it('numbers the messages of a key without gaps, whoever writes at once and whoever gives up', async () => {
    await using bench = await openBench('outbox.gapless')
    const topic = await bench.makeTopic()
    const write = (n: number) =>
      bench.db.transact(async (tx) => {
        await tx.outbox.publish(topic, written('busy'))
        if (n % 3 === 0) throw new Error('given up')
      })

    const results = await Promise.allSettled(Array.from({ length: 18 }, (_, n) => write(n)))

    const kept = results.filter(({ status }) => status === 'fulfilled').length
    expect(kept).toBe(12)
    expect(await seqsOf(bench.db.outbox.rows)).toEqual(Array.from({ length: kept }, (_, n) => n + 1))
  })

  it('numbers each key and topic on its own', async () => {
    await using bench = await openBench('outbox.apart')
    const [first, second] = [await bench.makeTopic(), await bench.makeTopic()]

    await bench.db.transact(async (tx) => {
      for (const key of ['a', 'b']) await tx.outbox.publish(first, written(key))
      await tx.outbox.publish(second, written('a'))
    })

    expect(await seqsOf(bench.db.outbox.rows)).toEqual([1, 1, 1])
  })

  it('numbers messages that are written together as if one by one', async () => {
    await using bench = await openBench('outbox.together-numbered')
    const topic = await bench.makeTopic()
    await bench.db.transact((tx) => tx.outbox.publish(topic, written('a')))

    await bench.db.transact((tx) =>
      tx.outbox.publishAll(
        topic,
        ['b', 'a', 'b', 'c', 'a'].map((key) => written(key)),
      ),
    )
    await bench.db.transact((tx) => tx.outbox.publishAll(topic, []))

    const rows = await bench.db.outbox.rows.find().lean()
    const seqs = (key: string) => rows.filter((row) => row.key?.toString() === key).map(({ seq }) => seq)
    expect([seqs('a'), seqs('b'), seqs('c')]).toEqual([[1, 2, 3], [1, 2], [1]])
  })

  it('refuses a message that breaks its schema, or that no broker would take', async () => {
    await using bench = await openBench('outbox.refuses')
    const topic = await bench.makeTopic()
    const publish = (draft: ReturnType<typeof written>) => bench.db.transact((tx) => tx.outbox.publish(topic, draft))

    await expect(publish(written(''))).rejects.toThrow('key')
    await expect(publish(written('a', 'x'.repeat(1_000_001)))).rejects.toThrow(RangeError)
    expect(await bench.db.outbox.rows.countDocuments()).toBe(0)
  })
})

describe('what is done after the commit', () => {
  it('is done once, however often the transaction ran, and not where it failed', async () => {
    await using bench = await openBench('outbox.after')
    let [runs, done] = [0, 0]
    // Both read the same document before either writes, so one of them runs again.
    const bothRead = Promise.withResolvers<void>()
    let reading = 0
    const increment = () =>
      bench.db.transact(async (tx) => {
        runs++
        await bench.effects.add(`own-${runs}`, 1, tx) // Opens the snapshot.
        if (++reading === 2) bothRead.resolve()
        await bothRead.promise
        tx.afterCommit(() => void done++)
        await bench.effects.add('shared', 1, tx)
      })

    await Promise.all([increment(), increment()])
    const failed = bench.db.transact(async (tx) => {
      tx.afterCommit(() => void done++)
      throw new Error('given up')
    })

    await expect(failed).rejects.toThrow('given up')
    expect(runs).toBeGreaterThan(2)
    expect(done).toBe(2)
    expect(await bench.effects.of('shared')).toEqual([1, 1])
  })
})
