/** Which troubles of drones an operator has seen, so that the others know. It changes nothing about the drone (decision 0072). */
import { AcknowledgementBody, type AcknowledgementReply } from '@fleet/contracts/front-door'
import { DroneId } from '@fleet/contracts/ids'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database } from '@fleet/messaging/database'
import { json, ok, type Route, route } from '@fleet/runtime/http'
import { Schema } from 'mongoose'

/** Real seconds: as long as event topics are kept. */
const keptS = 30 * 86_400
const shownMax = 500

type Row = { _id: string; droneId: string; incident: number; note: string | null; by: string; at: Date }
const schema = new Schema<Row>(
  {
    _id: { type: String, required: true },
    droneId: { type: String, required: true },
    incident: { type: Number, required: true },
    note: { type: String, default: null },
    by: { type: String, required: true },
    at: { type: Date, required: true, expires: keptS },
  },
  { versionKey: false, collection: 'acknowledgements' },
)

export type Acknowledgements = {
  /** The first to see it stands; a repetition gives what stands. */
  write(of: AcknowledgementBody & { by: string }): Promise<AcknowledgementReply>
  /** The newest first. */
  list(): Promise<AcknowledgementReply[]>
}

/** `nowMs`: real time. */
export async function createAcknowledgements(db: Database, nowMs: () => number): Promise<Acknowledgements> {
  const rows = db.connection.model('Acknowledgement', schema)
  await prepareCollections(rows)
  const toReply = ({ droneId, incident, note, by, at }: Row): AcknowledgementReply => ({
    droneId: DroneId.parse(droneId),
    incident,
    ...(note === null ? {} : { note }),
    by,
    at: at.toISOString(),
  })
  return {
    write: async ({ droneId, incident, note = null, by }) => {
      const _id = `${droneId}/${incident}`
      const row = { droneId, incident, note, by, at: new Date(nowMs()) }
      await rows.updateOne({ _id }, { $setOnInsert: row }, { upsert: true })
      const stands = await rows.findById(_id).lean()
      return toReply(stands ?? { _id, ...row })
    },
    list: async () => (await rows.find().sort({ at: -1 }).limit(shownMax).lean()).map(toReply),
  }
}

/** Routes for operators alone. */
export function acknowledgementRoutes(acknowledgements: Acknowledgements): Route[] {
  const allow = ['operator'] as const
  return [
    route('GET /v1/health/acknowledgements', { allow }, async () => ok({ items: await acknowledgements.list() })),
    route('POST /v1/health/acknowledgements', { allow, body: AcknowledgementBody }, async ({ body, caller }) =>
      json(201, await acknowledgements.write({ ...body, by: caller.sub })),
    ),
  ]
}
