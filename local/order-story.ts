/** Follows one order through the gateway's stream, and tells what happens to it, one line at a time. */
import { createApiClient, got } from '@fleet/client/client'
import { OrderStatus } from '@fleet/contracts/rest'
import { Place } from '@fleet/contracts/units'
import { z } from 'zod'
import type { FirstOrder } from './first-calls.ts'
import type { Say } from './provision.ts'
import { type ServerSentEvent, serverSentEvents } from './server-sent-events.ts'
import type { Bearer } from './sign-in.ts'
import { waitUntil } from './wait.ts'

/** A line each time that the drone has got this much further, percent of its way to the drop point. */
const STEP_PCT = 10

export type StoryOptions = {
  gateway: string
  bearer: Bearer
  idempotencyKey: string
  order: FirstOrder
  timeoutMs: number
  signal: AbortSignal
  say: Say
}

/** Places the order and tells its delivery. Returns its last status: `closed` where all went well. */
export async function tellOrder(options: StoryOptions): Promise<OrderStatus> {
  const { gateway, bearer, idempotencyKey, order, timeoutMs, signal, say } = options
  const client = createApiClient({ gateway, authorization: bearer })
  const header = { 'Idempotency-Key': idempotencyKey }
  const { orderId } = await got(client.POST('/v1/orders', { params: { header }, body: order }))
  const location = `/v1/orders/${orderId}`
  say(`order placed: ${location}, ${order.parcel.weightG} g to ${order.dropOff.lat}, ${order.dropOff.lon}`)

  const { token } = await got(client.POST('/v1/orders/{id}/tracking-links', { params: { path: { id: orderId } } }))
  say(`watch it come, as its recipient does: ${gateway}/track/${token}`)

  const story = createStory(say)
  const bound = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
  // A stream may end early (a gateway that is started again): it is opened anew until the story is over.
  await waitUntil(
    `${location} to end`,
    async () => {
      for await (const event of serverSentEvents(
        `${gateway}${location}/events`,
        { authorization: await bearer() },
        bound,
      )) {
        story.hear(event)
        if (story.ended()) return true
      }
      return false
    },
    { timeoutMs, everyMs: 500, signal: bound },
  )
  return story.status()
}

const ENDINGS: ReadonlySet<OrderStatus> = new Set(['closed', 'cancelled', 'failed'])

/** Of an order, as the whole reply (`order`) or as a message about it (`delivery.departed`, ...) tells it. */
const News = z.object({
  status: OrderStatus,
  flight: z.object({ droneId: z.string(), baseId: z.string() }).nullish(),
  droneId: z.string().optional(),
  baseId: z.string().optional(),
  waitingFor: z.string().nullish(),
  handedOver: z.object({ place: Place }).nullish(),
  place: Place.optional(),
  failedBecause: z.string().nullish(),
  reason: z.string().optional(),
})

const Progress = z.object({
  toDropOffM: z.number(),
  progressPct: z.number().nullable(),
  altitudeM: z.number(),
  batteryPct: z.number(),
})

/** Turns the events of an order's stream into lines; what it does not know (a heartbeat) is passed over. */
export function createStory(say: Say) {
  let status: OrderStatus = 'accepted'
  let told = ''
  let toldPct = 0
  let flight = ''

  function hearNews(news: z.infer<typeof News>): void {
    status = news.status
    const { droneId, baseId } = { ...news, ...news.flight }
    if (droneId !== undefined && baseId !== undefined && flight !== `${droneId} from ${baseId}`) {
      flight = `${droneId} from ${baseId}`
      toldPct = 0
    }
    const line = lineOf(news, flight)
    if (line !== told) say(line)
    told = line
  }

  function hearPosition({ progressPct, toDropOffM, altitudeM, batteryPct }: z.infer<typeof Progress>): void {
    const pct = Math.floor((progressPct ?? 0) / STEP_PCT) * STEP_PCT
    if (pct <= toldPct) return
    toldPct = pct
    say(
      `  ${pct} % of the way: ${Math.round(toDropOffM)} m to go, ${Math.round(altitudeM)} m above sea, battery ${Math.round(batteryPct)} %`,
    )
  }

  return {
    hear({ event, data }: ServerSentEvent): void {
      if (event === 'position') hearPosition(Progress.parse(data))
      const news = News.safeParse(data)
      if (news.success) hearNews(news.data)
    },
    status: () => status,
    ended: () => ENDINGS.has(status),
  }
}

function lineOf(
  { status, waitingFor, handedOver, place, failedBecause, reason }: z.infer<typeof News>,
  flight: string,
): string {
  switch (status) {
    case 'accepted':
      return waitingFor ? `accepted, waits: ${waitingFor}` : 'accepted'
    case 'assigned':
      return `assigned: drone ${flight}`
    case 'in-flight':
      return 'departed: the parcel is in the air'
    case 'delivered': {
      const at = handedOver?.place ?? place
      return `handed over${at ? ` at ${at.lat}, ${at.lon}` : ''}: the drone flies home`
    }
    case 'closed':
      return 'closed: the flight has ended'
    case 'undecided':
      return 'undecided: the drone fell silent with a permit; its report or the recipient will tell'
    case 'failed':
      return `failed: ${failedBecause ?? reason}`
    case 'cancelling':
    case 'cancelled':
      return status
  }
}
