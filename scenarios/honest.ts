/** Honest customers during an attack: each from an address of its own, signing in, ordering and reading, and noting what it felt. */
import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SignInBody } from '@fleet/contracts/accounts'
import type { OrderId } from '@fleet/contracts/ids'
import { OrderReply } from '@fleet/contracts/rest'
import type { Bearer } from '@fleet/local/sign-in'
import type { HonestRequest } from './attack-verdict.ts'

/** Longer nobody waits for a page. */
const patienceMs = 5_000
const pauseMs = 250
/** Each so many requests of one, a new order. */
const orderEvery = 8
/** And each so many, its password again. */
const signInEvery = 24
/** From the first word of one to that of the next. */
const staggerMs = 400

export type Honest = {
  requests: HonestRequest[]
  /** Ids of orders that were accepted. */
  accepted: OrderId[]
  /** From now on they place so many orders, all of them together. */
  orderUpTo(count: number): void
  /** Ends them, and waits for what they have under way. */
  stop(): Promise<void>
}

/** `order`: the body of an order that can be flown. `nowMs`: real time. */
export function startHonest({
  host = '127.0.0.1',
  port,
  sources,
  bearer,
  account,
  order,
  ordersMax,
  nowMs,
}: {
  host?: string
  port: number
  sources: string[]
  bearer: Bearer
  account: SignInBody
  order: string
  /** Of all of them together, until `orderUpTo` says otherwise. */
  ordersMax: number
  nowMs: () => number
}): Honest {
  const requests: HonestRequest[] = []
  const accepted: OrderId[] = []
  let stopped = false
  let placedMax = ordersMax

  const ask = (agent: Agent, localAddress: string, path: string, headers: Record<string, string>, body?: string) =>
    new Promise<{ status: number; text: string }>((resolve) => {
      const method = body === undefined ? 'GET' : 'POST'
      const options = { host, port, path, method, agent, localAddress, headers, timeout: patienceMs }
      const one = request(options, (response) => {
        let text = ''
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk
        })
        response.once('end', () => resolve({ status: response.statusCode ?? 0, text }))
        response.once('error', () => resolve({ status: 0, text: '' }))
      })
      const late = setTimeout(() => one.destroy(), patienceMs)
      one.once('close', () => clearTimeout(late))
      one.once('error', () => resolve({ status: 0, text: '' }))
      one.end(body)
    })

  const live = async (source: string, index: number) => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    let last: OrderId | undefined
    const json = { 'content-type': 'application/json' }
    await sleep(index * staggerMs) // Nobody's customers all sign in within one second.
    for (let turn = 0; !stopped; turn += 1) {
      const authorization = await bearer()
      const places = turn % orderEvery === 1 && accepted.length < placedMax
      const startedMs = nowMs()
      const { status, text } =
        turn % signInEvery === 0
          ? await ask(agent, source, '/v1/sessions', json, JSON.stringify(account))
          : places
            ? await ask(
                agent,
                source,
                '/v1/orders',
                { authorization, ...json, 'idempotency-key': `honest-${randomUUID()}` },
                order,
              )
            : await ask(agent, source, last === undefined ? '/v1/bases' : `/v1/orders/${last}`, { authorization })
      requests.push({ atMs: startedMs, tookMs: nowMs() - startedMs, ok: status === 200 || status === 201 })
      if (places && status === 201) {
        last = OrderReply.parse(JSON.parse(text)).orderId
        accepted.push(last)
      }
      await sleep(pauseMs)
    }
    agent.destroy()
  }
  const running = Promise.all(sources.map(live))
  return {
    requests,
    accepted,
    orderUpTo: (count) => {
      placedMax = count
    },
    stop: async () => {
      stopped = true
      await running
    },
  }
}
