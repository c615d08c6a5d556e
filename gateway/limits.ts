/** How many requests there may be per address, per credential and on routes that cost more; told by the RateLimit headers (IETF draft 8). */
import { createHash } from 'node:crypto'
import { problem, send } from '@fleet/runtime/http'
import type { RequestHandler } from 'express'
import { type ClientRateLimitInfo, ipKeyGenerator, rateLimit, type Store } from 'express-rate-limit'
import { Counter } from 'prom-client'

const refused = new Counter({
  name: 'gateway_rate_limited_total',
  help: 'Requests refused by a rate limit, by the limit. A rise means a client gone wild, or an attack.',
  labelNames: ['limit'],
})

const windowMs = 60_000
/** Past so many in one window, whoever came first in it is counted anew. */
const keysMax = 50_000

export type Limits = {
  /** Requests a minute. */
  perAddress: number
  perCredential: number
  /** POST /v1/orders, of one credential. */
  orders: number
  /** Signing in and refreshing, of one address. */
  sessions: number
}

/** Counts in fixed windows, as the library's own store does, but in bounded memory. */
export function createBoundedStore(nowMs: () => number, max = keysMax, forMs = windowMs): Store {
  const counts = new Map<string, { totalHits: number; resetAtMs: number }>()
  const increment = (key: string): ClientRateLimitInfo => {
    const known = counts.get(key)
    const current =
      known !== undefined && known.resetAtMs > nowMs() ? known : { totalHits: 0, resetAtMs: nowMs() + forMs }
    current.totalHits += 1
    if (current !== known) {
      counts.delete(key)
      counts.set(key, current)
      const [oldest] = counts.keys()
      if (counts.size > max && oldest !== undefined) counts.delete(oldest)
    }
    return { totalHits: current.totalHits, resetTime: new Date(current.resetAtMs) }
  }
  return {
    localKeys: true,
    increment,
    decrement: (key) => {
      const known = counts.get(key)
      if (known !== undefined) known.totalHits -= 1
    },
    resetKey: (key) => void counts.delete(key),
  }
}

/** Middleware that refuses with 429 past the limits. `nowMs`: real time. */
export function createLimits(
  { perAddress, perCredential, orders, sessions }: Limits,
  nowMs: () => number,
): RequestHandler[] {
  const byAddress = (address: string | undefined) => ipKeyGenerator(address ?? '', 56)
  const limit = (
    name: string,
    max: number,
    keyOf: (request: { ip?: string | undefined; authorization: string | undefined }) => string,
    applies: (at: { method: string; path: string; authorization: string | undefined }) => boolean,
  ): RequestHandler =>
    rateLimit({
      windowMs,
      limit: max,
      identifier: name,
      standardHeaders: 'draft-8',
      legacyHeaders: false,
      store: createBoundedStore(nowMs),
      keyGenerator: (request) => keyOf({ ip: request.ip, authorization: request.get('authorization') }),
      skip: (request) =>
        !applies({ method: request.method, path: request.path, authorization: request.get('authorization') }),
      handler: (request, response) => {
        refused.inc({ limit: name })
        send(response, problem({ code: 'rate.exceeded', field: name, limit: `${max} a minute` }), request.path)
      },
      // Addresses are cut to their network by `byAddress`, which its check by source text does not see.
      validate: { trustProxy: false, xForwardedForHeader: false, keyGeneratorIpFallback: false },
    })
  const credential = (at: { ip?: string | undefined; authorization: string | undefined }) =>
    at.authorization === undefined
      ? byAddress(at.ip)
      : createHash('sha256').update(at.authorization).digest('base64url')
  return [
    limit(
      'address',
      perAddress,
      ({ ip }) => byAddress(ip),
      () => true,
    ),
    limit('credential', perCredential, credential, ({ authorization }) => authorization !== undefined),
    limit('orders', orders, credential, ({ method, path }) => method === 'POST' && path === '/v1/orders'),
    limit(
      'sessions',
      sessions,
      ({ ip }) => byAddress(ip),
      ({ method, path }) => method === 'POST' && path.startsWith('/v1/sessions'),
    ),
  ]
}

/** Requests a second of one address that is held to stricter limits. */
const strictPerS = 10

/** Middleware for the addresses of which `isLimited`: a few requests a second, whatever they ask. `nowMs`: real time. */
export function createStrictLimit(isLimited: (address: string) => boolean, nowMs: () => number): RequestHandler {
  return rateLimit({
    windowMs: 1_000,
    limit: strictPerS,
    identifier: 'strict',
    standardHeaders: 'draft-8',
    legacyHeaders: false,
    store: createBoundedStore(nowMs, keysMax, 1_000),
    keyGenerator: ({ ip }) => ip ?? '',
    skip: ({ ip }) => !isLimited(ip ?? ''),
    handler: (request, response) => {
      refused.inc({ limit: 'strict' })
      send(response, problem({ code: 'rate.exceeded', field: 'strict', limit: `${strictPerS} a second` }), request.path)
    },
    // One address is meant here, and not its network.
    validate: { trustProxy: false, xForwardedForHeader: false, keyGeneratorIpFallback: false },
  })
}
