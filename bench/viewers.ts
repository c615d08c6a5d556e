/** Many viewers of one live stream: how many events reach them, and how long after they were said. */
import { Agent, request } from 'undici'
import { z } from 'zod'
import { percentile } from './statistics.ts'

export const ViewersSpec = z.object({
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  viewers: z.int().min(1).max(5_000),
  /** The event that counts; its data says by `at` when it was said, by this machine's clock. */
  event: z.string(),
  /** So many are said; whoever has had them all is done. */
  events: z.int(),
  msMax: z.int().max(120_000),
})
export type ViewersSpec = z.infer<typeof ViewersSpec>

export const ViewersResult = z.object({ seen: z.int(), p50Ms: z.number(), p99Ms: z.number() })
export type ViewersResult = z.infer<typeof ViewersResult>

const Said = z.object({ at: z.iso.datetime() })

/** Streams that are opened at once: hundreds in one moment are what the gateway sheds. */
const openedAtOnce = 16

/** Watches until all viewers have had all events, or the time is up. `watching` is called once all of them watch; `nowMs`: real time. */
export async function watch(spec: ViewersSpec, watching: () => void, nowMs: () => number): Promise<ViewersResult> {
  const { url, headers, viewers, event, events, msMax } = spec
  const agent = new Agent({ connections: viewers, bodyTimeout: 0 })
  const stop = AbortSignal.timeout(msMax)
  const delaysMs: number[] = []

  /** Opens one stream; gives what follows it to its end. */
  const open = async () => {
    const { statusCode, body } = await request(url, { headers, dispatcher: agent, signal: stop })
    if (statusCode !== 200) throw new Error(`${url} answered ${statusCode}: ${await body.text()}`)
    return async () => {
      let had = 0
      let rest = ''
      for await (const chunk of body) {
        const blocks = (rest + String(chunk)).split('\n\n')
        rest = blocks.pop() ?? ''
        for (const block of blocks) {
          if (/^event: (.*)$/m.exec(block)?.[1] !== event) continue
          const { at } = Said.parse(JSON.parse(/^data: (.*)$/m.exec(block)?.[1] ?? ''))
          delaysMs.push(nowMs() - Date.parse(at))
          had += 1
        }
        if (had >= events) return
      }
    }
  }
  const followers: (() => Promise<void>)[] = []
  while (followers.length < viewers) {
    const some = Math.min(openedAtOnce, viewers - followers.length)
    followers.push(...(await Promise.all(Array.from({ length: some }, open))))
  }
  watching()
  const ended = await Promise.allSettled(followers.map((follow) => follow()))
  const failed = ended.find((one) => one.status === 'rejected')
  await agent.destroy()
  if (delaysMs.length === 0) throw new Error('no viewer saw anything', { cause: failed?.reason })
  return { seen: delaysMs.length, p50Ms: percentile(delaysMs, 0.5), p99Ms: percentile(delaysMs, 0.99) }
}
