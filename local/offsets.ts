/**
 * `npm run offsets -- list | accept GROUP TOPIC PARTITION`: where the services stand in their topics. Where a topic no
 * longer holds what is due, a service waits until a person accepts the gap here.
 */
import { userInfo } from 'node:os'
import { openDatabase } from '@fleet/messaging/database'
import { createStoredOffsets } from '@fleet/messaging/stored-offsets'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { withAdmin } from './kafka-admin.ts'
import { LocalConfig } from './launch.ts'
import { Missing } from './provision.ts'
import { databaseUri, serviceNames } from './stack-environment.ts'
import { readStackInfo, type StackInfo } from './stack-info.ts'

const USAGE = 'Usage: npm run offsets -- list | accept GROUP TOPIC PARTITION'
const say = (line: string) => console.log(line)

const Row = z.object({ _id: z.string(), next: z.number(), clusterId: z.string(), gaps: z.array(z.unknown()) })
/** Each named after its service, but for the one in which position reads reports. */
const Group = z.enum([...serviceNames, 'position-boots'])
const serviceOf = (group: z.infer<typeof Group>) => (group === 'position-boots' ? 'position' : group)

const rangeOf = (info: StackInfo, topic: string, partition: number) =>
  withAdmin(info.kafka.internal.split(','), async (admin) => {
    const { clusterId } = await admin.describeCluster()
    const found = (await admin.fetchTopicOffsets(topic)).find((each) => each.partition === partition)
    if (!found) throw new Missing(`Topic ${topic} has no partition ${partition}.`)
    return { clusterId, low: Number(found.low), high: Number(found.high) }
  })

async function list(info: StackInfo): Promise<void> {
  say('group/topic/partition\tdue\ttopic holds\tlag\taccepted gaps\tstate')
  for (const service of serviceNames) {
    const db = await openDatabase(databaseUri(info.mongo, service))
    try {
      const rows = await db.connection.collection('consumer_offsets').find({}).sort({ _id: 1 }).toArray()
      for (const { _id, next, clusterId, gaps } of z.array(Row).parse(rows)) {
        const [, topic = '', partition = ''] = _id.split('/')
        const range = await rangeOf(info, topic, Number(partition))
        const fits = clusterId === range.clusterId && next >= range.low && next <= range.high
        const holds = `${range.low} to ${range.high}`
        say([_id, next, holds, Math.max(0, range.high - next), gaps.length, fits ? 'ok' : 'GAP'].join('\t'))
      }
    } finally {
      await db.close()
    }
  }
}

async function accept(info: StackInfo, [groupText, topic = '', partitionText]: string[]): Promise<void> {
  const group = Group.safeParse(groupText)
  const partition = z.coerce.number().int().min(0).safeParse(partitionText)
  if (!group.success || !partition.success) throw new Missing(USAGE)
  const id = { topic, partition: partition.data }
  const range = await rangeOf(info, topic, partition.data)
  const db = await openDatabase(databaseUri(info.mongo, serviceOf(group.data)))
  try {
    const offsets = await createStoredOffsets(db.connection, group.data)
    const stored = await offsets.load(id)
    if (stored === null) throw new Missing(`${group.data} has never read ${topic}/${partition.data}.`)
    const fits = stored.clusterId === range.clusterId && stored.next >= range.low && stored.next <= range.high
    if (fits)
      throw new Missing(
        `${group.data} stands at ${stored.next}, which ${topic}/${partition.data} holds: there is no gap.`,
      )
    const gap = { from: stored.next, to: range.low, acceptedBy: userInfo().username, acceptedAt: new Date(Date.now()) }
    await offsets.acceptGap(id, gap, range.clusterId)
    say(
      `${group.data} goes on at ${gap.to} in ${topic}/${partition.data}; what was due from ${gap.from} on is accepted as lost`,
    )
  } finally {
    await db.close()
  }
}

async function run([act, ...rest]: string[]): Promise<void> {
  const { LOCAL_DIR } = readConfig(LocalConfig)
  const info = readStackInfo(LOCAL_DIR)
  if (act === 'list') await list(info)
  else if (act === 'accept') await accept(info, rest)
  else throw new Missing(USAGE)
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  if (!(error instanceof Missing)) throw error
  console.error(error.message)
  process.exitCode = 1
}
