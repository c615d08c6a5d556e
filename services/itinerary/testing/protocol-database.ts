/**
 * For the protocol test: the service's database as a value. A transaction reads one snapshot and collects its writes; it is
 * opened and committed in two steps, between which others may commit. As in MongoDB, a commit fails where any document that it
 * writes was written since its snapshot; what it only read is not looked at, so that code which forgets to write what it
 * relied on is found out.
 */
import type { Envelope } from '@fleet/contracts/envelope'
import type { PermitRequestId } from '@fleet/contracts/ids'
import { topics } from '@fleet/contracts/topics'
import type { Database, Tx } from '@fleet/messaging/database'
import type { LastSeqs } from '@fleet/messaging/last-seqs'
import type { mongo } from 'mongoose'
import { type Delivery, evolve } from '../delivery.ts'
import type { Drone } from '../drone.ts'
import type { ItineraryStore, LoadedDelivery, StationedBase } from '../store.ts'
import { toldOf } from '../told.ts'

type Doc =
  | { kind: 'delivery'; version: number; state: Delivery; correlationId: string }
  | { kind: 'drone'; version: number; state: Drone }
  | { kind: 'base'; version: number; state: StationedBase }
  /** A counter: of a topic and key's messages, of what was had of them, or of the offset. */
  | { kind: 'count'; version: number; count: number }
export type Docs = Readonly<Record<string, Doc>>

/** A message as it stands in a topic, of whatever type. */
export type Message = Envelope & { topic: string }

/** What a transaction will do if it commits: the documents with the versions that it saw, and the messages. */
export type OpenTransaction = {
  name: string
  expects: Record<string, number>
  writes: Record<string, Doc>
  messages: Message[]
}

export const versionOf = (docs: Docs, key: string): number => docs[key]?.version ?? 0

/** The documents after the commit, or null where another transaction wrote one of them first. */
export function commit(docs: Docs, { expects, writes }: OpenTransaction): Docs | null {
  if (Object.entries(expects).some(([key, version]) => versionOf(docs, key) !== version)) return null
  return { ...docs, ...writes }
}

type Body = { reads: Docs; open: OpenTransaction }
const bodies = new WeakMap<Tx, Body>()
const bodyOf = (tx: Tx): Body => {
  const body = bodies.get(tx)
  if (body === undefined) throw new Error('a transaction of another database')
  return body
}

const read = (tx: Tx, key: string): Doc | undefined => bodyOf(tx).open.writes[key] ?? bodyOf(tx).reads[key]

function write(tx: Tx, key: string, doc: Doc): void {
  const { reads, open } = bodyOf(tx)
  open.expects[key] ??= versionOf(reads, key)
  open.writes[key] = doc
}

export const countOf = (docs: Docs, key: string): number => {
  const doc = docs[key]
  return doc?.kind === 'count' ? doc.count : 0
}
const countIn = (tx: Tx, key: string): number => {
  const doc = read(tx, key)
  return doc?.kind === 'count' ? doc.count : 0
}
export const setCount = (tx: Tx, key: string, count: number): void =>
  write(tx, key, { kind: 'count', version: versionOf(bodyOf(tx).reads, key) + 1, count })

/** Runs `work` on the snapshot `docs`: what it would commit. */
export async function open(docs: Docs, name: string, work: (tx: Tx) => Promise<unknown>): Promise<OpenTransaction> {
  const transaction: OpenTransaction = { name, expects: {}, writes: {}, messages: [] }
  const tx: Tx = {
    // No code under test looks into the session: the store of this file knows the transaction by `tx` itself.
    session: {} as mongo.ClientSession,
    outbox: {
      publishAll: async (topic, drafts) => {
        const seqs = []
        for (const draft of drafts) seqs.push(await tx.outbox.publish(topic, draft))
        return seqs
      },
      publish: async (topic, draft) => {
        const seq = countIn(tx, `seq/${topic.name}/${draft.key}`) + 1
        setCount(tx, `seq/${topic.name}/${draft.key}`, seq)
        const id = `msg_${topic.name}${draft.key.replace('_', '')}n${seq}`
        const message = topic.schema.parse({ id, version: 1, seq, ...draft })
        transaction.messages.push({ ...message, topic: topic.name })
        return seq
      },
      deadLetters: async (letters) => {
        for (const { reason } of letters) throw new Error(`a message was refused: ${reason.code} ${reason.detail}`)
      },
    },
    afterCommit: () => undefined,
  }
  bodies.set(tx, { reads: docs, open: transaction })
  await work(tx)
  return transaction
}

