/**
 * Customers and operators who go on while things break: orders placed, repeated and cancelled, commands sent, grounded drones
 * released. All that they are told goes into their own log.
 */
import { setTimeout as pause } from 'node:timers/promises'
import type { CommandKind } from '@fleet/contracts/drone-commands'
import { type CommandId, type DroneId, OrderId } from '@fleet/contracts/ids'
import {
  BasesReply,
  type CommandStatus,
  DroneCommandReply,
  DroneHealthsReply,
  DronesReply,
  LatestPositionsReply,
  OrdersReply,
} from '@fleet/contracts/rest'
import type { Random } from '@fleet/drone-sim/random'
import { destination } from '@fleet/geo/distance'
import { waitUntil } from '@fleet/local/wait'
import type { z } from 'zod'
import type { Caller, Reply } from './caller.ts'
import type { Attempt, CommandLog, History, OrderLog } from './history.ts'

/** Orders open at once: a little less than there are drones, so that one waits for a drone that fell silent, not for the rest. */
const openMax = 7
const placeEveryMs = 2_500
const probeEveryMs = 500
const lookEveryMs = 1_500
const commandEveryMs = 5_000
const releaseEveryMs = 3_000
const tryAgainMs = 300
/** A customer tries for so long, with the same key. */
const tryMsMax = 90_000
const cancelShare = 0.1
const resting = new Set(['closed', 'cancelled', 'failed', 'undecided'])

export type Traffic = {
  /** The simulated drones. */
  drones: readonly DroneId[]
  /** Orders, commands and probes until `over` is aborted, then no new ones; ends when the last try has ended. */
  run(over: AbortSignal): Promise<void>
  /** What goes on in the quiet: looks, and drones released. Until `over` is aborted. */
  tend(over: AbortSignal): Promise<void>
  /** Places an order within reach, at some distance from a base if none is given, and tries until it is acknowledged or refused. */
  place(distanceM?: number): Promise<OrderLog>
  command(droneId: DroneId, kind: CommandKind, ttlMs: number): Promise<CommandLog>
  /** Lets drones go on that an operator told to hold. */
  resumeHeld(): Promise<void>
  release(): Promise<void>
}

const pauseUntil = async (ms: number, over: AbortSignal) => {
  try {
    await pause(ms, undefined, { signal: over })
  } catch {
    // It is over; whoever waited looks at that next.
  }
}

