/** The documents of drones, commands and bases, and the indexes that their readings need. */
import type { Base } from '@fleet/contracts/airspace'
import type { BaseId, CommandId, DroneId } from '@fleet/contracts/ids'
import { Schema } from 'mongoose'
import type * as commands from './command.ts'
import type * as drones from './drone.ts'

type Known<State> = Exclude<State, { status: 'none' }>
export type KnownDrone = Known<drones.Drone>
export type KnownCommand = Known<commands.Command>

export type DroneRow = { _id: DroneId; version: number; name: string; state: KnownDrone }
export type CommandRow = {
  _id: CommandId
  version: number
  droneId: DroneId
  open: boolean
  /** The command to many that it is a part of. */
  group: CommandId | null
  /** Of its message, once it is sent: what the drone answers to a later one says that this is over. */
  seq: number | null
  state: KnownCommand
  /** Each status that it came to, and when: as many as its life has steps. */
  steps: CommandStep[]
}
export type CommandStep = { status: commands.Command['status']; atMs: drones.Seen['atMs'] }
export type BaseRow = { _id: BaseId; base: Base }

const plain = { versionKey: false, minimize: false } as const
export const droneSchema = new Schema<DroneRow>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    name: { type: String, required: true, unique: true },
    state: { type: Schema.Types.Mixed, required: true },
  },
  { ...plain, collection: 'drones' },
)
export const commandSchema = new Schema<CommandRow>(
  {
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    droneId: { type: String, required: true },
    open: { type: Boolean, required: true },
    group: { type: String, default: null },
    seq: { type: Number, default: null },
    state: { type: Schema.Types.Mixed, required: true },
    steps: { type: [{ _id: false, status: String, atMs: Number }], default: [] },
  },
  { ...plain, collection: 'commands' },
)
commandSchema.index({ droneId: 1, open: 1 })
commandSchema.index({ group: 1 })
commandSchema.index({ droneId: 1, 'state.issuedAtMs': 1 })
commandSchema.index({ 'state.status': 1, 'state.issuedAtMs': 1 })
export const baseSchema = new Schema<BaseRow>(
  { _id: { type: String, required: true }, base: { type: Schema.Types.Mixed, required: true } },
  { ...plain, collection: 'bases' },
)
