/** Calls to the gateway: each answer is parsed by the contract's schema, each refusal thrown as its problem document. */
import type { z } from 'zod'
import { Problem, problemOf } from './problem.ts'
import { accessToken, forgetToken } from './session.ts'

const requestMsMax = 15_000

type Call = { method?: 'GET' | 'POST' | 'DELETE'; body?: unknown; idempotencyKey?: string; signal?: AbortSignal }

/** Sends with the caller's token, and once more with a new one where the old was refused. */
export async function send(path: string, { method = 'GET', body, idempotencyKey, signal }: Call): Promise<Response> {
  const once = async () => {
    const token = await accessToken()
    return fetch(path, {
      method,
      headers: {
        ...(token === null ? {} : { authorization: `Bearer ${token}` }),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: signal ?? AbortSignal.timeout(requestMsMax),
    })
  }
  const response = await once()
  if (response.status !== 401) return response
  forgetToken()
  return once()
}

/** The answer, parsed. Rejects with a {@link Problem} where the gateway refuses. */
export async function call<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  options: Call = {},
): Promise<z.output<Schema>> {
  const response = await send(path, options)
  if (!response.ok) throw new Problem(await problemOf(response))
  return schema.parse(response.status === 204 ? null : await response.json())
}

/** The answer of an open route, such as tracking: no token goes with it. */
export async function openCall<Schema extends z.ZodType>(
  path: string,
  schema: Schema,
  init: RequestInit = {},
): Promise<z.output<Schema>> {
  const response = await fetch(path, { signal: AbortSignal.timeout(requestMsMax), ...init })
  if (!response.ok) throw new Problem(await problemOf(response))
  return schema.parse(await response.json())
}
