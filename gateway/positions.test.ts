import { randomBytes, randomUUID } from 'node:crypto'
import { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createTopics } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { deriveDroneKey, droneMac, keyVersionHeader, macHeader } from '@fleet/messaging/drone-mac'
import { createKafka } from '@fleet/messaging/kafka'
import type { TopicRecord } from '@fleet/messaging/topic'
import { partitionOf } from '@fleet/messaging/topic'
import { silentLog } from '@fleet/runtime/log'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { createPositionJudge, type PositionJudge } from './positions.ts'
import { flown, position } from './testing/examples.ts'

const fleetSecret = randomBytes(32)
const topic = topics.dronePositions
const freshDrone = () => DroneId.parse(`drn_${randomUUID().slice(0, 8)}`)
const mine = freshDrone()
const other = freshDrone()
let judge: PositionJudge

beforeAll(async () => {
  const infra = await testInfrastructure()
  await createTopics(infra.kafkaInner)
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: 'gateway-test', log: silentLog() })
  const producer = kafka.producer()
  await producer.connect()
  const entry = (droneId: DroneId) => ({
    key: droneId,
    value: JSON.stringify({
      id: `msg_${randomUUID().slice(0, 8)}`,
      type: 'drone.enrolled',
      version: 1,
      at: 1,
      key: droneId,
      seq: 1,
      correlationId: 'c',
      causationId: 'http',
      data: { droneId, name: droneId.slice(4), hostId: 'host-a', keyVersion: 1, baseId: 'bas_a', enrolledAtMs: 1 },
    }),
  })
  await producer.send({ topic: topics.droneRegistry.name, messages: [entry(mine), entry(other)] })
  await producer.disconnect()
  judge = createPositionJudge({ kafka, fleetSecret, log: silentLog() })
}, 60_000)
afterAll(() => judge.close())

/** `droneId`'s record, its MAC made with the key of `signer`. */
function signedBy(signer: DroneId, droneId: DroneId, named = droneId): TopicRecord {
  const record = flown(position({ droneId: named }))
  const value = record.value ?? Buffer.alloc(0)
  const key = deriveDroneKey(fleetSecret, signer, 1)
  const mac = droneMac(key, { topic: topic.name, key: droneId, value })
  return {
    ...record,
    key: Buffer.from(droneId),
    partition: partitionOf(droneId, topic.partitions),
    headers: { [macHeader]: Buffer.from(mac.toString('hex')), [keyVersionHeader]: Buffer.from('1') },
  }
}

describe('a position that comes from the brokers', () => {
  it('shows a position that its own drone signed, and no other', async () => {
    const shown = await waitUntil('the registry', async () => (await judge.judge(signedBy(mine, mine))) ?? undefined, {
      timeoutMs: 30_000,
    })

    expect(shown).toMatchObject({ droneId: mine })
    expect(await judge.judge(signedBy(other, mine))).toBeNull()
    expect(await judge.judge(signedBy(mine, mine, other))).toBeNull()
    expect(await judge.judge({ ...signedBy(mine, mine), headers: {} })).toBeNull()
  })
})
