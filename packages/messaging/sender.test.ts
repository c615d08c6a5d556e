import { describe, expect, it } from '@jest/globals'
import Broker from 'kafkajs/src/broker/index.js'
import { connectSender } from './sender.ts'
import { openBench, until } from './testing/bench.ts'

const { initProducerId } = Broker.prototype
const sockets = () => process.getActiveResourcesInfo().filter((kind) => kind === 'TCPSocketWrap').length

describe('a sender', () => {
  it('that gets a connection and no producer id leaves no connection behind', async () => {
    await using bench = await openBench('sender.half')
    const before = sockets()
    let opened = 0
    Broker.prototype.initProducerId = async () => {
      opened = sockets() - before
      throw new Error('the coordinator went away')
    }
    try {
      await expect(connectSender(bench.kafka, { idempotent: true })).rejects.toThrow('the coordinator went away')
    } finally {
      Broker.prototype.initProducerId = initProducerId
    }

    expect(opened).toBeGreaterThan(0)
    await until('its connections to be closed', () => sockets() === before)
  })
})
