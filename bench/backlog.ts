/** One contender through one backlog: how fast it stored it, at what cost, and whether what it stored is what was sent. */

import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { DronePosition } from '@fleet/contracts/drone-positions'
import { createPortPicker } from '@fleet/local/ports'
import { cacheFolder } from '@fleet/local/provision'
import { startReaper } from '@fleet/local/reaper'
import { openDatabase } from '@fleet/messaging/database'
import { silentLog } from '@fleet/runtime/log'
import type { Db } from 'mongodb'
import { quantised } from '../services/position/packed.ts'
import { createPartitions, repackClosed } from '../services/position/partitions.ts'
import { createPositionStore } from '../services/position/store.ts'
import { findConnectHome, startSink } from './connect-home.ts'
import {
  type Contender,
  type ContenderName,
  documentsCollection,
  peakMiB,
  processorS,
  startContender,
} from './contender.ts'
import type { Platform } from './platform.ts'
import type { Backlog } from './positions-topic.ts'

export type Name = ContenderName | 'connect'

export type Run = {
  positionsPerS: number
  /** Processor seconds a million positions: of the contender itself, and of contender, brokers and database together. */
  ownProcessorS: number
  allProcessorS: number
  peakMiB: number
  /** Data and indexes, a position; an index that serves tracks included. NaN where nothing is stored. */
  bytes: number
  /** Of ours: the same before re-packing, and what re-packing a million takes. */
  bytesBefore?: number
  repackProcessorS?: number
}

const sampleEveryMs = 50
const runMsMax = 120_000
/** Measured from here on: before, a contender joins its group and warms up. */
const warmMs = 2_000
/** A run ends after so long, or once the backlog is stored. */
const measuredMsMax = 6_000

const timeseries = { timeField: 'takenAt', metaField: 'droneId', granularity: 'seconds' }

/** Processes of each contender: one a core of the machine that the figures are for. Kafka Connect has its threads. */
const processesEach = 2

/** Starts a contender on a topic; what it stores goes to `database`. */
export async function start(
  name: Name,
  platform: Platform,
  backlog: Pick<Backlog, 'topic' | 'partitions'>,
  { database, processes }: { database: string; processes: number },
): Promise<Contender> {
  const { brokers, fleetSecretFile, mongoUri, folder, mongo } = platform
  const { topic, partitions } = backlog
  if (name !== 'ours' && name !== 'ceiling')
    await mongo.db(database).createCollection(documentsCollection, name === 'time-series' ? { timeseries } : {})
  if (name !== 'connect')
    return startContender(
      {
        contender: name,
        brokers,
        mongoUri: mongoUri(database),
        topic,
        partitions,
        group: database,
        fleetSecretFile,
      },
      { processes },
    )
  const reaper = startReaper(join(folder, database))
  const sink = await startSink({
    jars: await findConnectHome(cacheFolder(), () => undefined),
    folder: join(folder, database),
    restPort: await createPortPicker(process.pid)(),
    brokers,
    topic,
    mongoUri: mongoUri(''),
    database,
    collection: documentsCollection,
    group: database,
    reaper,
  })
  let done = 0
  const rows = mongo.db(database).collection(documentsCollection)
  const timer = setInterval(async () => {
    done = await rows.estimatedDocumentCount()
  }, sampleEveryMs)
  return {
    pids: [sink.pid],
    done: () => done,
    check: () => {
      if (sink.exit() !== undefined) throw new Error(`Kafka Connect ended by itself: see ${folder}/${database}`)
    },
    stop: async () => {
      clearInterval(timer)
      await sink.stop(0)
      reaper.close()
    },
  }
}

