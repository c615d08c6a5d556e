/** A network that loses three of ten requests between gateway and order service: no customer notices, and no order is doubled. */
import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, request as send } from 'node:http'
import { OrderReply } from '@fleet/contracts/rest'
import { firstOrder } from '@fleet/local/first-calls'
import { createBearer } from '@fleet/local/sign-in'
import { z } from 'zod'
import { startExtraInstance } from './extra-instance.ts'
import type { Scenario } from './scenario.ts'

const lost = 0.3
const orders = 15
const readings = 60
const requestMsMax = 20_000

type Closable = { close(): Promise<void> }

/** Every request in its turn is lost or not by a fixed row: a third of the lost ones after the service has had its effect. */
async function startFlakyNetwork(to: string): Promise<Closable & { url: string; lost(): number }> {
  let turn = 0
  let count = 0
  // The golden ratio's multiples spread evenly over 0..1, whatever the number of requests.
  const next = () => (++turn * 0.618_033_988_75) % 1
  const server = createServer((asked, answer) => {
    const chance = next()
    const loses = chance < lost
    if (loses) count += 1
    if (loses && chance > lost / 3) return void asked.socket.destroy()
    const { method, headers } = asked
    const onward = send(new URL(asked.url ?? '/', to), { method, headers }, (reply) => {
      if (loses) return void asked.socket.destroy()
      answer.writeHead(reply.statusCode ?? 502, reply.headers)
      reply.pipe(answer)
    })
    onward.once('error', () => asked.socket.destroy())
    asked.pipe(onward)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = z.object({ port: z.number() }).parse(server.address())
  const close = async () => {
    server.closeAllConnections()
    server.close()
  }
  return { url: `http://127.0.0.1:${port}`, lost: () => count, close }
}

export const retry: Scenario = {
  name: 'retry',
  watch: 'Watch a network that loses three requests of ten: no request of a customer fails, and no order is doubled.',
  steps: async ({ info, until }, step) => {
    const { services, accounts } = info()
    if (services.order === undefined || accounts === undefined)
      throw new Error('The stack has no order service or gateway.')
    const network = await startFlakyNetwork(services.order)
    const gateway = await startExtraInstance('gateway', info(), { ORDER_URL: network.url })
    const bearer = createBearer(gateway.url, accounts.customer, () => performance.now())
    const call = async (path: string, init: RequestInit = {}) =>
      fetch(`${gateway.url}${path}`, {
        ...init,
        headers: { authorization: await bearer(), 'content-type': 'application/json', ...init.headers },
        signal: AbortSignal.timeout(requestMsMax),
      })
    try {
      await step('a gateway whose way to the order service is flaky', () =>
        until('it to answer', 0, async () => (await call('/v1/bases')).ok),
      )
      const body = JSON.stringify(await firstOrder(gateway.url, bearer))
      const place = async (key: string): Promise<string> => {
        const response = await call('/v1/orders', { method: 'POST', body, headers: { 'idempotency-key': key } })
        const text = await response.text()
        assert.equal(response.status, 201, text)
        return OrderReply.parse(JSON.parse(text)).orderId
      }
      const keys = Array.from({ length: orders }, () => `retry-${randomUUID()}`)
      const ids = await step(`${orders} orders are placed, and none fails`, async () => {
        const placed: string[] = []
        for (const key of keys) placed.push(await place(key))
        return placed
      })
      await step(`${readings} readings, and none fails`, async () => {
        for (let count = 0; count < readings; count += 1) {
          const { status } = await call(`/v1/orders/${ids[count % ids.length]}`)
          assert.equal(status, 200)
        }
        return `the network lost ${network.lost()} requests`
      })
      await step('each order is there once: the same keys give the same orders', async () => {
        assert(network.lost() > 0, 'the network lost nothing')
        assert.equal(new Set(ids).size, orders)
        const again: string[] = []
        for (const key of keys) again.push(await place(key))
        assert.deepEqual(again, ids)
        const stored = await fetch(`${services.order}/v1/orders?limit=100`, {
          headers: { authorization: await bearer() },
        })
        const found = z.object({ items: z.array(OrderReply) }).parse(await stored.json())
        const since = found.items.filter(({ orderId }) => ids.includes(orderId))
        assert.equal(since.length, orders)
      })
      await step('they are called off', async () => {
        for (const id of ids) assert((await call(`/v1/orders/${id}/cancellation`, { method: 'POST' })).status < 500)
      })
    } finally {
      await gateway.stop()
      await network.close()
    }
  },
}
