/**
 * How far each drone may have counted in its past boots: `booted` names the ceiling of the boot before, and what a boot gave out at its
 * end and never got through shows by that alone. Read by a consumer of its own, so that positions are stored whatever becomes of reports.
 */
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { DroneId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import { prepareCollections } from '@fleet/messaging/collections'
import { droneSubscription, ignore, type Subscription } from '@fleet/messaging/consumer'
import type { Tx } from '@fleet/messaging/database'
import type { DroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import type { EventTopic } from '@fleet/messaging/topic'
import { type Connection, Schema } from 'mongoose'

export const bootCeilingsGroup = 'position-boots'
/** Of a drone. The ledger tells eight boots one by one. */
const bootsMax = 16

/** `seqMax`: the boot gave out no higher sequence, and at most 64 fewer. */
export type BootCeiling = { boot: number; seqMax: number }
export type DroneCeilings = { droneId: DroneId; boots: readonly BootCeiling[] }

type CeilingsRow = { _id: DroneId; boots: readonly BootCeiling[] }
const ceilingsSchema = new Schema<CeilingsRow>(
  {
    _id: { type: String, required: true },
    boots: [{ _id: false, boot: { type: Number, required: true }, seqMax: { type: Number, required: true } }],
  },
  { versionKey: false, collection: 'position_boot_ceilings' },
)

export type BootCeilings = {
  /** Keeps what the drone told of a boot. */
  note(droneId: DroneId, told: BootCeiling, tx: Tx): Promise<void>
  /** Of every drone that told of a boot, or of one drone. */
  all(only?: DroneId): Promise<DroneCeilings[]>
}

/** Makes the collection, and gives the ceilings over it. */
export async function createBootCeilings(connection: Connection): Promise<BootCeilings> {
  const rows = connection.model<CeilingsRow>('PositionBootCeilings', ceilingsSchema)
  await prepareCollections(rows)

  return {
    note: async (droneId, told, { session }) => {
      const known = await rows.findById(droneId, null, { session }).lean<CeilingsRow>()
      const boots = noted(known?.boots ?? [], told)
      await rows.updateOne({ _id: droneId }, { $set: { boots } }, { upsert: true, session })
    },
    all: async (only) => {
      const found = await rows.find(only === undefined ? {} : { _id: only }).lean<CeilingsRow[]>()
      return found.map(({ _id, boots }) => ({ droneId: _id, boots }))
    },
  }
}

/** The newest boots with this one among them, once, the newest last. Told twice, the higher ceiling stands: it hides no loss. */
export function noted(known: readonly BootCeiling[], told: BootCeiling): BootCeiling[] {
  const before = known.find(({ boot }) => boot === told.boot)
  const seqMax = Math.max(told.seqMax, before?.seqMax ?? 0)
  const others = known.filter(({ boot }) => boot !== told.boot)
  return [...others, { boot: told.boot, seqMax }].toSorted((a, b) => a.boot - b.boot).slice(-bootsMax)
}

const noBoot = ignore('it tells of no earlier boot')

/** What position hears in reports. The itinerary service writes their dead letters. */
export const bootReports = ({
  ceilings,
  authenticator,
  topic = topics.droneReports,
}: {
  ceilings: Pick<BootCeilings, 'note'>
  authenticator: DroneAuthenticator
  topic?: EventTopic<DroneReport>
}): Subscription =>
  droneSubscription(
    topic,
    { authenticator, deadLetters: false },
    {
      'itinerary.accepted': noBoot,
      'itinerary.refused': noBoot,
      'leg.started': noBoot,
      'permit.requested': noBoot,
      'parcel.handed-over': noBoot,
      'parcel.kept': noBoot,
      'parcel.unknown': noBoot,
      landed: noBoot,
      'command.acknowledged': noBoot,
      'command.finished': noBoot,
      booted: async ({ data: { droneId, before } }, tx) => {
        if (before !== null) await ceilings.note(droneId, { boot: before.boot, seqMax: before.positionSeqMax }, tx)
      },
    },
  )
