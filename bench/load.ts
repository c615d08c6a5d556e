/** Closed-loop load: each connection asks again as soon as it is answered. */
import { randomUUID } from 'node:crypto'
import { Pool } from 'undici'
import { z } from 'zod'
import { percentile } from './statistics.ts'

export const LoadSpec = z.object({
  /** `http://host:port` of the contender. */
  origin: z.url(),
  path: z.string(),
  headers: z.record(z.string(), z.string()),
  /** JSON text that is posted, each time under an Idempotency-Key of its own. */
  body: z.string(),
  connections: z.int().min(1).max(1_000),
  /** Not counted. */
  warmUpMs: z.int(),
  measureMs: z.int().max(60_000),
})
export type LoadSpec = z.infer<typeof LoadSpec>

export const LoadResult = z.object({
  perS: z.number(),
  p50Ms: z.number(),
  p99Ms: z.number(),
  /** Of everything that was accepted, also while it warmed up. */
  ids: z.array(z.string()),
  /** What was not answered by 201, the first few in words. */
  failures: z.object({ count: z.int(), first: z.array(z.string()) }),
})
export type LoadResult = z.infer<typeof LoadResult>

const Accepted = z.object({ orderId: z.string() })
const failuresKept = 3

/** Loads one contender; what is under way at the end is waited for, so that every accepted order is known. */
export async function load(spec: LoadSpec): Promise<LoadResult> {
  const { origin, path, headers, body, connections, warmUpMs, measureMs } = spec
  const pool = new Pool(origin, { connections, pipelining: 1 })
  const fromMs = performance.now() + warmUpMs
  const untilMs = fromMs + measureMs
  const tookMs: number[] = []
  const ids: string[] = []
  const failures = { count: 0, first: [] as string[] }

  const one = async () => {
    const startedMs = performance.now()
    const answer = await pool.request({
      method: 'POST',
      path,
      headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': randomUUID() },
      body,
    })
    const text = await answer.body.text()
    const endedMs = performance.now()
    if (answer.statusCode !== 201) {
      failures.count += 1
      if (failures.first.length < failuresKept) failures.first.push(`${answer.statusCode} ${text.slice(0, 200)}`)
      return
    }
    ids.push(Accepted.parse(JSON.parse(text)).orderId)
    if (endedMs >= fromMs && endedMs < untilMs) tookMs.push(endedMs - startedMs)
  }
  const connection = async () => {
    while (performance.now() < untilMs) await one()
  }
  await Promise.all(Array.from({ length: connections }, connection))
  await pool.close()
  if (tookMs.length === 0) throw new Error(`${origin}${path} accepted nothing: ${failures.first.join('; ')}`)
  return {
    perS: tookMs.length / (measureMs / 1_000),
    p50Ms: percentile(tookMs, 0.5),
    p99Ms: percentile(tookMs, 0.99),
    ids,
    failures,
  }
}
