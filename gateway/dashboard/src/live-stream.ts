/**
 * A stream of server-sent events that comes back by itself. It is read with fetch, not EventSource: the token goes in a
 * header, a refusal is a problem document, and a quiet line is noticed.
 */
import { EventSourceParserStream } from 'eventsource-parser/stream'
import { send } from './api.ts'
import { documentOf, Problem, problemOf } from './problem.ts'

export type StreamEvent = { event: string; data: unknown }
export type Connection =
  | { kind: 'connecting' }
  | { kind: 'live' }
  /** `because`: a sentence for whoever looks. */
  | { kind: 'lost'; because: string }

/** The gateway sends a heartbeat every 15 s where nothing else comes: twice that without a byte, and the line is dead. */
const silentMsMax = 30_000
const retryMsMin = 500
const retryMsMax = 5_000

type Options = {
  path: () => string
  onEvent: (event: StreamEvent) => void
  onConnection: (connection: Connection) => void
}

/** Opens it, and again whenever it ends, until `close`. Problems that another try does not cure end it. */
export function openLiveStream({ path, onEvent, onConnection }: Options): { close(): void; reopen(): void } {
  const closed = new AbortController()
  let current = new AbortController()
  let wake: () => void = () => undefined

  const read = async () => {
    current = new AbortController()
    const one = current
    let quiet = setTimeout(() => one.abort(), silentMsMax)
    try {
      const response = await send(path(), { signal: AbortSignal.any([one.signal, closed.signal]) })
      if (!response.ok || response.body === null) throw new Problem(await problemOf(response))
      onConnection({ kind: 'live' })
      const events = response.body.pipeThrough(new TextDecoderStream()).pipeThrough(new EventSourceParserStream())
      const reader = events.getReader()
      for (;;) {
        const { done, value } = await reader.read()
        if (done) return
        clearTimeout(quiet)
        quiet = setTimeout(() => one.abort(), silentMsMax)
        onEvent({ event: value.event ?? 'message', data: JSON.parse(value.data) })
      }
    } finally {
      clearTimeout(quiet)
      one.abort()
    }
  }

  const run = async () => {
    let retryMs = retryMsMin
    while (!closed.signal.aborted) {
      const startedMs = performance.now()
      try {
        await read()
        if (!closed.signal.aborted) onConnection({ kind: 'lost', because: 'The server ended the stream' })
      } catch (error) {
        if (closed.signal.aborted) return
        onConnection({ kind: 'lost', because: documentOf(error).title })
        if (error instanceof Problem && (error.document.status === 403 || error.document.status === 404)) return
      }
      if (performance.now() - startedMs > retryMsMax) retryMs = retryMsMin
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, retryMs)
        wake = () => {
          clearTimeout(timer)
          resolve()
        }
      })
      retryMs = Math.min(retryMsMax, retryMs * 1.6)
    }
  }
  void run()
  return {
    close: () => {
      closed.abort()
      wake()
    },
    reopen: () => {
      current.abort()
      wake()
    },
  }
}
