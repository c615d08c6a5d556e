/** Commands onto documents: load what a decision needs, decide, save all that it relied on, in one transaction. */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { OrderId } from '@fleet/contracts/ids'
import type { Refusal } from '@fleet/contracts/problems'
import type { UnixMs } from '@fleet/contracts/units'
import type { Tx } from '@fleet/messaging/database'
import type { Logger } from 'pino'
import { Counter } from 'prom-client'
import { type DeliveryCommand, decide, whyNotClose } from './decide.ts'
import { afterReport, type Drone, isGrounded } from './drone.ts'
import type { Cause, ItineraryStore } from './store.ts'

const decisions = new Counter({
  name: 'delivery_events_total',
  help: 'What was decided about deliveries, by event. Given-up flights and late reports rise when drones fail.',
  labelNames: ['type'],
})

const late = new Counter({
  name: 'permit_requests_late_total',
  help: 'Requests for permits that were read too late to be answered. A rise means that reports are read too slowly, or that our clock is ahead of that of the brokers.',
})

type ReportCommand = Extract<DeliveryCommand, { report: unknown }>

/** The command that a report is to its order's delivery, and which order that is; null where it is none. */
function commandOf(
  report: DroneReport,
  drone: Drone,
  { atMs, permitMs }: { atMs: UnixMs; permitMs: number },
): { orderId: OrderId; command: ReportCommand } | null {
  switch (report.type) {
    case 'permit.requested': {
      const known = { boot: drone.heard?.boot ?? null, grounded: isGrounded(drone), revoked: drone.revoked, permitMs }
      return { orderId: report.data.orderId, command: { type: report.type, report: report.data, drone: known, atMs } }
    }
    case 'itinerary.refused':
      return { orderId: report.data.orderId, command: { type: report.type, report: report.data, atMs } }
    case 'leg.started':
      return { orderId: report.data.orderId, command: { type: report.type, report: report.data, atMs } }
    case 'parcel.handed-over':
      return { orderId: report.data.orderId, command: { type: report.type, report: report.data, atMs } }
    case 'parcel.kept':
      return { orderId: report.data.orderId, command: { type: report.type, report: report.data, atMs } }
    case 'parcel.unknown':
      return { orderId: report.data.orderId, command: { type: report.type, report: report.data, atMs } }
    case 'landed': {
      const orderId = report.data.itinerary?.orderId
      return orderId === undefined ? null : { orderId, command: { type: report.type, report: report.data, atMs } }
    }
    case 'itinerary.accepted':
    case 'command.acknowledged':
    case 'command.finished':
    case 'booted':
      return null
  }
}

export type Flights = {
  /** Runs `command` on the order's delivery. */
  handle(orderId: OrderId, command: DeliveryCommand, cause: Omit<Cause, 'at'>, tx: Tx): Promise<void>
  /** An operator's decision on an undecided delivery: it failed. Refused while its permit may run, and in any other state. */
  close(
    orderId: OrderId,
    closure: { note: string; by: string },
    cause: Omit<Cause, 'at'>,
    tx: Tx,
  ): Promise<{ ok: true } | { ok: false; refusal: Refusal }>
  /**
   * Takes a drone's report: what it says of the drone, and of the order that it flies. `ageMs`: world milliseconds since the broker
   * had it. A request for a permit that is older than `requestMsMax` counts as lost: the drone asks anew before an answer reaches
   * it, and to answer such requests first and late is how a queue of them never ends.
   */
  takeReport(report: DroneReport, tx: Tx, about: { ageMs: number }): Promise<void>
}

/** `permitMs`: how long a hand-over permit runs; `requestMsMax`: up to what age a request for one is answered. World milliseconds. */
export function createFlights({
  store,
  worldNow,
  permitMs,
  requestMsMax,
  log,
}: {
  store: ItineraryStore
  worldNow: () => UnixMs
  permitMs: number
  requestMsMax: number
  log: Logger
}): Flights {
  const handle: Flights['handle'] = async (orderId, command, cause, tx) => {
    const loaded = await store.loadDelivery(orderId, tx)
    const events = decide(loaded.state, command)
    const correlationId = loaded.correlationId === '' ? cause.correlationId : loaded.correlationId
    await store.saveDelivery(orderId, loaded, events, { ...cause, correlationId, at: worldNow() }, tx)
    tx.afterCommit(() => {
      for (const event of events) {
        decisions.inc({ type: event.type })
        const entry = { orderId, correlationId, event: event.type, ...event.data }
        if (event.type === 'report.came-late') log.warn(entry, 'a report came after its flight was over')
        else log.info(entry, 'delivery moved on')
      }
    })
  }

  return {
    handle,
    close: async (orderId, { note, by }, cause, tx) => {
      const { state } = await store.loadDelivery(orderId, tx)
      if (state.status === 'none')
        return { ok: false, refusal: { code: 'order.unknown', field: 'orderId', value: orderId } }
      const refusal = whyNotClose(state)
      if (refusal !== null) return { ok: false, refusal }
      await handle(orderId, { type: 'close-by-operator', note, atMs: worldNow() }, cause, tx)
      tx.afterCommit(() => log.warn({ orderId, by, note }, 'undecided delivery closed by an operator'))
      return { ok: true }
    },
    takeReport: async (report, tx, { ageMs }) => {
      if (report.type === 'permit.requested' && ageMs > requestMsMax) {
        const { droneId, orderId } = report.data
        return tx.afterCommit(() => {
          late.inc()
          log.warn({ droneId, orderId, ageMs: Math.round(ageMs) }, 'request for a permit was read too late')
        })
      }
      const atMs = worldNow()
      const loaded = await store.loadDrone(report.data.droneId, tx)
      if (loaded === null) {
        log.warn({ droneId: report.data.droneId, type: report.type }, 'report of a drone that is not enrolled yet')
        throw new Error(`drone ${report.data.droneId} is in the registry, but its enrolment was not taken yet`)
      }
      const due = commandOf(report, loaded.state, { atMs, permitMs })
      if (due !== null) {
        const cause = { correlationId: report.correlationId, causationId: report.id }
        await store.noteReport(due.orderId, report, atMs, tx)
        await handle(due.orderId, due.command, cause, tx)
      }
      const after = afterReport(loaded.state, report, atMs)
      // Where an order depends on it, it is written also unchanged.
      if (due !== null || after !== loaded.state) await store.saveDrone(after, loaded.version, tx)
    },
  }
}
