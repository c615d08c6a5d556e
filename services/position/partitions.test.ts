import type { DronePosition } from '@fleet/contracts/drone-positions'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { quantised } from './packed.ts'
import { repackClosed } from './partitions.ts'
import { drone, forged, position, recordOf, registryOf, signed } from './testing/drones.ts'
import { handleBatch, openStorage, time } from './testing/storage.ts'

const topic = 'positions'
const drones = ['a', 'b', 'c'].map(drone)
const registry = registryOf(...drones)

/** A batch in which some positions are copies, some are forged, some break the schema. */
const anyBatch = fc.array(
  fc.record({
    droneId: fc.constantFrom(...drones),
    boot: fc.integer({ min: 1, max: 3 }),
    seq: fc.integer({ min: 1, max: 30 }),
    how: fc.constantFrom('good', 'good', 'good', 'forged', 'broken'),
  }),
  { minLength: 1, maxLength: 20 },
)
type Batch = typeof anyBatch extends fc.Arbitrary<infer T> ? T : never

const recordsOf = (batch: Batch, from: number) =>
  batch.map(({ how, ...given }, i) => {
    const good = position(given.droneId, { ...given, lat: how === 'broken' ? 95 : 43 + given.seq / 3 })
    const sent = signed(topic, given.droneId, good)
    return recordOf(topic, how === 'forged' ? forged(sent) : sent, { offset: from + i })
  })

const [only] = drones

/** All that is stored, drone by drone in the order of its sequences. */
async function allTracks({ store }: Pick<Awaited<ReturnType<typeof openStorage>>, 'store'>): Promise<DronePosition[]> {
  const found: DronePosition[] = []
  for (const droneId of drones) {
    const own: DronePosition[] = []
    const window = { partition: 0, droneId, fromMs: 0, toMs: time.nowMs() }
    for await (const some of store.positionsOf(window)) own.push(...some)
    found.push(...own.toSorted((a, b) => a.boot - b.boot || a.seq - b.seq))
  }
  return found
}

describe('the states of partitions', () => {
  it('are the same live, replayed from the batches, and replayed from a snapshot on', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { minLength: 2, maxLength: 6 }), fc.nat(5), async (batches, at) => {
        await using storage = await openStorage()
        const live = storage.partitions()
        let from = 0
        for (const [i, batch] of batches.entries()) {
          await handleBatch(storage, live, { records: recordsOf(batch, from), from, registry })
          from += batch.length
          if (i === at % batches.length) await live.snapshot()
        }

        const rebuilt = await storage.partitions().fresh()

        expect(rebuilt).toEqual(await live.fresh())
        const replayed = await storage.db.transact((tx) => storage.partitions().at(0, from, tx.session))
        expect(replayed).toEqual(rebuilt[0])
        await storage.db.connection.collection('position_snapshots').deleteMany({})
        expect(await storage.partitions().fresh()).toEqual(rebuilt)
      }),
      { numRuns: 5, seed: 4 },
    )
  })

  it('and tracks are the same once the batches are re-packed by drone, for whoever has not read them yet too', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyBatch, { minLength: 2, maxLength: 5 }), fc.nat(4), async (batches, at) => {
        await using storage = await openStorage()
        const live = storage.partitions()
        const behind = storage.partitions()
        let from = 0
        for (const [i, batch] of batches.entries()) {
          await handleBatch(storage, live, { records: recordsOf(batch, from), from, registry })
          from += batch.length
          if (i === at % batches.length) await behind.fresh()
        }
        const tracks = await allTracks(storage)

        await live.snapshot()
        const n = await repackClosed({ ...storage, partitions: [0], nowMs: time.nowMs() + 60_000 })

        expect(n).toBe(tracks.length)
        expect(await storage.db.connection.collection('position_batches').countDocuments()).toBe(0)
        expect(await allTracks(storage)).toEqual(tracks)
        const due = await live.fresh()
        expect(await storage.partitions().fresh()).toEqual(due)
        expect(await storage.db.transact((tx) => behind.at(0, from, tx.session))).toEqual(due[0])
        const next = recordsOf([{ droneId: drone('a'), boot: 3, seq: 31, how: 'good' }], from)
        await handleBatch(storage, behind, { records: next, from, registry })
        expect((await behind.fresh())[0]).toMatchObject({ number: batches.length + 1, offset: from + 1 })
      }),
      { numRuns: 5, seed: 6 },
    )
  })

  it('keep batches that no snapshot holds, or whose minute is not over', async () => {
    await using storage = await openStorage()
    const live = storage.partitions()
    const sent = [recordOf(topic, signed(topic, drone('a'), position(drone('a'))))]
    await handleBatch(storage, live, { records: sent, from: 0, registry })
    const repack = (nowMs: number) => repackClosed({ ...storage, partitions: [0], nowMs })

    expect(await repack(time.nowMs() + 60_000)).toBe(0)
    await live.snapshot()
    expect(await repack(time.nowMs() + 59_000)).toBe(0)
    expect(await repack(time.nowMs() + 60_000)).toBe(1)
  })

  it('read what another instance stored when the partition comes back', async () => {
    await using storage = await openStorage()
    const [first, second] = [storage.partitions(), storage.partitions()]
    const sent = (seq: number) => [recordOf(topic, signed(topic, only ?? drone('a'), position(drone('a'), { seq })))]

    await handleBatch(storage, first, { records: sent(1), from: 0, registry })
    await handleBatch(storage, second, { records: sent(2), from: 1, registry })
    await handleBatch(storage, first, { records: sent(2), from: 2, registry })

    const [state] = await first.fresh()
    const [boot] = state?.drones.get(drone('a'))?.ledger.boots ?? []
    expect(boot).toMatchObject({ stored: [[1, 2]], copies: 1 })
  })

  it('forget a batch whose transaction fails', async () => {
    await using storage = await openStorage()
    const live = storage.partitions()
    const records = [recordOf(topic, signed(topic, drone('a'), position(drone('a'))))]
    const broken = {
      ...storage.store,
      saveBatch: async () => {
        throw new Error('the disk is full')
      },
    }

    await expect(handleBatch({ db: storage.db, store: broken }, live, { records, from: 0, registry })).rejects.toThrow(
      'the disk is full',
    )
    await handleBatch(storage, live, { records, from: 0, registry })

    const [state] = await live.fresh()
    expect(state).toMatchObject({ number: 1, offset: 1 })
    expect(state?.drones.get(drone('a'))?.ledger.boots).toMatchObject([{ stored: [[1, 1]], copies: 0 }])
  })

  it('do not go back to an older state or snapshot', async () => {
    await using storage = await openStorage()
    const live = storage.partitions()
    const sent = (seq: number) => [recordOf(topic, signed(topic, drone('a'), position(drone('a'), { seq })))]
    await handleBatch(storage, live, { records: sent(1), from: 0, registry })
    const [old] = await live.fresh()
    await handleBatch(storage, live, { records: sent(2), from: 1, registry })
    await live.snapshot()

    if (old) await storage.store.saveSnapshot(old, new Date(0))
    if (old) live.advance(old)

    expect(await storage.store.loadSnapshot(0)).toMatchObject({ number: 2 })
    expect(await live.fresh()).toMatchObject([{ number: 2 }])
  })
})

