/**
 * One instance of a service behind the gateway, guarded: breaker → bulkhead → timeout → call. opossum is the breaker and
 * nothing else; the rest is cockatiel's.
 *
 * A half-open breaker is tried with a probe of our own (`/health/live`), not with a customer's request: so an instance that
 * hangs costs customers nothing while it is set aside, and a caller who leaves decides nothing about it.
 */
import type { BreakerState } from '@fleet/contracts/front-door'
import { BulkheadRejectedError, bulkhead, TaskCancelledError, TimeoutStrategy, timeout, wrap } from 'cockatiel'
import CircuitBreaker from 'opossum'
import { Counter, Gauge } from 'prom-client'

const stateMetric = new Gauge({
  name: 'gateway_breaker_state',
  help: 'Breaker of each instance: 0 closed, 1 half-open, 2 open. Above 0, the instance is set aside.',
  labelNames: ['service', 'instance'],
})
const openings = new Counter({
  name: 'gateway_breaker_openings_total',
  help: 'How often a breaker opened. A rise means an instance that fails again and again.',
  labelNames: ['service', 'instance'],
})

const calls = new Counter({
  name: 'gateway_instance_calls_total',
  help: 'Calls made to each instance. Where one of several gets far fewer than the others, it is slow or set aside.',
  labelNames: ['service', 'instance'],
})

export type BreakerLimits = {
  /** How long one call may take, real milliseconds. */
  attemptMsMax: number
  /** Calls under way at once to one instance; more are refused, so that a hanging one holds no more than these. */
  callsMax: number
  /** More than this percentage of failures within the window, out of at least `callsMin` calls, opens the breaker. */
  failuresPctMax: number
  callsMin: number
  windowMs: number
  /** How long an open breaker waits before the instance is probed. */
  probeAfterMs: number
}
/**
 * An instance that loses three calls of ten stays in use: its callers are served by retries (scenario `retry`). With 8 calls
 * and 75 % the chance to be set aside for that is about 1 in 1,000 per window; a dead one is out after 8 calls.
 */
export const breakerLimits: BreakerLimits = {
  attemptMsMax: 2_000,
  callsMax: 128,
  failuresPctMax: 75,
  callsMin: 8,
  windowMs: 5_000,
  probeAfterMs: 1_000,
}
const windowBuckets = 10
const probeMsMax = 500

/** What says nothing about the instance: its bulkhead was full, or the caller left. */
export class Neutral extends Error {
  readonly because: 'full' | 'left'
  constructor(because: 'full' | 'left', cause?: unknown) {
    super(because, { cause })
    this.because = because
  }
}
/** The breaker is open: the instance was not asked. */
export class SetAside extends Error {}
/** It did not answer within `attemptMsMax`. */
export class TookTooLong extends Error {}

type Call = (signal: AbortSignal) => Promise<unknown>
/** `left`: the caller has gone, which says nothing about the instance. `bound`: there is no more time, for whatever reason. */
export type Until = { left: AbortSignal; bound: AbortSignal }

export type Instance = {
  url: string
  inFlight(): number
  state(): BreakerState
  /** Runs `call` guarded. @throws Neutral, SetAside, TookTooLong, or the call's own error. */
  run<T>(call: (signal: AbortSignal) => Promise<T>, until: Until): Promise<T>
  close(): void
}

/** `probe` throws where the instance does not answer; `onChange` hears each change of the breaker. */
export function createInstance({
  service,
  url,
  limits,
  probe,
  onChange,
}: {
  service: string
  url: string
  limits: BreakerLimits
  probe: (url: string, signal: AbortSignal) => Promise<void>
  onChange: (state: BreakerState) => void
}): Instance {
  const { attemptMsMax, callsMax, failuresPctMax, callsMin, windowMs, probeAfterMs } = limits
  let inFlight = 0
  const bounded = wrap(bulkhead(callsMax, 0), timeout(attemptMsMax, TimeoutStrategy.Aggressive))

  const labels = { service, instance: url }
  const guarded = async (call: Call, { left, bound }: Until): Promise<unknown> => {
    inFlight += 1
    calls.inc(labels)
    try {
      return await bounded.execute(({ signal }) => call(signal), bound)
    } catch (error) {
      if (left.aborted) throw new Neutral('left', error)
      if (error instanceof BulkheadRejectedError) throw new Neutral('full', error)
      if (error instanceof TaskCancelledError || bound.aborted)
        throw new TookTooLong(`no answer within ${attemptMsMax} ms`)
      throw error
    } finally {
      inFlight -= 1
    }
  }
  const breaker = new CircuitBreaker<[Call, Until], unknown>(guarded, {
    name: `${service} ${url}`,
    timeout: false,
    rollingPercentilesEnabled: false,
    errorThresholdPercentage: failuresPctMax,
    volumeThreshold: callsMin,
    rollingCountTimeout: windowMs,
    rollingCountBuckets: windowBuckets,
    resetTimeout: probeAfterMs,
    errorFilter: (error: unknown) => error instanceof Neutral,
  })
  const state = (): BreakerState => (breaker.opened ? 'open' : breaker.halfOpen ? 'half-open' : 'closed')
  const changed = () => {
    stateMetric.set(labels, { closed: 0, 'half-open': 1, open: 2 }[state()])
    onChange(state())
  }
  breaker.on('open', () => {
    openings.inc(labels)
    changed()
  })
  breaker.on('close', changed)
  breaker.on('halfOpen', () => {
    changed()
    const never = new AbortController().signal
    // Its outcome is the breaker's: closed, or open for another while.
    const asked = breaker.fire((signal) => probe(url, AbortSignal.any([signal, AbortSignal.timeout(probeMsMax)])), {
      left: never,
      bound: never,
    })
    asked.catch(() => undefined)
  })
  stateMetric.set(labels, 0)

  return {
    url,
    inFlight: () => inFlight,
    state,
    run: async <T>(call: (signal: AbortSignal) => Promise<T>, until: Until): Promise<T> => {
      if (!breaker.closed) throw new SetAside(`${url} is set aside`)
      let answer: { value: T } | undefined
      await breaker.fire(async (signal) => {
        answer = { value: await call(signal) }
      }, until)
      if (answer === undefined) throw new Error('the breaker answered without a call')
      return answer.value
    },
    close: () => {
      breaker.shutdown()
      stateMetric.remove(labels)
      openings.remove(labels)
      calls.remove(labels)
    },
  }
}
