import { describe, expect, it } from '@jest/globals'
import Broker from 'kafkajs/src/broker/index.js'
import { connectSender } from './sender.ts'
import { openBench, until } from './testing/bench.ts'
import { watchConnections } from './testing/sockets.ts'

const { initProducerId } = Broker.prototype

describe('a sender', () => {
  it('that gets a connection and no producer id leaves no connection behind', async () => {
    await using bench = await openBench('sender.half')
    using connections = watchConnections(bench.infra.kafkaInner)
    let opened = 0
    Broker.prototype.initProducerId = async () => {
      opened = connections.open()
      throw new Error('the coordinator went away')
    }
    try {
      await expect(connectSender(bench.kafka, { idempotent: true })).rejects.toThrow('the coordinator went away')
    } finally {
      Broker.prototype.initProducerId = initProducerId
    }

    expect(opened).toBeGreaterThan(0)
    await until('its connections to be closed', () => connections.open() === 0)
  })
})
