/** What a scenario plays on: a running stack, a customer at its gateway, its parts to break, and the physical world to compare with. */
import { join } from 'node:path'
import type { OrderId } from '@fleet/contracts/ids'
import { type LedgerEntry, readLedger } from '@fleet/drone-sim/ledger'
import { readStackInfo, type StackInfo } from '@fleet/local/stack-info'
import { waitUntil } from '@fleet/local/wait'
import { type Customer, createCustomer } from './customer.ts'

export type Stage = {
  /** As stack.json has it now: pids change when parts are started again. */
  info(): StackInfo
  customer: Customer
  /** The gateway's answer to a GET by an operator, problem documents included. */
  get(path: string): Promise<{ status: number; body: unknown }>
  /** Sends a signal to a part of the stack, by its name in stack.json. */
  signal(part: string, signal: NodeJS.Signals): void
  /** Lets go on what was stopped and never resumed: a scenario that fails leaves no part standing still. */
  heal(): void
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

/** A stage over the stack whose stack.json lies in `folder`. `left` ends every wait. */
export function createStage(folder: string, left: AbortSignal): Stage {
  const info = () => readStackInfo(folder)
  const { gateway, devKey, world, folders } = info()
  if (gateway === undefined) throw new Error('The stack has no gateway.')
  const stopped = new Map<string, number>()
  const headers = { authorization: `Bearer ${devKey}` }
  const until: Stage['until'] = (what, worldS, condition) =>
    waitUntil(what, condition, { timeoutMs: (worldS * 1_000) / world.speed + slackMs, everyMs: 200, signal: left })

  return {
    info,
    until,
    customer: createCustomer({ gateway, devKey, until, stopped: left }),
    get: async (path) => {
      const response = await fetch(`${gateway}${path}`, { headers, signal: AbortSignal.timeout(requestMsMax) })
      return { status: response.status, body: await response.json() }
    },
    signal: (part, signal) => {
      const found = info().parts[part]
      if (found === undefined) throw new Error(`The stack has no part named ${part}.`)
      process.kill(found.pid, signal)
      if (signal === 'SIGSTOP') stopped.set(part, found.pid)
      else stopped.delete(part)
    },
    heal: () => {
      for (const [part, pid] of stopped) if (info().parts[part]?.pid === pid) process.kill(pid, 'SIGCONT')
      stopped.clear()
    },
    ledgerOf: (orderId) =>
      readLedger(join(folders.droneStore, 'ledger.jsonl')).filter((entry) => entry.orderId === orderId),
  }
}
