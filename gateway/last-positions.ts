/**
 * Where the drones were when the position service last told: read anew now and then, so that there is something to show
 * when it stops telling. What is shown then says so, and how old it is.
 */
import { randomUUID } from 'node:crypto'
import { type BoundingBox, isInside } from '@fleet/contracts/front-door'
import { type LatestPosition, LatestPositionsReply } from '@fleet/contracts/rest'
import { type Loop, startLoop } from '@fleet/messaging/loop'
import { ok, problem, type Reply } from '@fleet/runtime/http'
import type { Log } from '@fleet/runtime/log'
import type { Answer, Ask, Downstream } from './downstream.ts'
import { gatewayItself, get } from './forward.ts'

/** Real milliseconds. */
const readEveryMs = 2_000
/** And it rests so many times as long as the last reading took: that of ten thousand drones holds up their live positions. */
const readRestShare = 20
const readRestMsMax = 30_000
/** A recipient's reading may be so old before it is read anew. */
const freshMs = 1_000

export type LastPositions = {
  /** The service's answer; where it has none, the last known, with `Age` and `stale`. */
  answer(ask: Pick<Ask, 'caller' | 'correlationId' | 'signal'>, bbox?: BoundingBox): Promise<Reply>
  /** Of one drone, at most about a second old where the service answers. */
  of(droneId: string): Promise<LatestPosition | null>
  /** For a viewer's beginning. */
  snapshot(): Promise<{ items: LatestPosition[]; stale: boolean }>
  close(): Promise<void>
}

/** `nowMs`: real monotonic milliseconds. */
export function startLastPositions({
  position,
  nowMs,
  log,
  everyMs = readEveryMs,
}: {
  position: Pick<Downstream, 'ask'>
  nowMs: () => number
  log: Log
  everyMs?: number
}): LastPositions {
  let last: { items: LatestPosition[]; byDrone: Map<string, LatestPosition>; atMs: number } | undefined
  let reading: Promise<Answer> | undefined

  const ask = async (of: Pick<Ask, 'caller' | 'correlationId' | 'signal'>): Promise<Answer> => {
    const answer = await position.ask({ ...get('/v1/fleet/positions'), ...of })
    const parsed = answer.ok && answer.status === 200 ? LatestPositionsReply.safeParse(answer.body) : null
    if (parsed?.success) {
      const { items } = parsed.data
      last = { items, byDrone: new Map(items.map((item) => [item.droneId, item])), atMs: nowMs() }
    }
    return answer
  }
  /** One question at a time, however many ask. */
  const refresh = (): Promise<Answer> => {
    const asked = { caller: gatewayItself, correlationId: randomUUID(), signal: new AbortController().signal }
    reading ??= ask(asked).finally(() => {
      reading = undefined
    })
    return reading
  }
  const isFresh = () => last !== undefined && nowMs() - last.atMs < freshMs
  let tookMs = 0
  const restMs = () => Math.max(everyMs, Math.min(readRestMsMax, readRestShare * tookMs))
  const loop: Loop = startLoop('last positions', restMs, log, async () => {
    const beganAtMs = nowMs()
    const { ok: answered } = await refresh()
    tookMs = answered ? nowMs() - beganAtMs : 0
  })

  return {
    answer: async (of, bbox) => {
      const before = last
      const answer = await ask(of)
      const inside = (items: LatestPosition[]) => items.filter((item) => isInside(item, bbox))
      if (last !== undefined && last !== before) return ok({ items: inside(last.items) })
      if (answer.ok && answer.status < 500) return { kind: 'json', ...answer }
      if (last === undefined) {
        return answer.ok ? { kind: 'json', ...answer } : problem(answer.refusal, { 'retry-after': '1' })
      }
      const ageS = Math.max(0, Math.round((nowMs() - last.atMs) / 1_000))
      return ok({ items: inside(last.items), stale: true }, { age: `${ageS}` })
    },
    of: async (droneId) => {
      if (!isFresh()) await refresh()
      return last?.byDrone.get(droneId) ?? null
    },
    snapshot: async () => {
      if (!isFresh()) await refresh()
      return { items: last?.items ?? [], stale: !isFresh() }
    },
    close: loop.close,
  }
}
