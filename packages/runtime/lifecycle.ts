/** One process's life: what is opened is owned, and closed in reverse order within a limit. */
import type { Log } from './log.ts'

export type Closable = { close(): Promise<unknown> | unknown }

export type Lifecycle = {
  /** Takes `part` into care; gives it back. */
  own<Part extends Closable>(name: string, part: Part): Part
  /** Closes everything, last first; a part that fails is named in the log and left behind. */
  stop(): Promise<void>
}

/**
 * Stops on SIGTERM and SIGINT, and leaves after `shutdownMsMax` whatever still closes; an error that nobody handled ends the process at once with 1,
 * because nothing is known about the state it left.
 */
export function createLifecycle(log: Log, shutdownMsMax: number): Lifecycle {
  const parts: { name: string; part: Closable }[] = []
  let stopping: Promise<void> | undefined
  let closing: string | undefined

  const closeAll = async () => {
    for (const { name, part } of parts.toReversed()) {
      closing = name
      try {
        await part.close()
      } catch (error) {
        log.error({ part: name, err: error }, 'part did not close')
      }
    }
  }
  const stop = () => {
    stopping ??= closeAll()
    return stopping
  }

  const leave = (signal: string) => {
    log.info({ signal }, 'stopping')
    setTimeout(() => {
      log.error({ shutdownMsMax, part: closing }, 'did not stop in time')
      process.exit(1)
    }, shutdownMsMax).unref()
    void stop().then(() => process.exit(0))
  }
  process.once('SIGTERM', () => leave('SIGTERM'))
  process.once('SIGINT', () => leave('SIGINT'))
  const crash = (error: unknown) => {
    log.fatal({ err: error }, 'unhandled error')
    process.exit(1)
  }
  process.on('unhandledRejection', crash)
  process.on('uncaughtException', crash)

  return {
    own: (name, part) => {
      parts.push({ name, part })
      return part
    },
    stop,
  }
}
