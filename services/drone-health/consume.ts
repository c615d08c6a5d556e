/** What drone-health hears: bases to enrol drones at, and what drones report. Another service writes reports' dead letters. */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { topics } from '@fleet/contracts/topics'
import { droneSubscription, ignore, type Subscription, subscription } from '@fleet/messaging/consumer'
import type { Tx } from '@fleet/messaging/database'
import type { DroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import type { Log } from '@fleet/runtime/log'
import type { DroneStore } from './store.ts'

/** The tables of the topics that drone-health reads. */
export function droneHealthSubscriptions(
  store: DroneStore,
  authenticator: DroneAuthenticator,
  log: Log,
): Subscription[] {
  const observe = async (report: DroneReport, tx: Tx) => {
    const known = await store.observe(report, tx)
    if (!known)
      log.warn({ droneId: report.data.droneId, report: report.type }, 'report of a drone not in this database')
  }

  const airspace = subscription(topics.airspace, {
    'base.published': (message, tx) => store.saveBase(message.data, tx),
    'zone.published': ignore('zones bind flights, not drones'),
    'zone.withdrawn': ignore('zones bind flights, not drones'),
  })

  const reports = droneSubscription(
    topics.droneReports,
    { authenticator, deadLetters: false },
    {
      'itinerary.accepted': observe,
      'itinerary.refused': observe,
      'leg.started': observe,
      'permit.requested': observe,
      'parcel.handed-over': observe,
      'parcel.kept': observe,
      'parcel.unknown': observe,
      landed: observe,
      booted: async (report, tx) => {
        await observe(report, tx)
        const { droneId, boot } = report.data
        await store.stepOpen(droneId, { type: 'boot', droneId, boot, atMs: report.at }, tx)
      },
      'command.acknowledged': async (report, tx) => {
        await observe(report, tx)
        const { droneId, commandId } = report.data
        await store.step(commandId, { type: 'acknowledge', droneId, atMs: report.at }, tx)
      },
      'command.finished': async (report, tx) => {
        await observe(report, tx)
        const { droneId, commandId, outcome, reason = null } = report.data
        await store.step(commandId, { type: 'finish', droneId, outcome, reason, atMs: report.at }, tx)
      },
    },
  )

  return [airspace, reports]
}
