/**
 * What a campaign wrote down of itself while it ran: what customers and operators asked and were told, and what was broken when.
 * The customers' half is their own log: nothing in it comes from a service's database. Times are real milliseconds since the
 * campaign began.
 */
import type { CommandKind } from '@fleet/contracts/drone-commands'
import type { CommandId, DroneId, OrderId } from '@fleet/contracts/ids'
import type { CommandStatus, OrderStatus } from '@fleet/contracts/rest'
import type { Place } from '@fleet/contracts/units'

/**
 * `acknowledged`: it has happened. `refused`: it has not, and why not was said. `unavailable`: an error of the server's,
 * `unheard`: no answer came; of both nobody knows whether it has happened.
 */
export type Answer = 'acknowledged' | 'refused' | 'unavailable' | 'unheard'

export type Attempt = {
  sentAtMs: number
  answeredAtMs: number
  answer: Answer
  /** Of the HTTP answer, and the code of its problem document. */
  status: number | null
  code: string | null
}

/** One order that a customer meant to place, with one idempotency key, however often it asked. */
export type OrderLog = {
  key: string
  dropOff: Place
  weightG: number
  attempts: Attempt[]
  /** Once it was acknowledged. */
  orderId: OrderId | null
  cancelAsked: boolean
  /** What a look at the order said, where it was something new. */
  told: { atMs: number; status: OrderStatus }[]
}

export type CommandLog = {
  key: string
  droneId: DroneId
  kind: CommandKind
  ttlMs: number
  attempts: Attempt[]
  commandId: CommandId | null
  told: { atMs: number; status: CommandStatus }[]
}

/** A fault as it was made. `toMs`: when it was over, as far as we end it. */
export type FaultLog = { kind: string; target: string; fromMs: number; toMs: number | null; failed: string | null }

export type History = {
  seed: number
  seconds: number
  orders: OrderLog[]
  commands: CommandLog[]
  /** Repetitions of an acknowledged order, twice a second: whether orders can be placed now, without a flight for each look. */
  probes: Attempt[]
  faults: FaultLog[]
}

export const emptyHistory = (seed: number, seconds: number): History => ({
  seed,
  seconds,
  orders: [],
  commands: [],
  probes: [],
  faults: [],
})

/** Whether one of the attempts was told that it has happened. */
export const isAcknowledged = ({ attempts }: { attempts: readonly Attempt[] }): boolean =>
  attempts.some(({ answer }) => answer === 'acknowledged')
