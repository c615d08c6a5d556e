import { gzipSync } from 'node:zlib'
import { describe, expect, it } from '@jest/globals'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
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
