/** One account's calls to the gateway; whatever happens to a call is an answer, never an exception. */
import type { SignInBody } from '@fleet/contracts/accounts'
import { ProblemReply } from '@fleet/contracts/rest'
import { createBearer } from '@fleet/local/sign-in'
import type { Answer } from './history.ts'

export type Reply = {
  answer: Answer
  status: number | null
  code: string | null
  body: unknown
  location: string | null
}

export type Caller = (
  method: 'GET' | 'POST',
  path: string,
  options?: { body?: unknown; key?: string },
) => Promise<Reply>

/** A little more than the gateway's own bound. */
const requestMsMax = 8_000
/** Said of the caller or its pace, not of what it asked. */
const later = new Set([401, 408, 425, 429])

export function createCaller({
  gateway,
  account,
  nowMs,
}: {
  gateway: string
  account: SignInBody
  nowMs: () => number
}): Caller {
  const bearer = createBearer(gateway, account, nowMs)
  return async (method, path, { body, key } = {}) => {
    try {
      const response = await fetch(`${gateway}${path}`, {
        method,
        headers: {
          authorization: await bearer(),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(key === undefined ? {} : { 'idempotency-key': key }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(requestMsMax),
      })
      const { status } = response
      const text = await response.text()
      const parsed: unknown = text === '' ? null : JSON.parse(text)
      const code = response.ok ? null : (ProblemReply.safeParse(parsed).data?.code ?? null)
      const location = response.headers.get('location')
      return { answer: answerOf(status), status, code, body: parsed, location }
    } catch {
      return { answer: 'unheard', status: null, code: null, body: null, location: null }
    }
  }
}

function answerOf(status: number): Answer {
  if (status < 300) return 'acknowledged'
  return status < 500 && !later.has(status) ? 'refused' : 'unavailable'
}
