/** Customers who place, read, list and call off orders without a pause until they are told to stop; every answer is counted. */
import { randomUUID } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { OrderReply } from '@fleet/contracts/rest'
import { firstOrder } from '@fleet/local/first-calls'
import type { Bearer } from '@fleet/local/sign-in'

export type SteadyLoad = {
  /** Requests that were answered as they should be. */
  answered(): number
  /** The first of those that were not, in words, and how many there were. */
  failures(): { count: number; first: string[] }
  /** Ends it, once each customer has called off what it placed. */
  stop(): Promise<void>
}

const requestMsMax = 15_000
const pauseMs = 20
/** Few new orders, so that dispatch is not what is tested; the same POST again has the same work to do. */
const roundsPerOrder = 10
const failuresKept = 5

/** Starts `customers` of them. */
export async function startSteadyLoad(gateway: string, bearer: Bearer, customers: number): Promise<SteadyLoad> {
  const body = JSON.stringify(await firstOrder(gateway, bearer))
  let answered = 0
  let count = 0
  let stopped = false
  const first: string[] = []

  const call = async (method: string, path: string, expected: readonly number[], key?: string): Promise<unknown> => {
    try {
      const response = await fetch(`${gateway}${path}`, {
        method,
        headers: {
          authorization: await bearer(),
          ...(key === undefined ? {} : { 'idempotency-key': key, 'content-type': 'application/json' }),
        },
        body: key === undefined ? null : body,
        signal: AbortSignal.timeout(requestMsMax),
      })
      const text = await response.text()
      if (!expected.includes(response.status)) throw new Error(`${response.status} ${text.slice(0, 300)}`)
      answered += 1
      return JSON.parse(text)
    } catch (error) {
      count += 1
      if (first.length < failuresKept) first.push(`${method} ${path}: ${String(error)}`)
      return null
    } finally {
      await sleep(pauseMs)
    }
  }

  const customer = async () => {
    while (!stopped) {
      const key = `load-${randomUUID()}`
      const placed = OrderReply.safeParse(await call('POST', '/v1/orders', [201], key))
      for (let round = 0; round < roundsPerOrder && !stopped && placed.success; round += 1) {
        await call('GET', `/v1/orders/${placed.data.orderId}`, [200])
        await call('GET', '/v1/orders?limit=5', [200])
        await call('POST', '/v1/orders', [201], key)
      }
      // 409: it was delivered meanwhile.
      if (placed.success) await call('POST', `/v1/orders/${placed.data.orderId}/cancellation`, [202, 409])
    }
  }
  const running = Promise.all(Array.from({ length: customers }, customer))
  return {
    answered: () => answered,
    failures: () => ({ count, first }),
    stop: async () => {
      stopped = true
      await running
    },
  }
}
