/**
 * Drones, the commands to them, and the bases that they can belong to. Each act is one transaction of state and messages.
 * Whatever is decided about a drone moves its one document's version, so that a revocation and a command exclude each other; what is
 * only queued is decided when it is sent.
 */
import type { Base } from '@fleet/contracts/airspace'
import type { DroneReport } from '@fleet/contracts/drone-reports'
import type { BaseId, CommandId, DroneId } from '@fleet/contracts/ids'
import type { Refusal } from '@fleet/contracts/problems'
import { topics } from '@fleet/contracts/topics'
import { prepareCollections } from '@fleet/messaging/collections'
import type { Database, Tx } from '@fleet/messaging/database'
import { type ClientSession, mongo } from 'mongoose'
import * as commands from './command.ts'
import { after, type Decided, decideAll, draftOf, recipientOf } from './command-steps.ts'
import * as drones from './drone.ts'
import {
  type BaseRow,
  baseSchema,
  type CommandRow,
  type CommandStep,
  commandSchema,
  type DroneRow,
  droneSchema,
  type KnownCommand,
  type KnownDrone,
} from './rows.ts'

/** Who or what made us do it. */
export type Cause = { correlationId: string; causationId: string }

export type CommandHistory = { command: KnownCommand; steps: CommandStep[] }
type Outcome<State> = { ok: true; state: State } | { ok: false; refusal: Refusal }

/** The command to issue, without what the store itself looks up. */
export type Issue = Omit<Extract<commands.Step, { type: 'issue' }>, 'type' | 'recipient' | 'queueOnly'>

export type CommandPart = Pick<Issue, 'droneId' | 'commandId'>
export type WholeCommand = Omit<Issue, keyof CommandPart> & { group: CommandId }

export type DroneStore = {
  enrol(
    enrolment: Omit<Extract<drones.DroneCommand, { type: 'drone.enrol' }>, 'type' | 'nameTakenBy'>,
    cause: Cause,
  ): Promise<Outcome<KnownDrone>>
  /** Whether the brokers have everything that was said of the drone in `drone.registry`. */
  isInRegistry(droneId: DroneId): Promise<boolean>
  /** Ends the drone's open commands as `unknown` in the same transaction. */
  revoke(revocation: { droneId: DroneId; atMs: drones.Seen['atMs'] }, cause: Cause): Promise<Outcome<KnownDrone>>
  issue(issue: Issue, cause: Cause): Promise<Outcome<KnownCommand>>
  /** The same within a transaction that has other effects. */
  issueIn(issue: Issue, cause: Cause, tx: Tx): Promise<Outcome<KnownCommand>>
  /**
   * Queues one command for many drones, as parts of `group`; those that cannot take it are left out. Two readings and one
   * writing, however many drones, and none of their documents is written: whether one may have it is decided when it is sent.
   * Gives the refusal of a group that was used for another command.
   */
  queue(parts: readonly CommandPart[], whole: WholeCommand, tx: Tx): Promise<Refusal | null>
  cancel(cancellation: {
    droneId: DroneId
    commandId: CommandId
    atMs: drones.Seen['atMs']
  }): Promise<Outcome<KnownCommand>>
  /** The parts of a command to many that are still queued. */
  cancelGroup(group: CommandId, atMs: drones.Seen['atMs']): Promise<void>
  /** Sends the oldest `max` queued commands; gives how many were left to send before. */
  sendQueued(max: number, atMs: drones.Seen['atMs']): Promise<number>
  /** The parts of a command to many. */
  group(group: CommandId, tx?: Tx): Promise<KnownCommand[]>
  /** Commands that were sent by others than `issuedBy`, and that the drone has not acknowledged. */
  unanswered(issuedBy: string): Promise<KnownCommand[]>
  /** What the drone last said; a drone that this database does not know is left alone (false). */
  observe(report: DroneReport, tx: Tx): Promise<boolean>
  /** What a drone reports of one command, which is given back; of a command that we do not know, nothing. */
  step(commandId: CommandId, step: commands.Step, tx: Tx): Promise<KnownCommand | null>
  /** The same for each open command of a drone. */
  stepOpen(droneId: DroneId, step: commands.Step, tx: Tx): Promise<void>
  /** The drone has answered the command with sequence `beforeSeq`, and will answer no earlier one: what is open of them ends as `unknown`. */
  passOver(droneId: DroneId, answer: { beforeSeq: number; atMs: drones.Seen['atMs'] }, tx: Tx): Promise<void>
  saveBase(base: Base, tx: Tx): Promise<void>
  isBase(baseId: BaseId): Promise<boolean>
  find(droneId: DroneId): Promise<KnownDrone | null>
  list(): Promise<KnownDrone[]>
  findCommand(droneId: DroneId, commandId: CommandId): Promise<KnownCommand | null>
  /** The commands issued from `fromMs` on and before `toMs`, oldest first; one more than `historyMax` where there are more. */
  commandsOf(
    droneId: DroneId,
    window: { fromMs: drones.Seen['atMs']; toMs: drones.Seen['atMs'] },
  ): Promise<CommandHistory[]>
}

