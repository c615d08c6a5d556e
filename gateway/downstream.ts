/** One service behind the gateway: asks it within a bound, hands its answer on, and says so where there is none. */
import type { Refusal } from '@fleet/contracts/problems'
import { json, problem, type Reply } from '@fleet/runtime/http'
import type { Log } from '@fleet/runtime/log'
import type { Caller } from '@fleet/runtime/tokens'
import { Histogram } from 'prom-client'
import type { ServiceTokens } from './service-tokens.ts'

const seconds = new Histogram({
  name: 'gateway_downstream_seconds',
  help: 'How long services took to answer, by outcome. A rise in `unavailable` or `timeout` means that a service is away or hangs.',
  labelNames: ['service', 'outcome'],
  buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
})

/** A larger answer is a fault of the service; a track is at most a few megabytes. */
const answerBytesMax = 32 * 1024 * 1024
/** What of a service's answer the caller may see. */
const handedOn = ['content-type', 'location', 'etag', 'retry-after', 'age']

export type Ask = {
  method: 'GET' | 'POST'
  /** With its query. */
  path: string
  caller: Caller
  correlationId: string
  /** Aborted when the caller has left: nobody works for one that is gone. */
  signal: AbortSignal
  body?: unknown
  headers?: Record<string, string | undefined>
}
export type Answer =
  | { ok: true; status: number; headers: Record<string, string>; body: unknown }
  | { ok: false; refusal: Refusal }

export type Downstream = {
  ask(ask: Ask): Promise<Answer>
  /** The service's answer as the gateway's own, problem documents included; 503 or 504 where there is none. */
  forward(ask: Ask): Promise<Reply>
}

export function createDownstream({
  name,
  url,
  timeoutMs,
  tokens,
  log,
}: {
  name: string
  url: string
  timeoutMs: number
  tokens: ServiceTokens
  log: Log
}): Downstream {
  const ask = async (request: Ask): Promise<Answer> => {
    const { method, path, caller, correlationId, body } = request
    const end = seconds.startTimer({ service: name })
    const timeout = AbortSignal.timeout(timeoutMs)
    try {
      const response = await fetch(new URL(path, url), {
        method,
        headers: headersOf(request, tokens(caller)),
        body: body === undefined ? null : JSON.stringify(body),
        signal: AbortSignal.any([request.signal, timeout]),
        redirect: 'error',
      })
      const text = await readText(response)
      end({ outcome: response.status < 500 ? 'answered' : 'failed' })
      return { ok: true, status: response.status, headers: headersFrom(response), body: JSON.parse(text) }
    } catch (error) {
      const refusal: Refusal = timeout.aborted
        ? { code: 'service.timeout', field: 'service', value: name, limit: `${timeoutMs} ms` }
        : { code: 'service.unavailable', field: 'service', value: name, detail: `the ${name} service does not answer` }
      end({ outcome: request.signal.aborted ? 'left' : timeout.aborted ? 'timeout' : 'unavailable' })
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
  }
}

function headersOf({ correlationId, headers = {}, body }: Ask, token: string): Headers {
  const sent = new Headers({ authorization: `Bearer ${token}`, 'x-correlation-id': correlationId })
  if (body !== undefined) sent.set('content-type', 'application/json')
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) sent.set(name, value)
  return sent
}

function headersFrom(response: Response): Record<string, string> {
  return Object.fromEntries(
    handedOn.flatMap((name) => {
      const value = response.headers.get(name)
      return value === null ? [] : [[name, value]]
    }),
  )
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let bytes = 0
  for await (const chunk of response.body ?? []) {
    bytes += chunk.byteLength
    if (bytes > answerBytesMax) throw new Error(`the answer is larger than ${answerBytesMax} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}
