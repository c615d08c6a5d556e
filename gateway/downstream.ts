/**
 * One service behind the gateway: asks it within a bound, hands its answer on, and says so where there is none.
 * From outside in: retry, which chooses an instance anew → breaker → bulkhead → timeout → call (`instance.ts`).
 */
import type { Refusal } from '@fleet/contracts/problems'
import { json, problem, type Reply } from '@fleet/runtime/http'
import type { Log } from '@fleet/runtime/log'
import type { Caller } from '@fleet/runtime/tokens'
import { decorrelatedJitterGenerator, ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import { Counter, Histogram } from 'prom-client'
import { Agent, type Dispatcher } from 'undici'
import type { BreakerChange } from './balancer.ts'
import { type Balancer, createBalancer } from './balancer.ts'
import type { Discovery } from './discovery.ts'
import { type BreakerLimits, breakerLimits, Neutral, SetAside, TookTooLong } from './instance.ts'
import { createRetryBudget } from './retry-budget.ts'
import type { ServiceTokens } from './service-tokens.ts'

const seconds = new Histogram({
  name: 'gateway_downstream_seconds',
  help: 'How long services took to answer, by outcome. A rise in `unavailable` or `timeout` means that a service is away or hangs.',
  labelNames: ['service', 'outcome'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
})
const retries = new Counter({
  name: 'gateway_downstream_retries_total',
  help: 'Calls that were made again. A rise means a flaky network, or a service in trouble.',
  labelNames: ['service'],
})

/** A larger answer is a fault of the service; a track is at most a few megabytes. */
const answerBytesMax = 32 * 1024 * 1024
/** What of a service's answer the caller may see. */
const handedOn = ['content-type', 'location', 'etag', 'retry-after', 'age']
/** At a third of the calls failing, seven in a row is 1 in 2,000; past the budget there are none. */
const retriesMax = 6
const retryMs = { initialDelay: 20, maxDelay: 300 }
const budget = { share: 0.6, max: 100 }

export type Ask = {
  method: 'GET' | 'POST' | 'DELETE'
  /** With its query. */
  path: string
  caller: Caller
  correlationId: string
  /** Aborted when the caller has left: nobody works for one that is gone. */
  signal: AbortSignal
  body?: unknown
  headers?: Record<string, string | undefined>
  /** Asking twice has the effect of asking once, so it may be retried. GETs and what carries an Idempotency-Key are. */
  idempotent?: boolean
}
export type Answer =
  | { ok: true; status: number; headers: Record<string, string>; body: unknown }
  | { ok: false; refusal: Refusal }

export type Downstream = {
  ask(ask: Ask): Promise<Answer>
  /** The service's answer as the gateway's own, problem documents included; 503 or 504 where there is none. */
  forward(ask: Ask): Promise<Reply>
  health: Balancer['health']
  close(): Promise<void>
}

type Answered = Extract<Answer, { ok: true }>
/** The instance answered that it cannot: counts against it, and may be handed on where no other answers better. */
class Failed extends Error {
  readonly answer: Answered
  constructor(answer: Answered) {
    super(`status ${answer.status}`)
    this.answer = answer
  }
}
/** Every instance's breaker is open, or there is none. */
class Down extends Error {}

const isWorthRetrying = (error: unknown) => !(error instanceof Neutral || error instanceof Down)

export function createDownstream({
  name,
  discovery,
  timeoutMs,
  limits = breakerLimits,
  tokens,
  log,
  onChange = () => undefined,
}: {
  name: string
  discovery: Discovery
  /** For one request with all its retries, real milliseconds. */
  timeoutMs: number
  limits?: BreakerLimits
  tokens: ServiceTokens
  log: Log
  /** Hears each change of a breaker. */
  onChange?: (change: BreakerChange) => void
}): Downstream {
  const balancer = createBalancer({
    service: name,
    discovery,
    limits: { ...limits, attemptMsMax: Math.min(limits.attemptMsMax, timeoutMs) },
    onChange: (change) => {
      log.warn(change, 'breaker changed')
      onChange(change)
    },
  })
  const agent = new Agent({ connections: limits.callsMax, pipelining: 1 })
  const allowance = createRetryBudget(budget)
  const again = retry(
    handleWhen((error) => isWorthRetrying(error) && allowance.retry()),
    {
      maxAttempts: retriesMax,
      backoff: new ExponentialBackoff({ ...retryMs, generator: decorrelatedJitterGenerator }),
    },
  )
  again.onRetry(() => retries.inc({ service: name }))

  const attempt = async (request: Ask, tried: Set<string>, bound: AbortSignal, untilMs: number): Promise<Answered> => {
    const instance = balancer.pick(tried)
    if (instance === null) throw new Down(`no instance of ${name} answers`)
    tried.add(instance.url)
    return instance.run(
      async (signal) => {
        // An attempt that is given up is no more waited for: the service need not go on with it.
        const leftMs = Math.max(1, Math.round(Math.min(limits.attemptMsMax, untilMs - performance.now())))
        const answer = await call(agent, instance.url, request, { token: tokens(request.caller), leftMs, signal })
        if (answer.status >= 500) throw new Failed(answer)
        return answer
      },
      { left: request.signal, bound },
    )
  }

  const ask = async (request: Ask): Promise<Answer> => {
    const { method, correlationId, headers } = request
    const end = seconds.startTimer({ service: name })
    const timeout = AbortSignal.timeout(timeoutMs)
    const bound = AbortSignal.any([request.signal, timeout])
    const untilMs = performance.now() + timeoutMs
    const tried = new Set<string>()
    const idempotent = request.idempotent ?? (method === 'GET' || headers?.['idempotency-key'] !== undefined)
    allowance.request()
    try {
      let last: unknown
      const once = async () => {
        // The time ran out between two tries: what the last one met says more than that.
        if (bound.aborted && last !== undefined) throw last
        try {
          return await attempt(request, tried, bound, untilMs)
        } catch (error) {
          last = error
          throw error
        }
      }
      const answer = await (idempotent ? again.execute(once, bound) : once())
      end({ outcome: 'answered' })
      return answer
    } catch (error) {
      if (error instanceof Failed) {
        end({ outcome: 'failed' })
        return error.answer
      }
      const refusal = refusalOf(error, { name, timeoutMs })
      const outcome = request.signal.aborted ? 'left' : refusal.code === 'service.timeout' ? 'timeout' : 'unavailable'
      end({ outcome })
      log.info({ service: name, code: refusal.code, correlationId, err: error }, 'service did not answer')
      return { ok: false, refusal }
    }
  }
  return {
    ask,
    forward: async (request) => {
      const answer = await ask(request)
      if (!answer.ok) return problem(answer.refusal, { 'retry-after': '1' })
      return json(answer.status, answer.body, answer.headers)
    },
    health: balancer.health,
    close: async () => {
      await balancer.close()
      await agent.destroy()
    },
  }
}

function refusalOf(error: unknown, { name, timeoutMs }: { name: string; timeoutMs: number }): Refusal {
  const about = { field: 'service', value: name } as const
  if (error instanceof TookTooLong) return { code: 'service.timeout', ...about, limit: `${timeoutMs} ms` }
  if (error instanceof Neutral && error.because === 'full') {
    return { code: 'service.unavailable', ...about, detail: `the ${name} service has as much to do as it can take` }
  }
  if (error instanceof Down || error instanceof SetAside) {
    return { code: 'service.unavailable', ...about, detail: `the ${name} service is down: its breakers are open` }
  }
  return { code: 'service.unavailable', ...about, detail: `the ${name} service does not answer` }
}

/** undici's own request: half the work of `fetch`, which is what most of a request costs here. */
async function call(
  agent: Agent,
  url: string,
  { method, path, correlationId, headers = {}, body }: Ask,
  { token, leftMs, signal }: { token: string; leftMs: number; signal: AbortSignal },
): Promise<Answered> {
  const sent: Record<string, string> = {
    authorization: `Bearer ${token}`,
    'x-correlation-id': correlationId,
    'x-deadline-ms': `${leftMs}`,
  }
  if (body !== undefined) sent['content-type'] = 'application/json'
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent[name] = value
  const response = await agent.request({
    origin: url,
    path,
    method,
    headers: sent,
    body: body === undefined ? null : JSON.stringify(body),
    signal,
  })
  const text = await readText(response.body)
  return {
    ok: true,
    status: response.statusCode,
    headers: headersFrom(response.headers),
    body: text === '' ? null : JSON.parse(text),
  }
}

function headersFrom(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  return Object.fromEntries(
    handedOn.flatMap((name) => {
      const value = headers[name]
      return typeof value === 'string' ? [[name, value]] : []
    }),
  )
}

async function readText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of body) {
    bytes += chunk.byteLength
    if (bytes > answerBytesMax) throw new Error(`the answer is larger than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