/** Commands of one answer. */
export const historyMax = 200
const duplicateKey = 11_000
/** No fleet of ours is larger; an answer must have an end. */
const listMax = 10_000
const cancelledAtOnce = 50

/** Makes the collections and their indexes, and gives the store over them. */
export async function createDroneStore(db: Database): Promise<DroneStore> {
  const droneRows = db.connection.model<DroneRow>('Drone', droneSchema)
  const commandRows = db.connection.model<CommandRow>('Command', commandSchema)
  const baseRows = db.connection.model<BaseRow>('Base', baseSchema)
  await prepareCollections(droneRows, commandRows, baseRows)

  const loadDrone = async (droneId: DroneId, { session }: Tx): Promise<{ state: drones.Drone; version: number }> =>
    (await droneRows.findById(droneId, null, { session }).lean<DroneRow>()) ?? { state: { status: 'none' }, version: 0 }

  const saveDrone = async (state: drones.Drone, version: number, { session }: Tx): Promise<KnownDrone> => {
    if (state.status === 'none') throw new Error('a drone that never was cannot be saved')
    const { droneId, name } = state
    if (version === 0) await insert(() => droneRows.create([{ _id: droneId, version: 1, name, state }], { session }))
    else {
      const saved = await droneRows.updateOne({ _id: droneId, version }, { state, version: version + 1 }, { session })
      if (saved.matchedCount !== 1) throw new Error(`${droneId} no longer stands at version ${version}`)
    }
    return state
  }

  const loadCommand = async (commandId: CommandId, { session }: Tx) =>
    (await commandRows.findById(commandId, null, { session }).lean<CommandRow>()) ?? {
      state: { status: 'none' } as const,
      version: 0,
    }

  /** `before` with `events`, written; and published, where they send it. */
  const saveCommand = async (
    { state: before, version }: { state: commands.Command; version: number },
    events: readonly commands.CommandEvent[],
    tx: Tx,
    cause?: Cause & { at: drones.Seen['atMs'] },
  ): Promise<KnownCommand> => {
    const { session } = tx
    const { row, steps } = after(before, version, events)
    const { commandId } = row.state
    const isSent = cause !== undefined && events.some(({ type }) => type === 'sent')
    const sent = isSent ? { seq: await tx.outbox.publish(topics.droneCommands, draftOf(row.state, cause)) } : {}
    if (version === 0)
      await insert(() => commandRows.create([{ _id: commandId, group: null, ...row, ...sent, steps }], { session }))
    else {
      const update = { $set: { ...row, ...sent }, $push: { steps: { $each: steps } } }
      const saved = await commandRows.updateOne({ _id: commandId, version }, update, { session })
      if (saved.matchedCount !== 1) throw new Error(`${commandId} no longer stands at version ${version}`)
    }
    return row.state
  }

  const step = async (commandId: CommandId, taken: commands.Step, tx: Tx): Promise<KnownCommand | null> => {
    const { state, version } = await loadCommand(commandId, tx)
    if (state.status === 'none') return null
    const decision = commands.decide(state, taken)
    if (!decision.ok || decision.events.length === 0) return state
    return saveCommand({ state, version }, decision.events, tx)
  }

  const saveAll = async (decided: readonly (Decided & { seq?: number | undefined })[], session: ClientSession) => {
    if (decided.length === 0) return
    const updates = decided.map(({ before: { _id, state, version }, events, seq }) => {
      const { row, steps } = after(state, version, events)
      const set = seq === undefined ? row : { ...row, seq }
      return { updateOne: { filter: { _id, version }, update: { $set: set, $push: { steps: { $each: steps } } } } }
    })
    const { matchedCount } = await commandRows.bulkWrite(updates, { session })
    if (matchedCount !== updates.length) throw new Error('commands no longer stand at the versions that were read')
  }

  /** One reading and one writing, however many commands; those that cannot take the step stay as they are. */
  const stepAll = async (
    of: { droneId: DroneId; open: true; seq?: { $lt: number } } | { _id: { $in: CommandId[] } },
    taken: commands.Step,
    { session }: Tx,
  ) => {
    const rows = await commandRows.find(of, null, { session }).limit(listMax).lean<CommandRow[]>()
    await saveAll(
      decideAll(rows, () => taken),
      session,
    )
  }

  const stepOpen: DroneStore['stepOpen'] = (droneId, taken, tx) => stepAll({ droneId, open: true }, taken, tx)

  const issueIn = async (issue: Issue, cause: Cause, tx: Tx): Promise<Outcome<KnownCommand>> => {
    const { droneId, commandId, atMs } = issue
    const drone = await loadDrone(droneId, tx)
    if (drone.state.status === 'none') {
      return { ok: false, refusal: { code: 'drone.unknown', field: 'id', value: droneId } }
    }
    const { state, version } = await loadCommand(commandId, tx)
    const recipient = recipientOf(drone.state)
    const decision = commands.decide(state, { type: 'issue', ...issue, recipient })
    if (!decision.ok) return decision
    if (state.status !== 'none' && decision.events.length === 0) return { ok: true, state }
    const saved = await saveCommand({ state, version }, decision.events, tx, { ...cause, at: atMs })
    await saveDrone(drone.state, drone.version, tx) // The decision relied on it.
    return { ok: true, state: saved }
  }

  const queue: DroneStore['queue'] = async (parts, { group, ...whole }, { session }) => {
    const ids = { drones: parts.map(({ droneId }) => droneId), commands: parts.map(({ commandId }) => commandId) }
    const known = await droneRows.find({ _id: { $in: ids.drones } }, null, { session }).lean<DroneRow[]>()
    const before = await commandRows.find({ _id: { $in: ids.commands } }, null, { session }).lean<CommandRow[]>()
    const droneOf = new Map(known.map(({ state }) => [state.droneId, state]))
    const commandOf = new Map(before.map(({ state }) => [state.commandId, state]))
    const rows: CommandRow[] = []
    for (const part of parts) {
      const drone = droneOf.get(part.droneId)
      if (drone === undefined) continue
      const command = commandOf.get(part.commandId) ?? { status: 'none' }
      const recipient = recipientOf(drone)
      const decision = commands.decide(command, { type: 'issue', ...whole, ...part, queueOnly: true, recipient })
      if (!decision.ok && decision.refusal.code === 'idempotency.key-reused') return decision.refusal
      if (!decision.ok || decision.events.length === 0) continue
      const { row, steps } = after(command, 0, decision.events)
      rows.push({ _id: part.commandId, group, seq: null, ...row, steps })
    }
    if (rows.length > 0) await insert(() => commandRows.insertMany(rows, { session }))
    return null
  }

  /** Two readings and a few writings, however many commands. */
  const sendAll = async (ids: readonly CommandId[], atMs: drones.Seen['atMs'], { session, outbox }: Tx) => {
    const rows = await commandRows
      .find({ _id: { $in: ids }, 'state.status': 'queued' }, null, { session })
      .sort({ 'state.issuedAtMs': 1 })
      .lean<CommandRow[]>()
    const droneIds = rows.map(({ droneId }) => droneId)
    // Written, though unchanged, since the decisions rely on them; and first, so that a conflict with what they report shows at once.
    await droneRows.updateMany({ _id: { $in: droneIds } }, { $inc: { version: 1 } }, { session })
    const known = await droneRows.find({ _id: { $in: droneIds } }, null, { session }).lean<DroneRow[]>()
    const recipients = new Map(known.map(({ state }) => [state.droneId, recipientOf(state)]))
    const decided = decideAll(rows, ({ commandId, droneId }) => {
      const recipient = recipients.get(droneId)
      if (recipient === undefined) throw new Error(`${commandId} is for ${droneId}, which was never enrolled`)
      return { type: 'send', recipient, atMs }
    })
    const sent = decided.filter(({ events }) => events.some(({ type }) => type === 'sent'))
    const drafts = sent.map(({ before: { state } }) =>
      draftOf(state, { correlationId: state.commandId, causationId: 'http', at: atMs }),
    )
    const seqs = await outbox.publishAll(topics.droneCommands, drafts)
    const seqOf = new Map(sent.map(({ before }, index) => [before._id, seqs[index]]))
    const withSeqs = decided.map((one) => ({ ...one, seq: seqOf.get(one.before._id) }))
    await saveAll(withSeqs, session)
  }

  return {
    enrol: (enrolment, cause) =>
      db.transact(async (tx) => {
        const { state, version } = await loadDrone(enrolment.droneId, tx)
        const namesake = await droneRows
          .findOne({ name: enrolment.name }, '_id', { session: tx.session })
          .lean<Pick<DroneRow, '_id'>>()
        const command = { type: 'drone.enrol', ...enrolment, nameTakenBy: namesake?._id ?? null } as const
        const decision = drones.decide(state, command)
        if (!decision.ok) return decision
        if (state.status !== 'none' && decision.events.length === 0) return { ok: true, state }
        const saved = await saveDrone(decision.events.reduce(drones.evolve, state), version, tx)
        await publishRegistry(saved, { ...cause, at: enrolment.atMs }, tx)
        return { ok: true, state: saved }
      }),

    revoke: ({ droneId, atMs }, cause) =>
      db.transact(async (tx) => {
        const { state, version } = await loadDrone(droneId, tx)
        const decision = drones.decide(state, { type: 'drone.revoke', droneId, atMs })
        if (!decision.ok) return decision
        if (state.status !== 'none' && decision.events.length === 0) return { ok: true, state }
        const saved = await saveDrone(decision.events.reduce(drones.evolve, state), version, tx)
        await stepOpen(droneId, { type: 'write-off', atMs }, tx)
        await publishRegistry(saved, { ...cause, at: atMs }, tx)
        return { ok: true, state: saved }
      }),

    issue: (issue, cause) => db.transact((tx) => issueIn(issue, cause, tx)),
    issueIn,
    queue,

    cancel: ({ droneId, commandId, atMs }) =>
      db.transact<Outcome<KnownCommand>>(async (tx) => {
        const { state, version } = await loadCommand(commandId, tx)
        if (state.status === 'none' || state.droneId !== droneId) {
          return { ok: false, refusal: { code: 'command.unknown', field: 'commandId', value: commandId } }
        }
        const decision = commands.decide(state, { type: 'cancel', atMs })
        if (!decision.ok) return decision
        if (decision.events.length === 0) return { ok: true, state }
        return { ok: true, state: await saveCommand({ state, version }, decision.events, tx) }
      }),

    cancelGroup: async (group, atMs) => {
      const rows = await commandRows
        .find({ group, 'state.status': 'queued' }, '_id')
        .sort({ 'state.issuedAtMs': 1 })
        .limit(listMax)
        .lean<CommandRow[]>()
      // From the end, and in pieces: what the sender takes meanwhile costs one piece another try, not the whole.
      const ids = rows.map(({ _id }) => _id).toReversed()
      for (let from = 0; from < ids.length; from += cancelledAtOnce) {
        const some = { _id: { $in: ids.slice(from, from + cancelledAtOnce) } }
        await db.transact((tx) => stepAll(some, { type: 'cancel', atMs }, tx))
      }
    },

    sendQueued: async (max, atMs) => {
      const rows = await commandRows
        .find({ 'state.status': 'queued' }, '_id')
        .sort({ 'state.issuedAtMs': 1 })
        .limit(max)
        .lean<CommandRow[]>()
      const ids = rows.map(({ _id }) => _id)
      if (ids.length > 0) await db.transact((tx) => sendAll(ids, atMs, tx))
      return ids.length
    },

    group: async (group, tx) => {
      const rows = await commandRows
        .find({ group }, null, tx ? { session: tx.session } : {})
        .sort({ droneId: 1 })
        .limit(listMax)
        .lean<CommandRow[]>()
      return rows.map(({ state }) => state)
    },
    unanswered: async (issuedBy) => {
      const rows = await commandRows
        .find({ open: true, 'state.status': 'sent', 'state.issuedBy': { $ne: issuedBy } })
        .limit(listMax)
        .lean<CommandRow[]>()
      return rows.map(({ state }) => state)
    },

    observe: async (report, tx) => {
      const { state, version } = await loadDrone(report.data.droneId, tx)
      if (state.status === 'none') return false
      await saveDrone({ ...state, seen: drones.observe(state.seen, report) }, version, tx)
      return true
    },
    step,
    stepOpen,
    passOver: (droneId, { beforeSeq, atMs }, tx) =>
      stepAll({ droneId, open: true, seq: { $lt: beforeSeq } }, { type: 'write-off', atMs }, tx),
    saveBase: async (base, { session }) => {
      await baseRows.updateOne({ _id: base.baseId }, { base }, { session, upsert: true })
    },
    isBase: async (baseId) => (await baseRows.exists({ _id: baseId })) !== null,
    isInRegistry: async (droneId) => {
      const unsent = await db.outbox.rows.exists({ topic: topics.droneRegistry.name, key: Buffer.from(droneId) })
      return unsent === null
    },
    find: async (droneId) => (await droneRows.findById(droneId).lean<DroneRow>())?.state ?? null,
    list: async () => {
      const rows = await droneRows.find().sort({ name: 1 }).limit(listMax).lean<DroneRow[]>()
      return rows.map(({ state }) => state)
    },
    findCommand: async (droneId, commandId) =>
      (await commandRows.findOne({ _id: commandId, droneId }).lean<CommandRow>())?.state ?? null,
    commandsOf: async (droneId, { fromMs, toMs }) => {
      const rows = await commandRows
        .find({ droneId, 'state.issuedAtMs': { $gte: fromMs, $lt: toMs } })
        .sort({ 'state.issuedAtMs': 1, _id: 1 })
        .limit(historyMax + 1)
        .lean<CommandRow[]>()
      return rows.map(({ state, steps }) => ({ command: state, steps }))
    },
  }
}

/** Two that insert the same at once: the loser may see a duplicate key instead of a write conflict; it runs anew alike. */
export async function insert(work: () => Promise<unknown>): Promise<void> {
  try {
    await work()
  } catch (error) {
    if (error instanceof mongo.MongoServerError && error.code === duplicateKey)
      error.addErrorLabel('TransientTransactionError')
    throw error
  }
}

async function publishRegistry(drone: KnownDrone, about: Cause & { at: drones.Seen['atMs'] }, { outbox }: Tx) {
  const { droneId, name, hostId, keyVersion, baseId, enrolledAtMs } = drone
  const entry = { droneId, name, hostId, keyVersion, baseId, enrolledAtMs }
  const draft =
    drone.status === 'enrolled'
      ? ({ type: 'drone.enrolled', data: entry } as const)
      : ({ type: 'drone.revoked', data: { ...entry, revokedAtMs: drone.revokedAtMs } } as const)
  await outbox.publish(topics.droneRegistry, { ...draft, key: droneId, ...about })
}
