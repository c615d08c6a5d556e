/** A job that runs again and again, never twice at once. */
import type { Logger } from 'pino'

export type Loop = {
  /** Runs the job soon, even where its time has not come. A wake while it runs makes one further run. */
  wake(): void
  close(): Promise<void>
}

/**
 * Runs `job` every `everyMs` real milliseconds after its last end; a function is asked after each run. A failure is logged, and
 * the next run comes as ever. A wake within `restMs` of the last end waits for the rest of that time, so that what wakes it often is
 * dealt with together.
 */
export function startLoop(
  name: string,
  everyMs: number | (() => number),
  log: Logger,
  job: () => Promise<void>,
  restMs: (tookMs: number) => number = () => 0,
): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let woken = false
  let closed = false
  let restedAtMs = 0

  const run = async () => {
    woken = false
    const beganAtMs = performance.now()
    try {
      await job()
    } catch (error) {
      log.warn({ job: name, err: error }, 'job failed, runs again')
    }
    const endedAtMs = performance.now()
    restedAtMs = endedAtMs + restMs(endedAtMs - beganAtMs)
  }
  const start = () => {
    clearTimeout(timer)
    running = run().finally(() => {
      running = undefined
      if (!closed) startLater()
    })
  }
  const startLater = () => {
    clearTimeout(timer)
    const waitMs = woken ? restedAtMs - performance.now() : typeof everyMs === 'number' ? everyMs : everyMs()
    // A timer drops what is below a millisecond.
    if (waitMs > 0) timer = setTimeout(start, Math.ceil(waitMs))
    else start()
  }
  start()

  return {
    wake: () => {
      if (closed) return
      woken = true
      if (!running) startLater()
    },
    close: async () => {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
