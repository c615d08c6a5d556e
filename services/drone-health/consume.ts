/** What drone-health hears: bases and zones, what drones were given to fly, and what they report. Another service writes reports' dead letters. */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import { topics } from '@fleet/contracts/topics'
import type { UnixMs } from '@fleet/contracts/units'
import { droneSubscription, ignore, type Subscription, subscription } from '@fleet/messaging/consumer'
import type { Tx } from '@fleet/messaging/database'
import type { DroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import type { Log } from '@fleet/runtime/log'
import type { Step } from './command.ts'
import { type HealthStore, policyIssuer } from './health-store.ts'
import type { DroneStore } from './store.ts'

type CommandAnswer = Extract<DroneReport, { type: 'command.acknowledged' | 'command.finished' }>
type Facts = Pick<
  HealthStore,
  | 'noteItinerary'
  | 'noteAnswer'
  | 'noteFlight'
  | 'noteHold'
  | 'noteHoldOver'
  | 'noteRefusal'
  | 'saveZone'
  | 'removeZone'
>

/**
 * The tables of the topics that drone-health reads. A command's steps and refusals are dated by `worldOf` the
 * broker's moment: a drone's clock may be wrong, and we may read them an hour late.
 */
export function droneHealthSubscriptions({
  store,
  facts,
  authenticator,
  worldOf,
  log,
}: {
  store: DroneStore
  facts: Facts
  authenticator: DroneAuthenticator
  worldOf: (appendedAtMs: number) => UnixMs
  log: Log
}): Subscription[] {
  const observe = async (report: DroneReport, tx: Tx) => {
    const known = await store.observe(report, tx)
    if (!known)
      log.warn({ droneId: report.data.droneId, report: report.type }, 'report of a drone not in this database')
  }
  const flies = async (report: Extract<DroneReport, { data: { itineraryId: unknown } }>, tx: Tx) => {
    await observe(report, tx)
    await facts.noteFlight(report.data.droneId, report.data.itineraryId, tx)
  }

  /** What a drone says of one command ends those that it passed over. */
  const answers = async ({ droneId, commandId, commandSeq }: CommandAnswer['data'], step: Step, tx: Tx) => {
    const command = await store.step(commandId, step, tx)
    await store.passOver(droneId, { beforeSeq: commandSeq, atMs: step.atMs }, tx)
    return command
  }

  const airspace = subscription(topics.airspace, {
    'base.published': (message, tx) => store.saveBase(message.data, tx),
    'zone.published': (message, tx) => facts.saveZone(message.data, tx),
    'zone.withdrawn': (message, tx) => facts.removeZone(message.data.zoneId, tx),
  })

  const itineraries = subscription(topics.itineraries, {
    'itinerary.assigned': (message, tx) => facts.noteItinerary(message.data, tx),
    // Nobody waits for an answer to it any more; where the drone flies already, it still flies the same line.
    'itinerary.recalled': (message, tx) => facts.noteAnswer(message.data.droneId, message.data.itineraryId, tx),
    'permit.granted': ignore('permits are between the itinerary service and the drone'),
    'permit.refused': ignore('permits are between the itinerary service and the drone'),
  })

  const reports = droneSubscription(
    topics.droneReports,
    { authenticator, deadLetters: false },
    {
      'itinerary.accepted': async (report, tx, { appendedAtMs }) => {
        await flies(report, tx)
        // A held drone would have refused: its hold may have ended without a word, by a low battery.
        await facts.noteHoldOver(report.data.droneId, worldOf(appendedAtMs), tx)
      },
      'itinerary.refused': async (report, tx, { appendedAtMs }) => {
        await observe(report, tx)
        await facts.noteAnswer(report.data.droneId, report.data.itineraryId, tx)
        // A drone that has had the itinerary before is right to refuse it.
        if (report.data.reason !== 'stale') await facts.noteRefusal(report.data.droneId, worldOf(appendedAtMs), tx)
      },
      'leg.started': flies,
      'permit.requested': observe,
      'parcel.handed-over': observe,
      'parcel.kept': observe,
      'parcel.unknown': observe,
      landed: observe,
      booted: async (report, tx, { appendedAtMs }) => {
        await observe(report, tx)
        const { droneId, boot } = report.data
        await store.stepOpen(droneId, { type: 'boot', droneId, boot, atMs: worldOf(appendedAtMs) }, tx)
        await facts.noteHoldOver(droneId, worldOf(appendedAtMs), tx)
      },
      'command.acknowledged': async (report, tx, { appendedAtMs }) => {
        await observe(report, tx)
        const { droneId } = report.data
        const command = await answers(report.data, { type: 'acknowledge', droneId, atMs: worldOf(appendedAtMs) }, tx)
        if (command?.order.kind === 'hold') await facts.noteHold(droneId, tx)
      },
      'command.finished': async (report, tx, { appendedAtMs }) => {
        await observe(report, tx)
        const { droneId, outcome, reason = null } = report.data
        const atMs = worldOf(appendedAtMs)
        const command = await answers(report.data, { type: 'finish', droneId, outcome, reason, atMs }, tx)
        const holds = command?.order.kind === 'hold' && outcome === 'succeeded'
        if (command !== null && !holds) await facts.noteHoldOver(droneId, atMs, tx)
        // The policy's own reboots may come after the boot that they were to end.
        if (outcome === 'refused' && command?.issuedBy !== policyIssuer) await facts.noteRefusal(droneId, atMs, tx)
      },
    },
  )

  return [airspace, itineraries, reports]
}
