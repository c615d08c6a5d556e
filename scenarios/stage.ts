/** What a scenario plays on: a running stack, a customer at its gateway, its parts to break, and the physical world to compare with. */
import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { basename, join } from 'node:path'
import type { OrderId } from '@fleet/contracts/ids'
import type { UnixMs } from '@fleet/contracts/units'
import type { FaultOrder } from '@fleet/drone-sim/faults'
import { type LedgerEntry, readLedger } from '@fleet/drone-sim/ledger'
import {
  cutOff,
  type Fault,
  inContainers,
  isHealthy,
  networksOf,
  signalPart,
  startPart,
  withDroneStores,
} from '@fleet/local/part-control'
import { createBearer } from '@fleet/local/sign-in'
import { readStackInfo, type StackInfo } from '@fleet/local/stack-info'
import { waitUntil } from '@fleet/local/wait'
import { type Clock, createClock } from '@fleet/runtime/clock'
import { type Customer, createCustomer } from './customer.ts'
import { countDrones, inflict, setWeather } from './simulators.ts'

export type Stage = {
  /** As stack.json has it now: pids change when parts are started again. */
  info(): StackInfo
  customer: Customer
  /** The gateway's answer to a GET by an operator, problem documents included. */
  get(path: string): Promise<{ status: number; body: unknown }>
  /** The gateway's answer to an operator's POST, under a fresh Idempotency-Key. */
  post(path: string, body?: unknown): Promise<{ status: number; body: unknown }>
  clock: Pick<Clock, 'worldNow'>
  /** How many simulated drones the stack has. */
  drones(): Promise<number>
  /** Gives a simulated drone a fault until it is over or `heal`; gives the world time of that. */
  inflict(order: FaultOrder): Promise<UnixMs>
  /** Wind and lost positions for all drones, until `heal`. */
  setWeather(weather: { windMps: number; lossShare: number }): Promise<void>
  /** Sends a signal to a part of the stack, by its name in stack.json. */
  signal(part: string, signal: Fault): void
  /** Whether the parts are containers, so that the acts below are possible. */
  inContainers(): boolean
  /** Takes a part off its networks until `heal`, or until the returned function is called. */
  cutOff(part: string): () => void
  /** The networks that a part is on. */
  networksOf(part: string): string[]
  /** Starts a container that was killed. */
  start(part: string): void
  /** Whether a container's own health check passes. */
  isHealthy(part: string): boolean
  /** Mends what was broken and never mended: a scenario that fails leaves no part standing still or cut off. */
  heal(): Promise<void>
  /** What happened to the order's parcels, as the simulator wrote it down: no service reads that. */
  ledgerOf(orderId: OrderId): LedgerEntry[]
  /**
   * Waits until `condition` gives something other than `undefined` or `false`, for `worldS` seconds of world time
   * and a minute of real time for a slow machine.
   */
  until<T>(what: string, worldS: number, condition: () => Promise<T | undefined | false>): Promise<T>
}

const requestMsMax = 15_000
const slackMs = 60_000
const LEDGER = 'ledger.jsonl'

/** A stage over the stack whose stack.json lies in `folder`. `left` ends every wait. */
export function createStage(folder: string, left: AbortSignal): Stage {
  const info = () => readStackInfo(folder)
  const { gateway, accounts, world } = info()
  if (gateway === undefined || accounts === undefined) throw new Error('The stack has no gateway.')
  const stopped = new Map<string, string>()
  const cuts = new Set<() => void>()
  /** Containers that nobody starts again but we. */
  const killed = new Set<string>()
  const defective = new Set<FaultOrder['droneId']>()
  let fairWeather = true
  /** A part that was started again is another one. */
  const identity = (part: string) => JSON.stringify(info().parts[part])
  const nowMs = () => performance.now()
  const clock = createClock(world)
  const asCustomer = createBearer(gateway, accounts.customer, nowMs)
  const asOperator = createBearer(gateway, accounts.operator, nowMs)
  const ask: (method: string, path: string, sent?: RequestInit) => ReturnType<Stage['get']> = async (
    method,
    path,
    sent = {},
  ) => {
    const headers = { authorization: await asOperator(), ...sent.headers }
    const signal = AbortSignal.timeout(requestMsMax)
    const response = await fetch(`${gateway}${path}`, { ...sent, method, headers, signal })
    return { status: response.status, body: await response.json() }
  }
  const until: Stage['until'] = (what, worldS, condition) =>
    waitUntil(what, condition, { timeoutMs: (worldS * 1_000) / world.speed + slackMs, everyMs: 200, signal: left })

  return {
    info,
    until,
    customer: createCustomer({ gateway, bearer: asCustomer, until, stopped: left }),
    get: (path) => ask('GET', path),
    post: (path, body) => {
      const headers = { 'content-type': 'application/json', 'idempotency-key': `scenario-${randomUUID()}` }
      return ask('POST', path, { headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) })
    },
    clock,
    drones: () => countDrones(info()),
    inflict: async (order) => {
      if (order.fault === 'none') defective.delete(order.droneId)
      else defective.add(order.droneId)
      await inflict(info(), order)
      return clock.worldNow()
    },
    setWeather: async (weather) => {
      fairWeather = weather.windMps === 0 && weather.lossShare === 0
      await setWeather(info(), weather)
    },
    signal: (part, signal) => {
      signalPart(info(), part, signal)
      if (signal === 'SIGSTOP') stopped.set(part, identity(part))
      else stopped.delete(part)
      if (signal === 'SIGKILL' && inContainers(info())) killed.add(part)
    },
    inContainers: () => inContainers(info()),
    cutOff: (part) => {
      const mend = cutOff(info(), part)
      const mendOnce = () => {
        if (cuts.delete(mendOnce)) mend()
      }
      cuts.add(mendOnce)
      return mendOnce
    },
    networksOf: (part) => networksOf(info(), part),
    start: (part) => {
      startPart(info(), part)
      killed.delete(part)
    },
    isHealthy: (part) => isHealthy(info(), part),
    heal: async () => {
      for (const mend of cuts) mend()
      for (const part of killed) startPart(info(), part)
      killed.clear()
      for (const [part, before] of stopped) if (identity(part) === before) signalPart(info(), part, 'SIGCONT')
      stopped.clear()
      if (!fairWeather) await setWeather(info(), { windMps: 0, lossShare: 0 })
      fairWeather = true
      for (const droneId of defective) await inflict(info(), { droneId, fault: 'none' })
      defective.clear()
    },
    ledgerOf: (orderId) => withDroneStores(info(), readLedgers).filter((entry) => entry.orderId === orderId),
  }
}

/** Of a folder that is a host's store, or that holds one for each host. */
function readLedgers(folder: string): LedgerEntry[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => basename(file) === LEDGER)
  return files.flatMap((file) => readLedger(join(folder, file)))
}
