/**
 * For the protocol test: service, topics, drones, customers and operators as one value, and every step that it can take.
 *
 * What is real: the service's consumer table, flights, dispatcher, permit clock and `decide`, and the drone's `step`. What is a
 * value here: the database (transactions under snapshot isolation, opened and committed in two steps), the topics (in order by
 * key; a message may stand in them twice or late), the radio, power, clocks that drift, and the drones' bodies.
 *
 * A world is never changed: each step gives another.
 */
import { droneModel } from '@fleet/contracts/drone-model'
import { ItineraryId, OrderId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { UnixMs } from '@fleet/contracts/units'
import type { Subscription } from '@fleet/messaging/consumer'
import { silentLog } from '@fleet/runtime/log'
import { subscriptions } from '../consume.ts'
import { dispatchRound } from '../dispatcher.ts'
import { enrolled } from '../drone.ts'
import { createFlights } from '../flights.ts'
import { createPermitClock } from '../permit-clock.ts'
import * as craftSteps from './protocol-craft.ts'
import { accepted, act, base, type Craft, dropOffOf, type LetGo, newCraft } from './protocol-craft.ts'
import {
  commit,
  countOf,
  type Docs,
  databaseOn,
  deliveryOf,
  lastSeqs,
  type Message,
  type OpenTransaction,
  open,
  runningPermits,
  setCount,
  storeOn,
} from './protocol-database.ts'

export type World = {
  readonly realMs: number
  readonly serverRate: number
  readonly docs: Docs
  readonly open: readonly OpenTransaction[]
  /** The permit clock's memory: when each running permit was first seen, by the server's monotonic clock. */
  readonly seen: Readonly<Record<string, number>>
  /** What stands in each topic, by `topic/key`. */
  readonly logs: Readonly<Record<string, readonly Message[]>>
  readonly crafts: Readonly<Record<string, Craft>>
  /** What really happened, which nobody in the product knows. */
  readonly letGo: readonly LetGo[]
  /** Order and drone-health services' own `seq` of their topics and keys. */
  readonly said: Readonly<Record<string, number>>
}

export type Step =
  | { do: 'take'; log: string }
  | { do: 'dispatch'; orderId: string }
  | { do: 'look-at-permits' }
  | { do: 'close'; orderId: string }
  | { do: 'commit'; index: number }
  | { do: 'give-up'; index: number }
  | { do: 'crash-server' }
  | { do: 'copy'; log: string; index: number }
  /** `miss`: the next message of its topic never comes to it. */
  | { do: 'hear' | 'miss' | 'tick' | 'act' | 'crash' | 'wake' | 'wreck' | 'drain'; droneId: string }
  | { do: 'fly'; droneId: string; share: 'half' | 'whole' }
  | { do: 'send'; droneId: string; heard: boolean }
  | { do: 'pass'; ms: number }
  | { do: 'place' | 'cancel'; orderId: string }
  | { do: 'state'; orderId: string; came: boolean }
  | { do: 'health'; droneId: string; to: 'grounded' | 'unresponsive' | 'healthy' }

/** A promise of the protocol is broken in this world. */
export class Broken extends Error {}

/** How long an order waits for a drone, in milliseconds. */
export const waitMsMax = 120_000
const taken = new Set<string>([topics.orders.name, topics.droneHealth.name, topics.droneReports.name])

export function newWorld({
  drones,
  rates,
}: {
  drones: number
  rates: { server: number; drones: readonly number[] }
}): World {
  const names = Array.from({ length: drones }, (_, index) => `drn_${index + 1}`)
  const crafts = Object.fromEntries(names.map((name, index) => [name, newCraft(name, rates.drones[index] ?? 1)]))
  const airspace = { ...base, name: 'one', rangeM: 8_000, payloadGMax: droneModel.payloadGMax, paused: false }
  const docs: Docs = {
    'base/bas_1': { kind: 'base', version: 1, state: airspace },
    ...Object.fromEntries(
      Object.values(crafts).map(({ drone: { memory } }) => [
        `drone/${memory.droneId}`,
        { kind: 'drone' as const, version: 1, state: enrolled({ ...memory, ...base, ...registered }) },
      ]),
    ),
  }
  return { realMs: 0, serverRate: rates.server, docs, open: [], seen: {}, logs: {}, crafts, letGo: [], said: {} }
}
const registered = { name: 'x', hostId: 'host-x' as never, keyVersion: 1, enrolledAtMs: UnixMs.parse(0) }

const worldNow = (world: World) => craftSteps.worldMsAt(world.realMs)
const log = silentLog()
const bytes = new WeakMap<Message, Buffer>()

/** `world` after `step`. Throws `Broken` where a parcel was let go of without right. */
export async function apply(world: World, step: Step): Promise<World> {
  switch (step.do) {
    case 'take':
      return take(world, step.log)
    case 'dispatch':
      return dispatch(world, step.orderId)
    case 'look-at-permits':
      return lookAtPermits(world)
    case 'close': {
      const { flights } = service(world)
      const cause = { correlationId: 'c', causationId: 'http' }
      const closure = { note: 'nobody knows', by: 'op' }
      const work = open(world.docs, 'close', (tx) => flights.close(OrderId.parse(step.orderId), closure, cause, tx))
      return opened(world, await work)
    }
    case 'commit':
      return committed(world, step.index)
    case 'give-up':
      return { ...world, open: world.open.toSpliced(step.index, 1) }
    case 'crash-server':
      return { ...world, open: [], seen: {} }
    case 'copy': {
      const copied = world.logs[step.log]?.[step.index]
      return copied === undefined ? world : appended(world, step.log, copied)
    }
    case 'send':
      return send(world, step)
    case 'pass':
      return { ...world, realMs: world.realMs + step.ms }
    case 'place': {
      const orderId = OrderId.parse(step.orderId)
      const order = { orderId, customerId: 'cus_1', dropOff: dropOffOf(orderId), parcel: { weightG: 500 } }
      return say(world, topics.orders.name, orderId, 'order.accepted', { ...order, placedAtMs: worldNow(world) })
    }
    case 'cancel':
      return say(world, topics.orders.name, step.orderId, 'order.cancel-requested', { orderId: step.orderId })
    case 'state': {
      const { orderId, came } = step
      return say(world, topics.orders.name, orderId, 'order.receipt-stated', { orderId, came })
    }
    case 'health': {
      const { droneId, to } = step
      const evidence = { rule: 'any', readings: {}, thresholds: {} }
      const data = { droneId, from: 'healthy', to, evidence, changedAtMs: worldNow(world) }
      return say(world, topics.droneHealth.name, droneId, 'health.changed', data)
    }
    default:
      return moved(world, step)
  }
}

type CraftStep = Extract<
  Step,
  { droneId: string; do: 'hear' | 'miss' | 'tick' | 'act' | 'crash' | 'wake' | 'wreck' | 'drain' | 'fly' }
>

function moved(world: World, step: CraftStep): World {
  const craft = craftOf(world, step.droneId)
  const { realMs } = world
  const put = (next: Craft): World => ({ ...world, crafts: { ...world.crafts, [step.droneId]: next } })
  switch (step.do) {
    case 'hear': {
      const message = world.logs[`${topics.itineraries.name}/${step.droneId}`]?.[craft.given]
      return message === undefined ? world : put(craftSteps.hear(craft, message, realMs))
    }
    case 'miss':
      return put({ ...craft, given: craft.given + 1 })
    case 'tick':
      return put(craftSteps.tick(craft, realMs) ?? craft)
    case 'act': {
      const done = act(craft, realMs)
      if (done.letGo !== null) demandRight(world, done.letGo)
      const after = put(done.craft)
      return done.letGo === null ? after : { ...after, letGo: [...world.letGo, done.letGo] }
    }
    case 'fly':
      return put(craftSteps.fly(craft, step.share) ?? craft)
    case 'crash':
      return put(craftSteps.goDark(craft))
    case 'wake':
      return put(craftSteps.wake(craft, realMs))
    case 'wreck':
      return put({ ...craftSteps.goDark(craft), wrecked: true })
    case 'drain':
      return put(craftSteps.drained(craft))
  }
}

/** The heart of promise 2: whoever lets go holds the permit that stands in the order's one document. */
function demandRight(world: World, letGo: LetGo): void {
  const before = world.letGo.find(({ orderId }) => orderId === letGo.orderId)
  if (before) throw new Broken(`${letGo.orderId} is handed over twice: by ${before.droneId}, and by ${letGo.droneId}`)
  const delivery = deliveryOf(world.docs, letGo.orderId)
  const held = delivery.status === 'assigned' || delivery.status === 'undecided' ? delivery : null
  if (held?.flight.epoch !== letGo.epoch || held.permit?.permitRequestId !== letGo.permitRequestId) {
    const state = delivery.status === 'ended' ? `${delivery.status}, ${delivery.how}` : delivery.status
    throw new Broken(`${letGo.orderId} is handed over under epoch ${letGo.epoch} although it is ${state}`)
  }
}

function craftOf(world: World, droneId: string): Craft {
  const craft = world.crafts[droneId]
  if (craft === undefined) throw new RangeError(`${droneId} is not in this world`)
  return craft
}

const appended = (world: World, name: string, message: Message): World => ({
  ...world,
  logs: { ...world.logs, [name]: [...(world.logs[name] ?? []), message] },
})

function say(world: World, topic: string, key: string, type: string, data: object): World {
  const seq = (world.said[`${topic}/${key}`] ?? 0) + 1
  const id = `msg_${topic.replace('.', '')}${key.replace('_', '')}n${seq}`
  const envelope = { id, type, version: 1, at: worldNow(world), key, seq, correlationId: 'c', causationId: 'http' }
  const said = { ...world, said: { ...world.said, [`${topic}/${key}`]: seq } }
  return appended(said, `${topic}/${key}`, { ...envelope, data, topic } as Message)
}

function send(world: World, { droneId, heard }: Extract<Step, { do: 'send' }>): World {
  const craft = craftOf(world, droneId)
  const report = craftSteps.pendingReport(craft)
  if (report === undefined) return world
  const sent = appended(world, `${topics.droneReports.name}/${droneId}`, { ...report, topic: topics.droneReports.name })
  return heard ? { ...sent, crafts: { ...world.crafts, [droneId]: accepted(craft, report.seq) } } : sent
}

const opened = (world: World, transaction: OpenTransaction): World => ({ ...world, open: [...world.open, transaction] })

/** The service over the documents of this moment. */
function service(world: World) {
  const store = storeOn(world.docs)
  const now = () => worldNow(world)
  const flights = createFlights({
    store,
    worldNow: now,
    permitMs: droneModel.permitMs,
    requestMsMax: droneModel.permitRequestMsMax,
    log,
  })
  const authenticator = {
    judge: async ({ key, value }: { key: Buffer | null; value: Buffer | null }) =>
      ({ ok: true, drone: {}, key: key?.toString() ?? '', value: value ?? Buffer.alloc(0) }) as never,
  }
  const heard = subscriptions({ flights, store, authenticator, worldNow: now, ageMs: () => 0 })
  return { flights, heardOf: (topic: string): Subscription | undefined => heard.find((one) => one.topic === topic) }
}

/** One record of one key, as the partition's consumer takes it: effect, last `seq` and offset in one transaction. */
async function take(world: World, name: string): Promise<World> {
  const offset = countOf(world.docs, `offset/${name}`)
  const message = world.logs[name]?.[offset]
  if (message === undefined) return world
  const { topic } = message
  const value = bytes.get(message) ?? Buffer.from(JSON.stringify(message))
  bytes.set(message, value)
  const id = { topic, partition: 0 }
  const record = { ...id, offset, appendedAtMs: 0, key: Buffer.from(message.key), value, headers: {} }
  const transaction = await open(world.docs, `take ${name}`, async (tx) => {
    const batch = { ...id, records: [record], from: offset, to: offset + 1 }
    await service(world).heardOf(topic)?.handle(batch, { group: 'itinerary', seqs: lastSeqs, tx, log })
    setCount(tx, `offset/${name}`, offset + 1)
  })
  return opened(world, transaction)
}

async function dispatch(world: World, orderId: string): Promise<World> {
  const transactions: OpenTransaction[] = []
  const delivery = deliveryOf(world.docs, orderId)
  const epoch = delivery.status === 'waiting' ? delivery.flights + 1 : 0
  await dispatchRound({
    db: databaseOn(world.docs, `dispatch ${orderId}`, (one) => transactions.push(one)),
    store: storeOn(world.docs, orderId),
    flights: service(world).flights,
    worldNow: () => worldNow(world),
    newItineraryId: () => ItineraryId.parse(`itn_${orderId.slice(4)}e${epoch}`),
    waitMsMax,
  })
  return transactions.reduce(opened, world)
}

async function lookAtPermits(world: World): Promise<World> {
  const running = runningPermits(world.docs)
  let nowMs = 0
  const clock = createPermitClock({ permitMs: droneModel.permitMs, elapsedMs: () => nowMs })
  // The production clock, brought to where it was: it knows each permit since it first saw it.
  const seen = { ...world.seen }
  const serverMs = world.realMs * world.serverRate
  for (const { permitRequestId } of running) seen[permitRequestId] ??= serverMs
  const known = running.toSorted((a, b) => (seen[a.permitRequestId] ?? 0) - (seen[b.permitRequestId] ?? 0))
  for (const [index, { permitRequestId }] of known.entries()) {
    nowMs = seen[permitRequestId] ?? 0
    clock.over(known.slice(0, index + 1))
  }
  nowMs = serverMs
  const kept = Object.fromEntries(known.map(({ permitRequestId: id }) => [id, seen[id] ?? serverMs]))
  let after: World = { ...world, seen: kept }
  for (const { orderId, permitRequestId } of clock.over(known)) {
    const cause = { correlationId: 'c', causationId: 'permit-clock' }
    const command = { type: 'run-permit-out' as const, permitRequestId }
    const { flights } = service(world)
    const run = open(world.docs, `run out ${orderId}`, (tx) =>
      flights.handle(OrderId.parse(orderId), command, cause, tx),
    )
    after = opened(after, await run)
  }
  return after
}

/** Commits, or gives up where another transaction was first; the relay publishes what was committed. */
function committed(world: World, index: number): World {
  const transaction = world.open[index]
  if (transaction === undefined) return world
  const open = world.open.toSpliced(index, 1)
  const docs = commit(world.docs, transaction)
  if (docs === null) return { ...world, open }
  const after: World = { ...world, docs, open }
  return transaction.messages.reduce((next, one) => appended(next, `${one.topic}/${one.key}`, one), after)
}

/** What can happen next without anything failing: the work that is there to be done. */
export function work(world: World): Step[] {
  const steps: Step[] = world.open.map((_, index) => ({ do: 'commit', index }))
  const underWay = new Set(world.open.map(({ name }) => name))
  for (const [name, messages] of Object.entries(world.logs)) {
    if (!taken.has(messages[0]?.topic ?? '') || countOf(world.docs, `offset/${name}`) >= messages.length) continue
    if (!underWay.has(`take ${name}`)) steps.push({ do: 'take', log: name })
  }
  for (const doc of Object.values(world.docs)) {
    if (doc.kind !== 'delivery' || doc.state.status !== 'waiting') continue
    const { orderId } = doc.state
    if (!underWay.has(`dispatch ${orderId}`)) steps.push({ do: 'dispatch', orderId })
  }
  for (const [droneId, craft] of Object.entries(world.crafts)) steps.push(...craftWork(world, droneId, craft))
  return steps
}

function craftWork(world: World, droneId: string, craft: Craft): Step[] {
  if (craft.wrecked) return []
  const steps: Step[] = []
  if (craftSteps.pendingReport(craft)) steps.push({ do: 'send', droneId, heard: true })
  if (craft.drone.computer === null) return [...steps, { do: 'wake', droneId }]
  if (craft.acts.length > 0) steps.push({ do: 'act', droneId })
  if (craft.given < (world.logs[`${topics.itineraries.name}/${droneId}`]?.length ?? 0))
    steps.push({ do: 'hear', droneId })
  if (craftSteps.fly(craft, 'whole') !== null) steps.push({ do: 'fly', droneId, share: 'whole' })
  if (craftSteps.tick(craft, world.realMs) !== null) steps.push({ do: 'tick', droneId })
  return steps
}
