/**
 * The partitions' states in memory, of this instance's partitions and of the others'.
 *
 * A state is what the first n batches of a partition add up to, so any state can be brought forward by reading the
 * batches after it, and of two states of one partition the one with more batches is the newer. The owner of a partition
 * gets there without reading, because it made the batches; where its offset is not the one that the batch begins at,
 * somebody else did, and it reads them like anyone. Nothing is remembered of a batch before its commit.
 */
import type { Database } from '@fleet/messaging/database'
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { TimeSource } from '@fleet/runtime/clock'
import type { Log } from '@fleet/runtime/log'
import type { ClientSession } from 'mongoose'
import { apply, emptyPartition, type Partition } from './partition.ts'
import type { PositionStore } from './store.ts'

/** How old an answer about partitions of other instances may be, real milliseconds. */
const ageMsMax = 250
/** How often what has moved is written down, so that a start replays no more than this. */
const snapshotEveryMs = 60_000

export type Partitions = {
  /** The state that a batch beginning at `offset` follows, read within the batch's transaction. */
  at(partition: number, offset: number, session: ClientSession): Promise<Partition>
  /** Takes a state whose batch is committed by this instance. */
  advance(state: Partition): void
  /** The partitions whose last known batch this instance stored. */
  own(): number[]
  /** All partitions, as new as the database but for `ageMsMax`. */
  fresh(): Promise<Partition[]>
  /** Writes a snapshot of each partition that has moved since its last. */
  snapshot(): Promise<void>
}

/** The `count` partitions of the topic. Nothing is read yet. */
export function createPartitions({
  store,
  count,
  time,
  log,
}: {
  store: PositionStore
  count: number
  time: TimeSource
  log: Log
}): Partitions {
  const states = new Map<number, Partition>()
  const snapshotted = new Map<number, number>()
  const own = new Set<number>()
  let reading: Promise<Partition[]> | undefined
  let readAtMs = Number.NEGATIVE_INFINITY

  const begin = async (partition: number, session?: ClientSession): Promise<Partition> => {
    const state = await store.loadSnapshot(partition, session)
    if (state) snapshotted.set(partition, state.number)
    return state ?? emptyPartition(partition)
  }

  /** Batches that were re-packed are gone, but in the snapshot: a state that still lacks them goes on from there. */
  const forward = async (from: Partition, session?: ClientSession): Promise<Partition> => {
    let state = from
    const catchUp = async () => {
      const snapshot = await begin(from.partition, session)
      if (snapshot.number > state.number) state = snapshot
    }
    for await (const { number, effect, toOffset } of store.batchesAfter(from, session)) {
      if (number > state.number + 1) await catchUp()
      if (number <= state.number) continue
      // Only what is past its time of keeping goes away, where nobody was there to write a snapshot before.
      if (number > state.number + 1)
        log.warn({ partition: from.partition, after: state.number, number }, 'batches gone')
      state = apply(state, effect, { number, offset: toOffset })
    }
    if (state === from) await catchUp()
    return state
  }

  const advance = (state: Partition, byUs: boolean) => {
    if (state.number < (states.get(state.partition)?.number ?? 0)) return
    states.set(state.partition, state)
    if (byUs) own.add(state.partition)
    else own.delete(state.partition)
  }

  const read = async (): Promise<Partition[]> => {
    for (let partition = 0; partition < count; partition++) {
      if (!states.has(partition)) advance(await begin(partition), false)
    }
    const moved = await store.movedOn([...states.values()])
    for (const state of states.values()) {
      if (!moved.has(state.partition)) continue
      const forwarded = await forward(state)
      // Where this instance stored on meanwhile, it is ahead of what was read.
      if (forwarded.number > (states.get(state.partition)?.number ?? 0)) advance(forwarded, false)
    }
    readAtMs = time.monotonicMs()
    return [...states.values()]
  }

  const fresh = (): Promise<Partition[]> => {
    if (time.monotonicMs() - readAtMs < ageMsMax) return Promise.resolve([...states.values()])
    reading ??= read().finally(() => {
      reading = undefined
    })
    return reading
  }

  return {
    at: async (partition, offset, session) => {
      const known = states.get(partition)
      if (known && known.number > 0 && known.offset === offset) return known
      return forward(known ?? (await begin(partition, session)), session)
    },
    advance: (state) => advance(state, true),
    own: () => [...own],
    fresh,
    snapshot: async () => {
      for (const state of await fresh()) {
        if (state.number <= (snapshotted.get(state.partition) ?? 0)) continue
        await store.saveSnapshot(state, new Date(time.nowMs()))
        snapshotted.set(state.partition, state.number)
      }
    },
  }
}

/** Re-packed at once, so that a partition's minute of 10,000 drones is one transaction. */
const repackPositionsMax = 100_000

/**
 * Snapshots now and then, until closed, and re-packs by drone what was stored before the present minute. Another instance
 * may do the same with the same partition: one of the two transactions then finds its batches gone, and nothing to do.
 */
export function startUpkeep({
  partitions,
  store,
  db,
  time,
  log,
}: {
  partitions: Partitions
  store: PositionStore
  db: Pick<Database, 'transact'>
  time: Pick<TimeSource, 'nowMs'>
  log: Log
}): Loop {
  return startLoop('position upkeep', snapshotEveryMs, log, async () => {
    await partitions.snapshot()
    await repackClosed({ partitions: partitions.own(), store, db, nowMs: time.nowMs() })
  })
}

/** Re-packs everything of `partitions` that was stored before the minute of `nowMs`; gives how many positions. */
export async function repackClosed({
  partitions,
  store,
  db,
  nowMs,
}: {
  partitions: readonly number[]
  store: PositionStore
  db: Pick<Database, 'transact'>
  nowMs: number
}): Promise<number> {
  const before = new Date(nowMs - (nowMs % 60_000))
  let total = 0
  for (const partition of partitions) {
    for (;;) {
      const n = await db.transact(({ session }) =>
        store.repack({ partition, before, positionsMax: repackPositionsMax, storedAt: new Date(nowMs) }, session),
      )
      if (n === 0) break
      total += n
    }
  }
  return total
}
