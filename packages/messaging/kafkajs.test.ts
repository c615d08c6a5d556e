import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import Runner from 'kafkajs/src/consumer/runner.js'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import Encoder from 'kafkajs/src/protocol/encoder.js'
import fetchResponse from 'kafkajs/src/protocol/requests/fetch/v11/response.js'
import './kafkajs.ts'
import { fetchAnswerBytes, recordBytes } from './testing/fetch-bytes.ts'

const logger = { debug: () => undefined, warn: () => undefined }
const openQueue = () =>
  new RequestQueue({ requestTimeout: 1_000, enforceRequestTimeout: false, clientId: 'test', broker: 'b:1', logger })

describe("kafkajs's queue of requests", () => {
  it('sets no timer while nothing is held back', () => {
    const queue = openQueue()
    queue.checkPendingRequests()
    expect(queue.throttleCheckTimeoutId).toBeNull()
  })

  it('sends what was held back when the throttling is over', async () => {
    const queue = openQueue()
    queue.maybeThrottle(20)
    const entry = { correlationId: 1, apiKey: 1, apiName: 'Fetch', apiVersion: 11, resolve: () => undefined }
    const isSent = new Promise<void>((resolve) => {
      queue.push({ entry: { ...entry, reject: resolve }, expectResponse: true, sendRequest: resolve })
    })
    expect(queue.pending).toHaveLength(1)
    await isSent
    expect(queue.pending).toHaveLength(0)
    queue.destroy()
  })
})

describe("kafkajs's runner", () => {
  it('ends where it is told to stop while a batch is in hand and a broker has gone', async () => {
    const { promise: isInHand, resolve: inHand } = Promise.withResolvers<void>()
    const { promise: isHandled, resolve: handled } = Promise.withResolvers<void>()
    const { promise: isGone, resolve: gone } = Promise.withResolvers<void>()
    const done = async () => undefined
    let nodes = [1, 2]
    const crashes: Error[] = []
    let askings = 0
    const quiet = { ...logger, info: logger.debug, error: logger.debug, namespace: () => quiet }
    const runner = new Runner({
      logger: {
        ...quiet,
        namespace: () => ({
          ...quiet,
          // What asks for ever lets no timer run, so that this test would have no end.
          debug: () => {
            askings += 1
            if (askings > 10_000) throw new Error('asks for ever')
          },
        }),
      },
      consumerGroup: {
        connect: done,
        joinAndSync: done,
        heartbeat: done,
        leave: done,
        getNodeIds: () => nodes,
        fetch: async (nodeId) => {
          if (nodeId === 2) return [{ topic: 't', partition: 0 }]
          await isGone
          return []
        },
      },
      instrumentationEmitter: { emit: () => undefined },
      concurrency: 2,
      onCrash: (error) => crashes.push(error),
    })
    runner.handleBatch = () => {
      inHand()
      return isHandled
    }
    await runner.start()
    await isInHand
    nodes = [2]
    gone()
    await new Promise(setImmediate) // The first fetcher has seen that a broker has gone, and waits for the batch.
    const isStopped = runner.stop()
    handled()

    await isStopped
    expect(crashes).toEqual([])
    expect(askings).toBeLessThan(100)
  })
})

describe("kafkajs's reading of an answer to a fetch", () => {
  const record = { timestampDelta: 0n, offsetDelta: 0, key: null, value: Buffer.from('v') }
  const answerOf = (records: Buffer, attributes: number) => {
    const head = { firstOffset: 4n, attributes, firstTimestamp: 0n, maxTimestamp: 0n, producerId: -1n }
    const batches = [{ ...head, producerEpoch: -1, count: 1, records }]
    return fetchAnswerBytes([
      { name: 't', partitions: [{ partition: 0, errorCode: 0, highWatermark: 5n, aborted: [], batches, cut: 0 }] },
    ])
  }
  const holding = (message: object) => ({ responses: [{ partitions: [{ messages: [message] }] }] })

  it('is ours: a header may have any name', async () => {
    const bytes = recordBytes({ ...record, headers: [['toString', Buffer.from('1')]] })
    const answer = await fetchResponse.decode(answerOf(bytes, 0))
    expect(answer).toMatchObject(holding({ offset: '4', headers: { toString: Buffer.from('1') } }))
  })

  it('is its own where the records are compressed', async () => {
    const bytes = recordBytes({ ...record, headers: [['mac', Buffer.from('1')]] })
    const answer = await fetchResponse.decode(answerOf(gzipSync(bytes), 1))
    expect(answer).toMatchObject(holding({ offset: '4', value: Buffer.from('v'), headers: { mac: Buffer.from('1') } }))
  })
})

describe("kafkajs's writing of whole numbers", () => {
  /** Groups of seven bits, the lowest first, each but the last with its highest bit set; the sign in the lowest bit of all. */
  const bytesOf = (value: bigint): number[] => {
    const zigZag = value >= 0n ? value * 2n : -value * 2n - 1n
    const groups: number[] = []
    for (let rest = zigZag; ; rest >>= 7n) {
      if (rest < 0x80n) return [...groups, Number(rest)]
      groups.push(Number(rest & 0x7fn) | 0x80)
    }
  }
  const int32 = fc.oneof(fc.integer(), fc.integer({ min: -70, max: 70 }), fc.integer({ min: -9_000, max: 9_000 }))

  it('is what Kafka reads, whatever the size', () => {
    fc.assert(
      fc.property(int32, (value) => {
        const bytes = bytesOf(BigInt(value))
        expect([...new Encoder().writeVarInt(value).buffer]).toEqual(bytes)
        expect([...new Encoder().writeVarLong(value).buffer]).toEqual(bytes)
        expect(Encoder.sizeOfVarLong(value)).toBe(bytes.length)
      }),
      { seed: 45 },
    )
  })

  it('is that of numbers past 32 bits, too', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(2n ** 53n), max: 2n ** 53n }), (value) => {
        const bytes = bytesOf(value)
        expect([...new Encoder().writeVarLong(Number(value)).buffer]).toEqual(bytes)
        expect(Encoder.sizeOfVarLong(Number(value))).toBe(bytes.length)
      }),
      { seed: 45 },
    )
  })
})
