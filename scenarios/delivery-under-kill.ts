/**
 * Orders placed, a part killed with SIGKILL at a seeded moment of their deliveries, and the customers' answers compared
 * with the simulator's ledger, which no service reads: each order closed, handed over once, at its drop point.
 */
import { join } from 'node:path'
import { OrderId } from '@fleet/contracts/ids'
import { BasesReply, OrderReply } from '@fleet/contracts/rest'
import type { Place } from '@fleet/contracts/units'
import { readLedger } from '@fleet/drone-sim/ledger'
import { destination, distanceM } from '@fleet/geo/distance'
import { membersByRole } from '@fleet/local/mongo-primary'
import { type Bearer, createBearer } from '@fleet/local/sign-in'
import type { Stack } from '@fleet/local/stack'
import { waitUntil } from '@fleet/local/wait'

/** What is killed: a process of ours, a broker, or whichever member is the primary. */
export type Victim =
  | 'order'
  | 'itinerary'
  | 'position'
  | 'drone-health'
  | 'gateway'
  | 'sim'
  | 'kafka-1'
  | 'kafka-2'
  | 'kafka-3'
  | 'mongo-primary'

/** Orders in flight at once, placed a little apart, so that one kill meets several phases of a delivery. */
const ordersAtOnce = 3
const placedApartMsMax = 4_000
/** Real time; a delivery at world speed 10 takes about 20 s. */
const killAfterMsMax = 16_000
const closedMsMax = 180_000
const offM = 2

/** A row of numbers from 0 to 1 by mulberry32. */
function randomRow(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}

const pause = (ms: number) => {
  const dueMs = performance.now() + ms
  return waitUntil(`${Math.round(ms)} ms to pass`, () => performance.now() >= dueMs, {
    timeoutMs: ms + 5_000,
    everyMs: 20,
  })
}

/** One session a stack, or every request would sign in. */
const bearers = new WeakMap<Stack, Bearer>()

function bearerOf(stack: Stack): Bearer {
  const { gateway, accounts } = stack.info
  if (gateway === undefined || accounts === undefined) throw new Error('the stack has no gateway')
  const known = bearers.get(stack) ?? createBearer(gateway, accounts.customer, () => performance.now())
  bearers.set(stack, known)
  return known
}

async function call(stack: Stack, path: string, init: RequestInit = {}): Promise<Response> {
  const { gateway } = stack.info
  const headers = { authorization: await bearerOf(stack)(), 'content-type': 'application/json', ...init.headers }
  return fetch(`${gateway}${path}`, { ...init, headers, signal: AbortSignal.timeout(20_000) })
}

/** The part that the last trial killed has just started again: what it holds up is asked for again. */
const basesOf = (stack: Stack) =>
  waitUntil(
    'the bases',
    async () => {
      const response = await call(stack, '/v1/bases')
      return response.ok ? BasesReply.parse(await response.json()).items : undefined
    },
    { timeoutMs: 60_000, everyMs: 500 },
  )

async function placeOrder(stack: Stack, key: string, dropOff: Place): Promise<OrderId> {
  const body = JSON.stringify({ dropOff, parcel: { weightG: 500 } })
  return waitUntil(
    `order ${key} to be accepted`,
    async () => {
      const response = await call(stack, '/v1/orders', { method: 'POST', body, headers: { 'idempotency-key': key } })
      if (response.status === 201) return OrderId.parse(response.headers.get('location')?.split('/').at(-1))
      if (response.status < 500) throw new Error(`order ${key} was refused: ${await response.text()}`)
      return undefined
    },
    { timeoutMs: 60_000, everyMs: 500 },
  )
}

export type Outcome = { orderId: OrderId; fault: string }

/** Runs one trial on a running stack, and gives what went wrong: nothing, if all is well. The killed part runs again afterwards. */
export async function deliverUnderKill(stack: Stack, trial: { victim: Victim; seed: number }): Promise<Outcome[]> {
  const random = randomRow(trial.seed)
  const bases = await basesOf(stack)
  const base = bases[Math.floor(random() * bases.length)]
  if (base === undefined) throw new Error('the stack has no base')

  const placed: { orderId: OrderId; dropOff: Place }[] = []
  const placing = (async () => {
    for (let index = 0; index < ordersAtOnce; index += 1) {
      const way = { bearingDeg: random() * 360, distanceM: 300 + random() * 500 }
      const { lat, lon } = destination(base.place, way)
      const dropOff = { lat: Number(lat.toFixed(7)), lon: Number(lon.toFixed(7)) }
      placed.push({ orderId: await placeOrder(stack, `kill-${trial.victim}-${trial.seed}-${index}`, dropOff), dropOff })
      await pause(random() * placedApartMsMax)
    }
  })()

  await pause(randomRow(trial.seed + 1_000_000)() * killAfterMsMax)
  const name = trial.victim === 'mongo-primary' ? (await membersByRole(stack.info)).primary : trial.victim
  const part = stack.parts.get(name)
  if (part === undefined) throw new Error(`the stack has no part ${name}`)
  part.kill('SIGKILL')
  await placing

  const closed = await Promise.all(placed.map(({ orderId }) => whenClosed(stack, orderId)))
  // Services and the simulator are started again by the stack; brokers and databases stay dead until here.
  if (name.startsWith('kafka') || name.startsWith('mongo')) await part.restart()

  const handOvers = readLedger(join(stack.info.folders.droneStore, 'ledger.jsonl')).filter(
    ({ event }) => event === 'handed-over',
  )
  return placed.flatMap(({ orderId, dropOff }, index) => {
    const own = handOvers.filter((entry) => entry.orderId === orderId)
    const fault = faultOf(dropOff, own, closed[index])
    return fault === null ? [] : [{ orderId, fault }]
  })
}

const whenClosed = (stack: Stack, orderId: OrderId): Promise<OrderReply> =>
  waitUntil(
    `${orderId} to be closed`,
    async () => {
      const response = await call(stack, `/v1/orders/${orderId}`)
      if (!response.ok) return undefined
      const order = OrderReply.parse(await response.json())
      if (order.status === 'failed' || order.status === 'cancelled')
        throw new Error(`${orderId} is ${order.status}: ${JSON.stringify(order)}`)
      return order.status === 'closed' ? order : undefined
    },
    { timeoutMs: closedMsMax, everyMs: 500 },
  )

function faultOf(
  dropOff: Place,
  handOvers: readonly (Place & { epoch: number })[],
  reply: OrderReply | undefined,
): string | null {
  const [only, ...more] = handOvers
  if (only === undefined) return 'the ledger has no hand-over'
  if (more.length > 0) return `the ledger has ${handOvers.length} hand-overs`
  const awayM = distanceM(only, dropOff)
  if (awayM > offM) return `handed over ${awayM.toFixed(1)} m from the drop point`
  const told = reply?.handedOver?.place
  if (told === undefined) return 'the customer was told of no hand-over'
  const differsM = distanceM(told, only)
  return differsM > offM ? `the customer was told a place ${differsM.toFixed(1)} m away` : null
}