describe('the stored track of a drone', () => {
  it('is what was sent within the window, to 1e-7 degree', async () => {
    await using storage = await openStorage()
    const live = storage.partitions()
    const sent = Array.from({ length: 40 }, (_, i) =>
      position(drone('a'), { seq: i + 1, lat: 43.6 + i * 1.234_567_8e-4, lon: 7.05 - i * 9.876_543e-5 }),
    )
    for (let from = 0; from < sent.length; from += 10) {
      const others = position(drone('b'), { seq: from + 1 })
      const records = [...sent.slice(from, from + 10), others].map((one) =>
        recordOf(topic, signed(topic, one.droneId, one)),
      )
      await handleBatch(storage, live, { records, from: from + from / 10, registry })
    }
    const within = sent.slice(5, 31)
    const window = { fromMs: within[0]?.takenAtMs ?? 0, toMs: within.at(-1)?.takenAtMs ?? 0 }

    const found: DronePosition[] = []
    for await (const some of storage.store.positionsOf({ partition: 0, droneId: drone('a'), ...window }))
      found.push(...some)

    expect(found).toEqual(within.map(quantised))
    for (const [i, { lat, lon }] of found.entries()) {
      expect(Math.abs(lat - (within[i]?.lat ?? 0))).toBeLessThanOrEqual(1e-7)
      expect(Math.abs(lon - (within[i]?.lon ?? 0))).toBeLessThanOrEqual(1e-7)
    }
  })

  it('are read whole while they are re-packed', async () => {
    await using storage = await openStorage()
    const live = storage.partitions()
    const store = async (seq: number) => {
      const one = position(drone('a'), { seq })
      const records = [recordOf(topic, signed(topic, one.droneId, one), { offset: seq - 1 })]
      await handleBatch(storage, live, { records, from: seq - 1, registry })
      await live.snapshot()
    }
    const repack = () => repackClosed({ ...storage, partitions: [0], nowMs: time.nowMs() + 60_000 })
    await store(1)
    await repack()
    await store(2)

    const found: number[] = []
    for await (const some of storage.store.positionsIn({ fromMs: 0, toMs: time.nowMs() })) {
      if (found.length === 0) expect(await repack()).toBe(1)
      found.push(...some.map(({ seq }) => seq))
    }

    expect(found).toEqual([1, 2])
  })
})
