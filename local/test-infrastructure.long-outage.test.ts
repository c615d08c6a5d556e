import { Kafka } from '@fleet/messaging/kafkajs'
import { beforeAll, describe, expect, it } from '@jest/globals'
import { logLevel } from 'kafkajs'
import { MongoClient } from 'mongodb'
import { type TestInfrastructure, testInfrastructure } from './test-infrastructure.ts'
import { waitUntil } from './wait.ts'

let infra: TestInfrastructure
beforeAll(async () => {
  infra = await testInfrastructure()
})

describe('the infrastructure of a test run', () => {
  it('keeps three brokers in one cluster while one is killed, and takes it back', async () => {
    await using _turn = await infra.takeFaultTurn()
    const [, second = ''] = infra.kafkaInner
    const admin = new Kafka({ brokers: [second], logLevel: logLevel.NOTHING }).admin()
    await admin.connect()
    const known = async () => (await admin.describeCluster()).brokers.length

    await infra.kill('kafka-1')
    await waitUntil('the others to miss it', async () => (await known()) === 2, { timeoutMs: 30_000 })
    await infra.restart('kafka-1')

    await waitUntil('all to be known again', async () => (await known()) === 3, { timeoutMs: 30_000 })
    await admin.disconnect()
  })

  it('writes by majority while one database member is paused', async () => {
    await using _turn = await infra.takeFaultTurn()
    await using client = await new MongoClient(infra.mongoUri('infra_test')).connect()
    await infra.pause('mongo-3')

    await client.db().collection('a').insertOne({ a: 1 })

    await infra.resume('mongo-3')
    expect(await client.db().collection('a').countDocuments()).toBe(1)
  })

  it('gives the turn at faults to one test at a time', async () => {
    const first = await infra.takeFaultTurn()
    const order: string[] = []
    const second = infra.takeFaultTurn().then((turn) => {
      order.push('second')
      return turn
    })

    order.push('first passes it on')
    await first[Symbol.asyncDispose]()
    await (await second)[Symbol.asyncDispose]()

    expect(order).toEqual(['first passes it on', 'second'])
  })
})
