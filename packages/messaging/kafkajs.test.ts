import { describe, expect, it } from '@jest/globals'
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js'
import './kafkajs.ts'

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