/** A database whose transactions go to `opened` instead of being committed. */
export const databaseOn = (
  docs: Docs,
  name: string,
  opened: (transaction: OpenTransaction) => void,
): Pick<Database, 'transact'> => ({
  transact: async <T>(work: (tx: Tx) => Promise<T>): Promise<T> => {
    let result: Promise<T> | undefined
    const transaction = await open(docs, name, (tx) => {
      result = work(tx)
      return result
    })
    opened(transaction)
    if (result === undefined) throw new Error('the work was not done')
    return result
  },
})

export const lastSeqs: LastSeqs = {
  advance: async (topic, seqs, tx) => {
    const before = new Map<string, number>()
    for (const [key, seq] of seqs) {
      const name = `had/${topic}/${key}`
      before.set(key, countIn(tx, name))
      if (seq > countIn(tx, name)) setCount(tx, name, seq)
    }
    return before
  },
}

export const deliveryOf = (docs: Docs, orderId: string): Delivery => {
  const doc = docs[`delivery/${orderId}`]
  return doc?.kind === 'delivery' ? doc.state : { status: 'none' }
}
export const droneOf = (docs: Docs, droneId: string): Drone | null => {
  const doc = docs[`drone/${droneId}`]
  return doc?.kind === 'drone' ? doc.state : null
}
const each = <Kind extends Doc['kind']>(docs: Docs, kind: Kind) =>
  Object.values(docs).filter((doc): doc is Extract<Doc, { kind: Kind }> => doc.kind === kind)

export const runningPermits = (docs: Docs): { orderId: string; permitRequestId: PermitRequestId }[] =>
  each(docs, 'delivery').flatMap(({ state }) =>
    (state.status === 'assigned' || state.status === 'undecided') && state.permit?.time === 'running'
      ? [{ orderId: state.orderId, permitRequestId: state.permit.permitRequestId }]
      : [],
  )

const notHere = () => {
  throw new Error('the model does not go there')
}

/** The service's store; what is read outside of transactions is read from `docs`. */
export function storeOn(docs: Docs, ofOrder?: string): ItineraryStore {
  const same = (tx: Tx, key: string, version: number) => {
    if ((read(tx, key)?.version ?? 0) !== version) throw new Error(`${key} was saved with a version that was not read`)
  }
  return {
    loadDelivery: async (orderId, tx): Promise<LoadedDelivery> => {
      const doc = read(tx, `delivery/${orderId}`)
      if (doc?.kind !== 'delivery') return { state: { status: 'none' }, version: 0, correlationId: '' }
      return { state: doc.state, version: doc.version, correlationId: doc.correlationId }
    },
    saveDelivery: async (orderId, { state, version }, events, cause, tx) => {
      same(tx, `delivery/${orderId}`, version)
      if (version === 0 && events.length === 0) return
      const after = events.reduce(evolve, state)
      write(tx, `delivery/${orderId}`, { kind: 'delivery', version: version + 1, state: after, correlationId: 'c' })
      for (const event of events) {
        const told = toldOf(event)
        if (told === null) continue
        if (told.topic === 'deliveries')
          await tx.outbox.publish(topics.deliveries, { ...told.fact, key: told.key, ...cause })
        else await tx.outbox.publish(topics.itineraries, { ...told.fact, key: told.key, ...cause })
      }
    },
    loadDrone: async (droneId, tx) => {
      const doc = read(tx, `drone/${droneId}`)
      return doc?.kind === 'drone' ? { state: doc.state, version: doc.version } : null
    },
    saveDrone: async (drone, version, tx) => {
      same(tx, `drone/${drone.droneId}`, version ?? 0)
      write(tx, `drone/${drone.droneId}`, { kind: 'drone', version: (version ?? 0) + 1, state: drone })
    },
    loadBase: async (baseId, tx) => {
      const doc = read(tx, `base/${baseId}`)
      return doc?.kind === 'base' ? { state: doc.state, version: doc.version } : null
    },
    saveBase: async (base, version, tx) => {
      same(tx, `base/${base.baseId}`, version)
      write(tx, `base/${base.baseId}`, { kind: 'base', version: version + 1, state: base })
    },
    waitingDeliveries: async () =>
      each(docs, 'delivery').flatMap(({ state }) =>
        state.status === 'waiting' && (ofOrder === undefined || state.orderId === ofOrder) ? [state] : [],
      ),
    idleDrones: async () => each(docs, 'drone').map(({ state }) => state),
    crewedBases: async (baseIds) =>
      new Set(baseIds.filter((baseId) => each(docs, 'drone').some(({ state }) => state.baseId === baseId))),
    bases: async () => each(docs, 'base').map(({ state }) => state),
    zones: async () => [],
    flightsOf: async (orderId) => deliveryOf(docs, orderId),
    // Nothing is decided by it.
    noteReport: async () => undefined,
    historyOf: notHere,
    runningPermits: notHere,
    addZone: notHere,
    withdrawZone: notHere,
    seedBases: notHere,
    countOpen: notHere,
  }
}
