/** Promise 1: every acknowledged order is handed over once at its drop point, or has a stated reason. */
import type { OrderId } from '@fleet/contracts/ids'
import type { OrderStatus } from '@fleet/contracts/rest'
import { topics } from '@fleet/contracts/topics'
import type { Place } from '@fleet/contracts/units'
import type { LedgerEntry } from '@fleet/drone-sim/ledger'
import { distanceM } from '@fleet/geo/distance'
import type { Evidence, StoredOrder } from './evidence.ts'
import { type Findings, nothingFound } from './findings.ts'
import { type History, isAcknowledged, type OrderLog } from './history.ts'

/** How far from its drop point a parcel may be let go. */
export const offMMax = 2

/** Where an order rests once all is quiet. `undecided` waits for a person: its drone woke and does not know. */
const resting: ReadonlySet<OrderStatus> = new Set(['closed', 'cancelled', 'failed', 'undecided'])

const placeName = ({ lat, lon }: Place) => `${lat},${lon}`

export function judgeOrders({ orders }: History, evidence: Evidence): Findings {
  const found = nothingFound()
  const stored = new Map(evidence.orders.map((order) => [order.orderId, order]))
  const accepted = new Set(
    evidence.messages
      .filter(({ topic, type }) => topic === topics.orders.name && type === 'order.accepted')
      .map(({ key }) => key),
  )
  const handOvers = Map.groupBy(
    evidence.ledger.filter(({ event }) => event === 'handed-over'),
    ({ orderId }) => orderId,
  )

  const logged = new Map(orders.flatMap((log) => (log.orderId === null ? [] : [[log.orderId, log] as const])))
  /** Asked for, and nobody knows whether it was heard: the drop point tells which order it would be. */
  const perhaps = new Map(orders.filter((log) => !isAcknowledged(log)).map((log) => [placeName(log.dropOff), log]))

  for (const log of logged.values()) {
    const { orderId } = log
    if (orderId === null) continue
    const order = stored.get(orderId)
    if (order === undefined) {
      found.lost.push({ subject: orderId, what: 'was acknowledged, and the database does not have it' })
      continue
    }
    if (!accepted.has(orderId)) {
      found.lost.push({ subject: orderId, what: 'was acknowledged, and no order.accepted stands in the topic' })
    }
    judgeTold(log, order, found)
  }
  for (const order of evidence.orders) {
    const log = logged.get(order.orderId) ?? perhaps.get(placeName(order.dropOff))
    if (log === undefined) found.unexpected.push({ subject: order.orderId, what: 'nobody placed it' })
    judgeOrder(order, log, handOvers.get(order.orderId) ?? [], found)
    const isRefused = log?.attempts.every(({ answer }) => answer === 'refused') ?? false
    if (isRefused) found.unexpected.push({ subject: order.orderId, what: 'was refused, and is there' })
  }
  for (const [orderId, entries] of handOvers) {
    if (stored.has(orderId)) continue
    found.unexpected.push({
      subject: orderId,
      what: `handed over ${entries.length} times, and no such order is stored`,
    })
  }
  for (const key of accepted) {
    if (![...stored.keys()].some((orderId) => orderId === key)) {
      found.unexpected.push({
        subject: key,
        what: 'order.accepted stands in the topic, and the database has no such order',
      })
    }
  }
  return found
}

function judgeOrder(order: StoredOrder, log: OrderLog | undefined, handOvers: readonly LedgerEntry[], found: Findings) {
  const { orderId: subject, status, dropOff, handedOverAt } = order
  if (log !== undefined && placeName(log.dropOff) !== placeName(dropOff)) {
    found.unexpected.push({ subject, what: `is stored with another drop point (${placeName(dropOff)})` })
  }
  if (handOvers.length > 1) {
    const who = handOvers.map(({ droneId, epoch }) => `${droneId} under epoch ${epoch}`).join(', ')
    found.doubled.push({ subject, what: `handed over ${handOvers.length} times: ${who}` })
  }
  for (const { lat, lon } of handOvers) {
    const awayM = distanceM({ lat, lon }, dropOff)
    if (awayM > offMMax)
      found.unexpected.push({ subject, what: `handed over ${awayM.toFixed(1)} m from its drop point` })
  }
  if (!resting.has(status)) {
    found.lost.push({ subject, what: `stands still as ${status} after the quiet` })
    return
  }
  const [only] = handOvers
  if (status === 'closed') {
    if (only === undefined) found.lost.push({ subject, what: 'is closed, and no parcel was handed over' })
    else if (handedOverAt !== null && distanceM(handedOverAt, only) > offMMax) {
      found.unexpected.push({ subject, what: 'the customer was told another place than that of the hand-over' })
    }
  }
  if (status === 'cancelled') {
    if (log !== undefined && !log.cancelAsked)
      found.unexpected.push({ subject, what: 'is cancelled, and nobody asked' })
    if (only !== undefined) found.unexpected.push({ subject, what: 'is cancelled, and was handed over' })
  }
  if (status === 'failed') {
    if (order.failedBecause === null) found.lost.push({ subject, what: 'failed, and no reason is stated' })
    if (only !== undefined)
      found.unexpected.push({ subject, what: `failed (${order.failedBecause}), and was handed over` })
  }
}

/** What a customer was told for good stays true. */
const forGood: ReadonlySet<OrderStatus> = new Set(['delivered', 'closed', 'cancelled', 'failed'])

function judgeTold(log: OrderLog, order: StoredOrder, found: Findings) {
  for (const { status } of log.told) {
    if (!forGood.has(status)) continue
    const holds = status === order.status || (status === 'delivered' && order.status === 'closed')
    if (holds) continue
    found.unexpected.push({
      subject: order.orderId,
      what: `the customer was told ${status}, and it is ${order.status}`,
    })
  }
}

/** Orders that ended with a hand-over, and those whose ending states why there was none. */
export const endings = (orders: Evidence['orders'], ids: ReadonlySet<OrderId>) => ({
  closed: orders.filter(({ orderId, status }) => ids.has(orderId) && status === 'closed').length,
  stated: orders.filter(({ orderId, status }) => ids.has(orderId) && status !== 'closed' && resting.has(status)).length,
})
