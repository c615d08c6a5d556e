/** Server-sent events onto a socket (WHATWG HTML, "Server-sent events"): kept alive, never ahead of the reader, and ended with a reason. */
import { once } from 'node:events'
import type { Response } from 'express'
import type { StreamEvent } from './http.ts'
import type { Log } from './log.ts'

/** Real milliseconds. */
export type StreamTimes = {
  /** An idle stream says so often that it lives, to the reader and to whatever stands between. */
  keepAliveMs: number
  /** A reader that takes nothing for so long has its connection cut. */
  stalledMsMax: number
}
export const streamTimes: StreamTimes = { keepAliveMs: 15_000, stalledMsMax: 60_000 }

const frame = ({ id, event, data }: StreamEvent) =>
  `${id === undefined ? '' : `id: ${id}\n`}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
const keepAlive = ': keep-alive\n\n'

/** True once there is room again, false where the reader has left, or took nothing for `msMax`. */
async function drained(response: Response, signal: AbortSignal, msMax: number): Promise<boolean> {
  const patience = AbortSignal.any([signal, AbortSignal.timeout(msMax)])
  try {
    await once(response, 'drain', { signal: patience })
    return true
  } catch (error) {
    if (patience.aborted) return false
    throw error
  }
}

/**
 * Sends `events` until they end or the reader leaves. A slow reader holds back the iterable, never memory: nothing is asked of
 * it before the socket has drained. Where it fails, the last event is `end` and says so.
 */
export async function sendStream(
  response: Response,
  events: AsyncIterable<StreamEvent>,
  { signal, times, log }: { signal: AbortSignal; times: StreamTimes; log: Log },
): Promise<void> {
  response.set({ 'content-type': 'text/event-stream', 'cache-control': 'no-store', 'x-accel-buffering': 'no' })
  response.status(200).flushHeaders()
  const alive = setInterval(() => {
    if (!response.writableNeedDrain) response.write(keepAlive)
  }, times.keepAliveMs)
  try {
    for await (const event of events) {
      if (signal.aborted) break
      if (!response.write(frame(event)) && !(await drained(response, signal, times.stalledMsMax))) break
    }
  } catch (error) {
    const traceId = response.get('x-correlation-id')
    log.error({ err: error, correlationId: traceId }, 'stream failed')
    response.write(frame({ event: 'end', data: { because: 'something broke on our side; connect again', traceId } }))
  } finally {
    clearInterval(alive)
    response.end()
  }
}
