/** What the itinerary service hears. */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { topics } from '@fleet/contracts/topics'
import type { UnixMs } from '@fleet/contracts/units'
import { droneSubscription, type Handler, ignore, type Subscription, subscription } from '@fleet/messaging/consumer'
import type { Tx } from '@fleet/messaging/database'
import type { DroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { type Drone, enrolled, isGrounded } from './drone.ts'
import type { Flights } from './flights.ts'
import type { ItineraryStore } from './store.ts'

/** The subscriptions of group `itinerary`; this service writes the dead letters of `drone.reports`. */
export function subscriptions({
  flights,
  store,
  authenticator,
  worldNow,
  ageMs,
}: {
  flights: Flights
  store: ItineraryStore
  authenticator: DroneAuthenticator
  worldNow: () => UnixMs
  /** World milliseconds since a moment of the brokers' real time. */
  ageMs: (appendedAtMs: number) => number
}): Subscription[] {
  const causeOf = (message: { correlationId: string; id: string }) => ({
    correlationId: message.correlationId,
    causationId: message.id,
  })
  const takeReport: Handler<DroneReport> = (report, tx, { appendedAtMs }) =>
    flights.takeReport(report, tx, { ageMs: ageMs(appendedAtMs) })

  const changeDrone = async (droneId: Drone['droneId'], change: (drone: Drone) => Drone, tx: Tx) => {
    const loaded = await store.loadDrone(droneId, tx)
    if (loaded === null) throw new Error(`drone ${droneId} is not enrolled`)
    const after = change(loaded.state)
    await store.saveDrone(after, loaded.version, tx)
    return after
  }
  const loseDrone = async (
    drone: Drone,
    reason: 'drone-silent' | 'drone-grounded' | 'drone-revoked',
    message: { correlationId: string; id: string },
    tx: Tx,
  ) => {
    if (drone.assignment === null) return
    const { orderId } = drone.assignment
    await flights.handle(
      orderId,
      { type: 'lose-drone', droneId: drone.droneId, reason, atMs: worldNow() },
      causeOf(message),
      tx,
    )
  }

  return [
    subscription(topics.orders, {
      'order.accepted': async (message, tx) => {
        const { orderId, dropOff, parcel, placedAtMs } = message.data
        await flights.handle(
          orderId,
          { type: 'open', orderId, dropOff, parcel, placedAtMs, atMs: worldNow() },
          causeOf(message),
          tx,
        )
      },
      'order.cancel-requested': (message, tx) =>
        flights.handle(message.data.orderId, { type: 'cancel', atMs: worldNow() }, causeOf(message), tx),
      'order.receipt-stated': (message, tx) =>
        flights.handle(
          message.data.orderId,
          { type: 'state-receipt', came: message.data.came, atMs: worldNow() },
          causeOf(message),
          tx,
        ),
    }),
    subscription(topics.droneRegistry, {
      'drone.enrolled': async (message, tx) => {
        const loaded = await store.loadDrone(message.data.droneId, tx)
        if (loaded === null) await store.saveDrone(enrolled(message.data), null, tx)
      },
      'drone.revoked': async (message, tx) => {
        const loaded = await store.loadDrone(message.data.droneId, tx)
        const drone = { ...(loaded?.state ?? enrolled(message.data)), revoked: true }
        await store.saveDrone(drone, loaded?.version ?? null, tx)
        await loseDrone(drone, 'drone-revoked', message, tx)
      },
    }),
    subscription(topics.droneHealth, {
      'health.changed': async (message, tx) => {
        const { droneId, to } = message.data
        const drone = await changeDrone(droneId, (before) => ({ ...before, health: to }), tx)
        // Only a grounded drone is given up: one that is silent or defective may yet be brought back by a reboot.
        if (isGrounded(drone)) await loseDrone(drone, 'drone-grounded', message, tx)
      },
    }),
    droneSubscription(
      topics.droneReports,
      { authenticator, deadLetters: true },
      {
        'itinerary.accepted': ignore('the leg that follows says it too'),
        'itinerary.refused': takeReport,
        'leg.started': takeReport,
        'permit.requested': takeReport,
        'parcel.handed-over': takeReport,
        'parcel.kept': takeReport,
        'parcel.unknown': takeReport,
        landed: takeReport,
        booted: takeReport,
        'command.acknowledged': ignore('drone-health follows commands'),
        'command.finished': takeReport,
      },
    ),
  ]
}
