/** Live streams under load: what is said of one order, told to many viewers of it. */
import { setTimeout as wait } from 'node:timers/promises'
import { topics } from '@fleet/contracts/topics'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { z } from 'zod'
import { childAnswer } from './child-answer.ts'
import type { OrderContenders } from './order-contenders.ts'
import { ViewersResult, type ViewersSpec } from './viewers.ts'

export type FanOut = {
  viewers: number
  events_per_s: number
  delay_p50_ms: number
  delay_p99_ms: number
  seen_pct: number
}

const perS = 10
const msMax = 30_000

/** Says `events` things of an order of its own, ten a second, while `viewers` watch it. Dispatch must not run: it would say others. */
export async function fanOut(
  { origins: { gateway }, bearer, body, kafka: brokers }: OrderContenders,
  { viewers, events, stopped }: { viewers: number; events: number; stopped: AbortSignal },
): Promise<FanOut> {
  const headers = { authorization: bearer, 'content-type': 'application/json' }
  const placed = await fetch(`${gateway}/v1/orders`, {
    method: 'POST',
    headers: { ...headers, 'idempotency-key': `fan-out-${viewers}` },
    body: JSON.stringify(body),
  })
  const { orderId } = z.object({ orderId: z.string() }).parse(await placed.json())
  const producer = createKafka({ brokers: brokers.split(','), clientId: 'bench', log: silentLog() }).producer()
  await producer.connect()

  const say = async () => {
    for (let seq = 1; seq <= events; seq += 1) {
      const at = Math.round(performance.timeOrigin + performance.now()) // Real time, as the viewers read it.
      const data = { orderId, waitingFor: 'no-idle-drone', sinceMs: at }
      const about = { id: `msg_${orderId.slice(4)}${seq}`.slice(0, 44), type: 'delivery.waiting', version: 1, at }
      const value = JSON.stringify({ ...about, key: orderId, seq, correlationId: 'bench', causationId: 'bench', data })
      await producer.send({ topic: topics.deliveries.name, acks: -1, messages: [{ key: orderId, value }] })
      await wait(1_000 / perS)
    }
  }
  let saying: Promise<void> | undefined
  const spec: ViewersSpec = {
    url: `${gateway}/v1/orders/${orderId}/events`,
    headers: { authorization: bearer },
    viewers,
    event: 'delivery.waiting',
    events,
    msMax,
  }
  try {
    const startedMs = performance.now()
    let fromMs = startedMs
    const { seen, p50Ms, p99Ms } = await childAnswer('viewers-main.ts', spec, {
      answer: ViewersResult,
      stopped,
      hear: () => {
        fromMs = performance.now()
        saying = say()
      },
    })
    const tookS = (performance.now() - fromMs) / 1_000
    return {
      viewers,
      events_per_s: seen / tookS,
      delay_p50_ms: p50Ms,
      delay_p99_ms: p99Ms,
      seen_pct: (100 * seen) / (viewers * events),
    }
  } finally {
    await saying
    await producer.disconnect()
  }
}
