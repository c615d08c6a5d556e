/**
 * Sheds load by concurrency: as many requests are under way as can be answered fast, and the others are refused at once with 503 and
 * `Retry-After`, which costs little. A queue would make all of them slow instead, until their callers give up and ask again.
 *
 * How many that is, is found out (additive increase, multiplicative decrease, as TCP does): where the slowest tenth of the
 * accepted takes longer than `targetMs`, fewer; where all places were taken and it is fast, more.
 */
import { problem, send } from '@fleet/runtime/http'
import type { RequestHandler } from 'express'
import { Counter, Gauge } from 'prom-client'

const shedMetric = new Counter({
  name: 'gateway_shed_total',
  help: 'Requests refused because too many were under way. A rise means more load than the product serves fast.',
})
const limitMetric = new Gauge({
  name: 'gateway_in_flight_limit',
  help: 'How many requests may be under way. A fall means that what stands behind has become slower.',
})
const inFlightMetric = new Gauge({
  name: 'gateway_in_flight',
  help: 'Requests under way, without streams. At the limit, further ones are refused.',
})
/** Before anything was measured. */
const startsWith = 64
const windowMs = 500
const samplesMin = 10
const samplesMax = 2_000
/** For so long after a refusal the gateway counts as strained. */
const strainMs = 3_000
const retryAfterSMax = 3

export type ShedLimits = { inFlightMin: number; inFlightMax: number; targetMs: number }

/** The limit that follows `limit`, where the slowest tenth took `slowMs` and the places were all taken or not. */
export function nextLimit(limit: number, slowMs: number, wasFull: boolean, limits: ShedLimits): number {
  if (slowMs > limits.targetMs) return Math.max(limits.inFlightMin, Math.floor(limit * 0.8))
  return wasFull ? Math.min(limits.inFlightMax, limit + Math.max(1, Math.floor(limit / 10))) : limit
}

/** Streams stay open for hours and wait most of the time; signing in is slow by design and has a bound of its own. */
const isUncounted = (path: string) => path.endsWith('/events') || path.endsWith('/stream')
const isUnmeasured = (path: string) => path.startsWith('/v1/sessions')

export type Shedder = {
  /** A place for a request of `path`, to be left once it is answered; or null where there is none. */
  enter(path: string): { leave(): void } | null
  middleware: RequestHandler
  strained(): boolean
}

/** `nowMs`: real monotonic milliseconds. */
export function createShedder(limits: ShedLimits, nowMs: () => number): Shedder {
  let limit = Math.min(limits.inFlightMax, Math.max(limits.inFlightMin, startsWith))
  let inFlight = 0
  let refusals = 0
  let shedAtMs = Number.NEGATIVE_INFINITY
  let window = { sinceMs: nowMs(), tookMs: [] as number[], wasFull: false }
  limitMetric.set(limit)

  const adapt = () => {
    const { sinceMs, tookMs, wasFull } = window
    if (nowMs() - sinceMs < windowMs || tookMs.length < samplesMin) return
    const slowMs = tookMs.sort((a, b) => a - b)[Math.floor(tookMs.length * 0.9)] ?? 0
    limit = nextLimit(limit, slowMs, wasFull, limits)
    limitMetric.set(limit)
    window = { sinceMs: nowMs(), tookMs: [], wasFull: false }
  }
  const enter: Shedder['enter'] = (path) => {
    if (inFlight >= limit) {
      shedMetric.inc()
      shedAtMs = nowMs()
      window.wasFull = true
      return null
    }
    const startedMs = nowMs()
    inFlight += 1
    inFlightMetric.set(inFlight)
    return {
      leave: () => {
        inFlight -= 1
        inFlightMetric.set(inFlight)
        if (!isUnmeasured(path) && window.tookMs.length < samplesMax) window.tookMs.push(nowMs() - startedMs)
        adapt()
      },
    }
  }
  return {
    enter,
    strained: () => nowMs() - shedAtMs < strainMs,
    middleware: (request, response, next) => {
      if (isUncounted(request.path)) return next()
      const place = enter(request.path)
      if (place === null) {
        refusals += 1
        const seconds = 1 + (refusals % retryAfterSMax) // Spread, so that not all come again in the same second.
        const refusal = { code: 'gateway.overloaded', field: 'requests', limit, detail: `wait ${seconds} s` } as const
        return send(response, problem(refusal, { 'retry-after': `${seconds}` }), request.path)
      }
      response.once('close', place.leave)
      next()
    },
  }
}
