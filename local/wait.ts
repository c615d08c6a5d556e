/** Waiting for a condition with a bound, never for a guessed length of time. */
import { setTimeout as sleep } from 'node:timers/promises'

export type WaitOptions = { timeoutMs: number; everyMs?: number; signal?: AbortSignal }

/**
 * Asks `condition` again and again until it gives something other than `undefined` or `false`, and returns that.
 * An error of the condition counts as "not yet" and stands as the cause of the final one.
 * Throws, naming `what`, once `timeoutMs` has passed or `signal` is aborted.
 */
export async function waitUntil<T>(
  what: string,
  condition: () => Promise<T | undefined | false> | T | undefined | false,
  { timeoutMs, everyMs = 100, signal }: WaitOptions,
): Promise<T> {
  const startedMs = performance.now()
  let lastError: unknown
  for (;;) {
    signal?.throwIfAborted()
    try {
      const value = await condition()
      if (value !== undefined && value !== false) return value
    } catch (error) {
      lastError = error
    }
    const waitedMs = Math.round(performance.now() - startedMs)
    if (waitedMs >= timeoutMs) throw new Error(`Waited ${waitedMs} ms in vain for ${what}.`, { cause: lastError })
    await sleep(everyMs, undefined, signal === undefined ? {} : { signal })
  }
}
