/** One contender as a process: reads the topic and stores it in its own way, until it is told to stop. */
import { readFileSync } from 'node:fs'
import { openDatabase } from '@fleet/messaging/database'
import { createDroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { createKafka } from '@fleet/messaging/kafka'
import { startRegistryView } from '@fleet/messaging/registry-view'
import { startRelay } from '@fleet/messaging/relay'
import { createLog } from '@fleet/runtime/log'
import { MongoClient } from 'mongodb'
import { startPositionConsumer } from '../services/position/consume.ts'
import { createPartitions, startUpkeep } from '../services/position/partitions.ts'
import { createPositionStore } from '../services/position/store.ts'
import { ContenderOptions, documentsCollection } from './contender.ts'

const options = ContenderOptions.parse(JSON.parse(process.argv[2] ?? ''))
const { contender, brokers, mongoUri, topic, partitions, group, fleetSecretFile } = options
const log = createLog(`bench-${contender}`, 'warn')
const kafka = createKafka({ brokers, clientId: `bench-${contender}`, log })

let done = 0
const tellEveryMs = 50
setInterval(() => process.send?.({ done }), tellEveryMs)
process.on('disconnect', () => process.exit(1))
process.on('SIGTERM', () => process.exit(0))

/** Reads all partitions, several at once, and hands on the parsed values of each fetch; commits once they are stored. */
async function readBatches(store: (positions: Record<string, unknown>[]) => Promise<void>): Promise<void> {
  const consumer = kafka.consumer({ groupId: group, maxWaitTimeInMs: 100, maxBytesPerPartition: 2 * 1_048_576 })
  await consumer.connect()
  await consumer.subscribe({ topics: [topic], fromBeginning: true })
  await consumer.run({
    partitionsConsumedConcurrently: 4,
    eachBatch: async ({ batch }) => {
      await store(batch.messages.map(({ value }) => JSON.parse(value?.toString() ?? 'null')))
    },
  })
}

async function documents() {
  const client = await new MongoClient(mongoUri, { w: 'majority', maxPoolSize: 20 }).connect()
  return client.db().collection(documentsCollection)
}

async function insertMany() {
  const rows = await documents()
  await readBatches(async (positions) => {
    await rows.insertMany(positions, { ordered: false })
    done += positions.length
  })
}

async function insertOne() {
  const rows = await documents()
  await readBatches(async (positions) => {
    for (const position of positions) {
      await rows.insertOne(position)
      done += 1
    }
  })
}

async function timeSeries() {
  const rows = await documents()
  await readBatches(async (positions) => {
    const samples = positions.map((position) => ({ ...position, takenAt: new Date(Number(position.takenAtMs)) }))
    await rows.insertMany(samples, { ordered: false })
    done += positions.length
  })
}

/** The production pipeline of the position service, put together as its main.ts does, without HTTP. */
async function ours() {
  const fleetSecret = Buffer.from(readFileSync(fleetSecretFile, 'utf8').trim(), 'hex')
  const db = await openDatabase(mongoUri)
  const store = await createPositionStore(db.connection)
  const time = { nowMs: () => Date.now(), monotonicMs: () => performance.now() }
  const states = createPartitions({ store, count: partitions, time, log })
  startUpkeep({ partitions: states, store, db, time, log })
  startRelay({ db, kafka, log })
  const registry = await startRegistryView({ kafka, name: group, log })
  await startPositionConsumer({
    kafka,
    db,
    store,
    partitions: states,
    authenticator: createDroneAuthenticator({ registry, fleetSecret }),
    isEnrolled: (droneId) => registry.get(droneId) !== undefined,
    nowMs: time.nowMs,
    log,
    topic: { name: topic, partitions },
    group,
  })
  const offsets = db.connection.collection('consumer_offsets')
  setInterval(async () => {
    const rows = await offsets.find({}, { projection: { next: 1 } }).toArray()
    done = rows.reduce((sum, { next }) => sum + Number(next), 0)
  }, tellEveryMs)
}

const starts = {
  /** Consumes and parses, and does nothing with it. */
  ceiling: () =>
    readBatches(async (positions) => {
      done += positions.length
    }),
  'insert-one': insertOne,
  'insert-many': insertMany,
  'time-series': timeSeries,
  ours,
}
await starts[contender]()
