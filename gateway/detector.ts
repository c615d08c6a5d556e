/**
 * The gateway's own detector of attacks, for where no Snort listens. It is the weaker one and says so (`confidence: low`): it sees
 * requests that have reached it whole, and connections, but no packets; it shares a processor with what it protects; and what
 * a flood keeps from being read it cannot count. The same thresholds stand in snort/local.rules, where a sensor has them.
 */
import type { AttackRule, SecurityAlert } from '@fleet/contracts/security-alerts'
import { UnixMs } from '@fleet/contracts/units'
import type { RequestHandler } from 'express'
import type { Connections } from './connections.ts'

/** Within `windowMs`, of one source. */
const windowMs = 2_000
export const thresholds = {
  /** Where the gateway has room: under the limit of an address, since a large customer may ask as much. */
  floodAtEase: 1_500,
  /** Where it has none. */
  floodStrained: 60,
  /** Of a source that is held to 10 a second already, since it is: it does not heed it. */
  floodLimited: 40,
  wrongPasswords: 8,
  /** Answers 404 and 405. */
  scanned: 40,
  oversized: 5,
  /** Connections whose requests are held back, heads or bodies, at one time. */
  slow: 20,
  /** Connections that say nothing, at one time: browsers open a few ahead of need, and an office has many browsers. */
  silent: 200,
} as const
/** Sources that are counted; past it, the one that came first in its window is counted anew. */
const sourcesMax = 10_000

type Counts = {
  sinceMs: number
  limited: boolean
  requests: number
  wrongPasswords: number
  scanned: number
  oversized: number
}

/** Where passwords are guessed; a refresh shows a token that nobody guesses. */
const signInPaths: ReadonlySet<string> = new Set(['/v1/sessions', '/v1/sessions/browser'])

export type Detector = {
  /** Counts each request, by what it was answered. */
  middleware: RequestHandler
  /** Looks at connections; to be called every second. */
  look(): void
}

/** `nowMs`: real time. `strained`: whether the gateway sheds load. `isLimited`: whether a source is held to stricter limits. `raise` hears of each source and rule once a window. */
export function createDetector({
  connections,
  strained,
  isLimited,
  raise,
  nowMs,
}: {
  connections: Pick<Connections, 'onHead' | 'onDone' | 'heldBack' | 'silent'>
  strained: () => boolean
  isLimited: (source: string) => boolean
  raise: (alert: SecurityAlert) => void
  nowMs: () => number
}): Detector {
  const sources = new Map<string, Counts>()
  const alert = (source: string, rule: AttackRule) =>
    raise({ source, rule, detector: 'gateway', raisedAtMs: UnixMs.parse(nowMs()), confidence: 'low' })

  const countsOf = (source: string): Counts => {
    const limited = isLimited(source)
    const known = sources.get(source)
    // What a source did before it was limited does not say that it disregards the limit.
    if (known !== undefined && known.limited === limited && nowMs() - known.sinceMs < windowMs) return known
    const fresh = { sinceMs: nowMs(), limited, requests: 0, wrongPasswords: 0, scanned: 0, oversized: 0 }
    sources.delete(source)
    sources.set(source, fresh)
    const [oldest] = sources.keys()
    if (sources.size > sourcesMax && oldest !== undefined) sources.delete(oldest)
    return fresh
  }
  const answered = (source: string, status: number, isSignIn: boolean) => {
    const counts = countsOf(source)
    if (isSignIn && (status === 401 || status === 429) && ++counts.wrongPasswords === thresholds.wrongPasswords)
      alert(source, 'login-brute-force')
    if ((status === 404 || status === 405) && ++counts.scanned === thresholds.scanned) alert(source, 'api-scan')
    if (status === 413 && ++counts.oversized === thresholds.oversized) alert(source, 'oversized-body')
  }

  return {
    middleware: (request, response, next) => {
      const { socket, ip: source = '' } = request
      const counts = countsOf(source)
      counts.requests += 1
      const { floodLimited, floodStrained, floodAtEase } = thresholds
      const flood = counts.limited ? floodLimited : strained() ? floodStrained : floodAtEase
      // Not `=== flood`: strain may set in when the count is past it. The publisher says each but once a second.
      if (counts.requests >= flood) {
        alert(source, 'http-flood')
        // Told once: what was on its way when the limit came must not count again after the source has heeded it.
        if (counts.limited) counts.requests = 0
      }
      const isSignIn = request.method === 'POST' && signInPaths.has(request.path)
      connections.onHead(request, source)
      response.once('close', () => {
        connections.onDone(socket)
        if (response.headersSent) answered(source, response.statusCode, isSignIn)
      })
      next()
    },
    look: () => {
      for (const [source, count] of connections.heldBack()) if (count >= thresholds.slow) alert(source, 'slowloris')
      for (const [source, count] of connections.silent()) if (count >= thresholds.silent) alert(source, 'slowloris')
    },
  }
}
