/**
 * What waits for one viewer: news in order, at most `newsMax` of them, and the wait for more. A viewer that lets its queue fill up
 * has ended as too slow; what it had until then it is still given. Memory is bounded by viewers × queue.
 */

export type Ended = null | 'too-slow' | 'closed'

export type ViewerQueue<News> = {
  push(news: News): void
  /** The oldest, or undefined. */
  shift(): News | undefined
  /** All of them. */
  takeAll(): News[]
  /** There is something to see beside the queue, such as a position in its slot. */
  wake(): void
  close(): void
  ended(): Ended
  /** Returns at the next news or wake, after `quietMs` without any, or once `signal` is aborted. */
  wait(until: { quietMs: number; signal: AbortSignal }): Promise<void>
}

export function createViewerQueue<News>(newsMax: number): ViewerQueue<News> {
  let news: News[] = []
  let ended: Ended = null
  let wake: () => void = () => undefined
  return {
    push: (one) => {
      if (news.length >= newsMax) ended ??= 'too-slow'
      else if (ended === null) news.push(one)
      wake()
    },
    shift: () => news.shift(),
    takeAll: () => {
      const all = news
      news = []
      return all
    },
    wake: () => wake(),
    close: () => {
      ended = 'closed'
      wake()
    },
    ended: () => ended,
    wait: ({ quietMs, signal }) =>
      new Promise((resolve) => {
        const done = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', done)
          wake = () => undefined
          resolve()
        }
        const timer = setTimeout(done, quietMs)
        signal.addEventListener('abort', done)
        wake = done
      }),
  }
}