/** Runs `name` for some seconds, or until it has stored `count` positions. The database is left as it is: `database`. */
export async function runContender(
  name: Name,
  {
    platform,
    backlog,
    count,
    database,
    stopped,
  }: {
    platform: Platform
    backlog: Backlog
    count: number
    database: string
    stopped: AbortSignal
  },
): Promise<Run> {
  const contender = await start(name, platform, backlog, { database, processes: processesEach })
  const look = () => ({
    atMs: performance.now(),
    done: contender.done(),
    own: processorS(contender.pids),
    ...platform.processorS(),
  })
  try {
    const deadlineMs = performance.now() + runMsMax
    let from = look()
    let firstMs: number | undefined
    for (;;) {
      stopped.throwIfAborted()
      contender.check()
      const now = look()
      if (now.done > 0) firstMs ??= now.atMs
      // Few positions are stored before the warm-up is over: then all of them count.
      if (firstMs === undefined || (now.atMs - firstMs < warmMs && now.done < count / 4)) from = now
      const positions = now.done - from.done
      if (positions > 0 && (now.done >= count || now.atMs - from.atMs > measuredMsMax)) {
        const own = now.own - from.own
        const all = own + now.brokers - from.brokers + now.mongo - from.mongo
        const memory = peakMiB(contender.pids)
        await contender.stop()
        return {
          positionsPerS: (positions * 1_000) / (now.atMs - from.atMs),
          ownProcessorS: (own * 1e6) / positions,
          allProcessorS: (all * 1e6) / positions,
          peakMiB: memory,
          bytes: Number.NaN,
        }
      }
      if (performance.now() > deadlineMs) throw new Error(`${name} stored ${now.done} of ${count} in ${runMsMax} ms`)
      await sleep(sampleEveryMs)
    }
  } catch (error) {
    await contender.stop()
    throw error
  }
}

/** Bytes of all collections and indexes of a database on the primary's disk. */
export async function diskBytes(db: Db): Promise<number> {
  await db.admin().command({ fsync: 1 })
  const stats = await db.stats()
  return Number(stats.storageSize) + Number(stats.indexSize)
}

/** Re-packs all that ours has stored, as its upkeep does minute by minute; gives positions and processor seconds a million. */
export async function repackAll(
  { mongoUri, mongo }: Platform,
  { database, partitions, nowMs }: { database: string; partitions: number; nowMs: () => number },
): Promise<{ positions: number; processorS: number }> {
  const db = await openDatabase(mongoUri(database))
  const store = await createPositionStore(db.connection)
  const time = { nowMs, monotonicMs: () => performance.now() }
  const states = createPartitions({ store, count: partitions, time, log: silentLog() })
  await states.snapshot()
  const before = process.cpuUsage()
  const all = Array.from({ length: partitions }, (_, partition) => partition)
  const positions = await repackClosed({ partitions: all, store, db, nowMs: nowMs() + 60_000 })
  const { user, system } = process.cpuUsage(before)
  await db.close()
  // What was deleted is written over by the next minutes; here there are none, so its room is given back.
  for (const name of ['position_batches', 'outbox']) await mongo.db(database).command({ compact: name, force: true })
  return { positions, processorS: (user + system) / positions }
}

/** An index for tracks, as a store of documents needs one. */
export const indexTracks = (db: Db) => db.collection(documentsCollection).createIndex({ droneId: 1, takenAtMs: 1 })

/** Looks up the backlog's sample in what was stored. @throws where a value differs; gives how many were found. */
export async function checkSample(name: Name, platform: Platform, backlog: Backlog, database: string): Promise<number> {
  let found = 0
  const compare = (sent: DronePosition, stored: DronePosition[]) => {
    if (stored.length > 1) throw new Error(`${name} stored ${sent.droneId}/${sent.seq} ${stored.length} times`)
    const [one] = stored
    if (one === undefined) return
    found += 1
    const [due, got] = [JSON.stringify(quantised(sent)), JSON.stringify(quantised(one))]
    if (due !== got) throw new Error(`${name} stored ${got} for ${due}`)
  }
  if (name === 'ours') {
    const db = await openDatabase(platform.mongoUri(database))
    const store = await createPositionStore(db.connection)
    for (const { partition, position } of backlog.sample) {
      const { droneId, takenAtMs } = position
      const stored: DronePosition[] = []
      for await (const some of store.positionsOf({ partition, droneId, fromMs: takenAtMs, toMs: takenAtMs }))
        stored.push(...some)
      compare(position, stored)
    }
    await db.close()
  } else {
    const rows = platform.mongo.db(database).collection(documentsCollection)
    for (const { position } of backlog.sample) {
      const { droneId, takenAtMs } = position
      const stored = await rows.find({ droneId, takenAtMs }).toArray()
      compare(
        position,
        stored.map((row) => DronePosition.parse(row)),
      )
    }
  }
  return found
}
