/** A job that runs again and again, never twice at once. */
import type { Logger } from 'pino'

export type Loop = {
  /** Runs the job soon, even where its time has not come. A wake while it runs makes one further run. */
  wake(): void
  close(): Promise<void>
}

/**
 * Runs `job` every `everyMs` real milliseconds after its last end; a function is asked after each run. A failure is logged, and
 * the next run comes as ever.
 */
export function startLoop(name: string, everyMs: number | (() => number), log: Logger, job: () => Promise<void>): Loop {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let woken = false
  let closed = false

  const run = async () => {
    do {
      woken = false
      try {
        await job()
      } catch (error) {
        log.warn({ job: name, err: error }, 'job failed, runs again')
      }
    } while (woken && !closed)
  }
  const start = () => {
    clearTimeout(timer)
    running = run().finally(() => {
      running = undefined
      if (closed) return
      if (woken)
        start() // Woken between the last look and now.
      else timer = setTimeout(start, typeof everyMs === 'number' ? everyMs : everyMs())
    })
  }
  start()

  return {
    wake: () => {
      if (closed) return
      if (running) woken = true
      else start()
    },
    close: async () => {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}
