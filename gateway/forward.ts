/** How a route words its question to a service. */

import type { RequestContext } from '@fleet/runtime/http'
import type { Caller } from '@fleet/runtime/tokens'

/** The gateway's own questions, such as where the bases are. */
export const gatewayItself: Caller = { role: 'operator', sub: 'gateway' }

export const asCaller = ({
  caller,
  correlationId,
  signal,
}: Pick<RequestContext, 'caller' | 'correlationId' | 'signal'>) => ({
  caller,
  correlationId,
  signal,
})

export const get = (path: string, query: Record<string, string | number | undefined> = {}) => {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) if (value !== undefined) search.set(name, String(value))
  return { method: 'GET', path: search.size === 0 ? path : `${path}?${search}` } as const
}

export const post = (path: string, body?: unknown) =>
  ({ method: 'POST', path, ...(body === undefined ? {} : { body }) }) as const

/** A POST whose Idempotency-Key, where there is one, goes on to the service that keeps it. */
export const keyedPost = (path: string, body: unknown, header: RequestContext['header']) => ({
  ...post(path, body),
  headers: { 'idempotency-key': header('idempotency-key') },
})
