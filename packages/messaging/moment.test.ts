import { describe, expect, it } from '@jest/globals'
import { atMoment, openMoment } from './moment.ts'
import { openBench } from './testing/bench.ts'
import { written } from './testing/note.ts'

describe('reads at one moment', () => {
  it('see what was there at the first of them, in every collection, whatever was written since', async () => {
    await using bench = await openBench('moment.one')
    const topic = await bench.makeTopic()
    const { db } = bench
    const write = (key: string) => db.transact((tx) => tx.outbox.publish(topic, written(key)))
    await write('before')

    const session = await openMoment(db.connection)
    await using _ = { [Symbol.asyncDispose]: () => session.endSession() }
    const rows = () => db.outbox.rows.find({}, null, atMoment(session)).lean()
    const first = await rows()
    await write('after')
    const counters = await db.connection.collection('outbox_seqs').find({}, atMoment(session)).toArray()

    expect(first).toHaveLength(1)
    expect(await rows()).toEqual(first)
    expect(counters).toHaveLength(1)
    expect(await db.outbox.rows.countDocuments()).toBe(2)
  })
})