export async function createTraffic({
  customer,
  operator,
  history,
  random,
  nowMs,
  heardOnly,
}: {
  customer: Caller
  operator: Caller
  history: History
  random: Random
  nowMs: () => number
  /** Of the drones that are enrolled, those that have told their place: not all may be simulated. */
  heardOnly: boolean
}): Promise<Traffic> {
  // A gateway that has just started may not know its services yet.
  const answered = <T>(ask: Caller, path: string, schema: z.ZodType<T>) =>
    waitUntil(`an answer to ${path}`, async () => schema.safeParse((await ask('GET', path)).body).data, {
      timeoutMs: tryMsMax,
      everyMs: tryAgainMs,
    })
  const bases = (await answered(customer, '/v1/bases', BasesReply)).items
  const { items } = await answered(operator, '/v1/drones', DronesReply)
  const simulated = items.filter(({ name }) => name.startsWith('sim')).map(({ droneId }) => droneId)
  // Composes enrol drones for more containers than may run.
  const heard = heardOnly ? await answered(operator, '/v1/fleet/positions', LatestPositionsReply) : null
  const flying = new Set(heard?.items.map(({ droneId }) => droneId))
  const drones = heard === null ? simulated : simulated.filter((droneId) => flying.has(droneId))
  const held = new Set<DroneId>()
  const over = () => history.orders.filter(({ told }) => resting.has(told.at(-1)?.status ?? 'accepted')).length
  const open = () => history.orders.filter(({ orderId }) => orderId !== null).length - over()

  const attempt = async (ask: () => Promise<Reply>): Promise<{ reply: Reply; attempt: Attempt }> => {
    const sentAtMs = nowMs()
    const reply = await ask()
    const { answer, status, code } = reply
    return { reply, attempt: { sentAtMs, answeredAtMs: nowMs(), answer, status, code } }
  }

  /** Asks with the same key until it is acknowledged or refused; gives what the last answer was. */
  const insist = async (log: { attempts: Attempt[] }, ask: () => Promise<Reply>): Promise<Reply> => {
    const startedMs = nowMs()
    for (;;) {
      const { reply, attempt: made } = await attempt(ask)
      log.attempts.push(made)
      const settled = made.answer === 'acknowledged' || made.answer === 'refused'
      if (settled || nowMs() - startedMs > tryMsMax) return reply
      await pause(tryAgainMs)
    }
  }

  const place = async (awayM?: number): Promise<OrderLog> => {
    const base = bases[Math.floor(random() * bases.length)]
    if (base === undefined) throw new Error('the stack has no base')
    const { lat, lon } = destination(base.place, {
      bearingDeg: random() * 360,
      distanceM: awayM ?? 300 + random() * 500,
    })
    const dropOff = { lat: Number(lat.toFixed(7)), lon: Number(lon.toFixed(7)) }
    const key = `chaos-${history.seed}-${history.orders.length}`
    const log: OrderLog = { key, dropOff, weightG: 500, attempts: [], orderId: null, cancelAsked: false, told: [] }
    history.orders.push(log)
    const reply = await insist(log, () => placeOnce(log))
    if (reply.answer === 'acknowledged') log.orderId = OrderId.parse(reply.location?.split('/').at(-1))
    return log
  }
  const placeOnce = ({ key, dropOff, weightG }: OrderLog) =>
    customer('POST', '/v1/orders', { body: { dropOff, parcel: { weightG } }, key })

  const cancel = async (log: OrderLog) => {
    log.cancelAsked = true // Before it is sent: what is not heard of may have come.
    await customer('POST', `/v1/orders/${log.orderId}/cancellation`)
  }

  const command = async (droneId: DroneId, kind: CommandKind, ttlMs: number): Promise<CommandLog> => {
    const key = `chaos-${history.seed}-${history.commands.length}`
    const log: CommandLog = { key, droneId, kind, ttlMs, attempts: [], commandId: null, told: [] }
    history.commands.push(log)
    if (kind === 'hold') held.add(droneId)
    const reply = await insist(log, () =>
      operator('POST', `/v1/drones/${droneId}/commands`, { body: { kind, ttlMs }, key }),
    )
    const answered = DroneCommandReply.safeParse(reply.body)
    if (reply.answer === 'acknowledged' && answered.success) log.commandId = answered.data.commandId
    return log
  }

  const lookAtOrders = async () => {
    const { body } = await customer('GET', '/v1/orders?limit=100')
    const page = OrdersReply.safeParse(body)
    if (!page.success) return
    const byId = new Map(page.data.items.map((order) => [order.orderId, order]))
    for (const log of history.orders) {
      const order = log.orderId === null ? undefined : byId.get(log.orderId)
      if (order === undefined || log.told.at(-1)?.status === order.status) continue
      log.told.push({ atMs: nowMs(), status: order.status })
    }
  }

  const finished = new Set<CommandStatus>(['succeeded', 'failed', 'refused', 'expired', 'cancelled', 'unknown'])
  const statusOf = async (droneId: DroneId, commandId: CommandId) => {
    const { body } = await operator('GET', `/v1/drones/${droneId}/commands/${commandId}`)
    return DroneCommandReply.safeParse(body).data?.status
  }
  const lookAtCommands = async () => {
    for (const { droneId, commandId, told } of history.commands) {
      const last = told.at(-1)?.status
      if (commandId === null || (last !== undefined && finished.has(last))) continue
      const status = await statusOf(droneId, commandId)
      if (status !== undefined && status !== last) told.push({ atMs: nowMs(), status })
    }
  }

  const release = async () => {
    const { body } = await operator('GET', '/v1/health/drones')
    const healths = DroneHealthsReply.safeParse(body)
    for (const { droneId, status } of healths.success ? healths.data.items : []) {
      if (status !== 'grounded') continue
      // Refused while something is still wrong with it; asked again at the next look.
      await operator('POST', `/v1/drones/${droneId}/release`, { body: { note: 'looked at in a campaign' } })
    }
  }

  /** Repeats `work` until `ends`. A gateway that is away is an answer; what is thrown ends the campaign. */
  const every = async (ms: number, ends: AbortSignal, work: () => Promise<unknown>) => {
    while (!ends.aborted) {
      await work()
      await pauseUntil(ms, ends)
    }
  }

  const tend = async (ends: AbortSignal) => {
    await Promise.all([
      every(lookEveryMs, ends, lookAtOrders),
      every(lookEveryMs, ends, lookAtCommands),
      every(releaseEveryMs, ends, release),
    ])
  }

  const commandSome = async () => {
    const droneId = drones[Math.floor(random() * drones.length)]
    const chance = random()
    const ttlMs = [3_000, 20_000, 60_000][Math.floor(random() * 3)] ?? 60_000
    if (droneId === undefined) return
    if (chance < 0.5) await command(droneId, 'reboot', ttlMs)
    else if (chance < 0.7) await command(droneId, 'return', ttlMs)
    else {
      await command(droneId, 'hold', ttlMs)
      await pause(2_000)
      await resumeHeld()
    }
  }

  const resumeHeld = async () => {
    for (const droneId of held) {
      const { commandId } = await command(droneId, 'resume', 60_000)
      if (commandId !== null) held.delete(droneId)
    }
  }

  return {
    drones,
    place,
    command,
    resumeHeld,
    release,
    tend,
    run: async (ends) => {
      const placing = new Set<Promise<unknown>>()
      const track = (work: Promise<unknown>) => {
        placing.add(work)
        const isOver = () => placing.delete(work)
        const staysForTheEnd = () => undefined
        work.then(isOver, staysForTheEnd)
      }
      const placeSome = async () => {
        if (open() + placing.size >= openMax) return
        const cancels = random() < cancelShare
        const after = random() * 15_000
        track(
          place().then(async (log) => {
            if (!cancels || log.orderId === null) return
            await pauseUntil(after, ends)
            await cancel(log)
          }),
        )
      }
      const probe = async () => {
        const known = history.orders.findLast(({ orderId }) => orderId !== null)
        if (known === undefined || placing.size > openMax * 4) return
        track(attempt(() => placeOnce(known)).then(({ attempt: made }) => history.probes.push(made)))
      }
      await Promise.all([
        every(placeEveryMs, ends, placeSome),
        every(probeEveryMs, ends, probe),
        every(commandEveryMs, ends, commandSome),
        tend(ends),
      ])
      await Promise.all(placing)
    },
  }
}
