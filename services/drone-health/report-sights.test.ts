/** On the real brokers and the real database: what stands unread in the topic makes its partition unseen. */
import { randomUUID } from 'node:crypto'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { openDatabase } from '@fleet/messaging/database'
import { createKafka } from '@fleet/messaging/kafka'
import { createStoredOffsets } from '@fleet/messaging/stored-offsets'
import { silentLog } from '@fleet/runtime/log'
import { it } from '@jest/globals'
import { startReportSights } from './report-sights.ts'
import { createSights } from './sights.ts'

const log = silentLog()
const [partition, other] = [0, 1]
const nowMs = () => performance.now()

it('sees a partition of reports while all of it is read, and no longer, and again once it is', async () => {
  await using opened = new AsyncDisposableStack()
  const own = <T extends { close(): Promise<unknown> }>(part: T): T =>
    opened.adopt(part, async (one) => void (await one.close()))
  const infra = await testInfrastructure()
  const name = `sights${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const db = own(await openDatabase(infra.mongoUri(name)))
  opened.defer(async () => void (await db.connection.dropDatabase()))
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: name, log })
  const admin = kafka.admin()
  await admin.connect()
  opened.defer(() => admin.disconnect())
  const topic = name
  await createAndAwait(admin, [{ topic, numPartitions: 2, replicationFactor: 1 }])
  const producer = kafka.producer()
  await producer.connect()
  opened.defer(() => producer.disconnect())
  const endOf = async (wanted: number) => {
    const ends = await admin.fetchTopicOffsets(topic)
    return Number(ends.find((one) => one.partition === wanted)?.high)
  }
  const offsets = await createStoredOffsets(db.connection, name)
  const next = await endOf(partition)
  for (const each of [partition, other])
    await offsets.begin({ topic, partition: each }, { next: await endOf(each), clusterId: 'test' })
  const sights = createSights({ blindMs: 2_500, settleMs: 0 })
  own(
    startReportSights({
      kafka,
      topic: { name: topic, partitions: 2 },
      offsets,
      sights,
      isAtRest: () => false,
      nowMs,
      log,
    }),
  )
  const sees = (wanted: number) => sights.at(nowMs()).sees(wanted)
  const until = (what: string, holds: () => boolean) =>
    waitUntil(what, async () => holds(), { timeoutMs: 20_000, everyMs: 50 })

  await until('both to be seen', () => sees(partition) && sees(other))
  await producer.send({ topic, acks: -1, messages: [{ partition, key: 'drn_nobody', value: 'unread' }] })
  await until('what stands unread to be noticed, and nothing else', () => !sees(partition) && sees(other))

  const to = await endOf(partition)
  await db.transact((tx) => offsets.advance({ topic, partition }, { from: next, to }, tx))
  await until('it to be seen again', () => sees(partition))
}, 90_000)
