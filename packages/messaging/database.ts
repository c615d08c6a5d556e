/**
 * A service's own database: majority reads and writes from the primary, and transactions that carry state, messages
 * and offsets together.
 */
import type { Envelope } from '@fleet/contracts/envelope'
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel'
import { type ClientSession, type Connection, createConnection, mongo } from 'mongoose'
import { isInterrupted } from './collections.ts'
import { createOutbox, type DeadLetter, type Draft, type Outbox } from './outbox.ts'
import type { EventTopic } from './topic.ts'

/** One transaction: pass `session` to every operation; what is published leaves once it is committed, and only then. */
export type Tx = {
  session: ClientSession
  outbox: {
    /** Writes a message of `topic`, and gives its `seq`. Throws where it breaks the topic's schema: that is our own bug. */
    publish<M extends Envelope>(topic: EventTopic<M>, draft: Draft<M>): Promise<number>
    /** The same for several at once, in their order and in as many round trips for a hundred as for two. */
    publishAll<M extends Envelope>(topic: EventTopic<M>, drafts: readonly Draft<M>[]): Promise<number[]>
    /** Writes what drones sent and we refuse to `<topic>.dead`. */
    deadLetters(letters: readonly DeadLetter[]): Promise<void>
  }
  /**
   * Runs `effect` once after the commit; not at all where the transaction is given up. For state in memory.
   * Where `transact` throws, the commit may have happened unheard: who holds state in memory reads it anew.
   */
  afterCommit(effect: () => void): void
}

export type Database = {
  connection: Connection
  outbox: Outbox
  /**
   * Runs `work` in one snapshot transaction and commits it by majority, also where it wrote nothing: an answer must
   * not confirm what may yet roll back. `work` runs anew after write conflicts and elections, within `transactionMsMax`.
   * @throws TransactionTimedOut after that: whether it was committed is then not known.
   */
  transact<T>(work: (tx: Tx) => Promise<T>): Promise<T>
  close(): Promise<void>
}

/** The transaction had no outcome in time: it may or may not have been committed. */
export class TransactionTimedOut extends Error {
  constructor(transactionMsMax: number, cause: unknown) {
    super(`the database did not confirm the transaction within ${transactionMsMax} ms`, { cause })
    this.name = 'TransactionTimedOut'
  }
}

/** Whether the database was away or busy, so that the very same work may succeed later. */
export const isOutage = (error: unknown): boolean =>
  error instanceof TransactionTimedOut ||
  isInterrupted(error) ||
  // What writes many at once hides every error of the driver in one of its own, which is none of these.
  (error instanceof mongo.MongoBulkWriteError && isOutage(error.errorResponse)) ||
  (error instanceof mongo.MongoServerError && error.code === maxTimeExpired) ||
  (error instanceof mongo.MongoDriverError && error.name === 'MongoWaitQueueTimeoutError') ||
  outageLabels.some((label) => hasLabel(error, label))

const outageLabels = ['TransientTransactionError', 'UnknownTransactionCommitResult', 'RetryableWriteError']
const maxTimeExpired = 50

const hasLabel = (error: unknown, label: string): boolean =>
  error instanceof mongo.MongoError && error.hasErrorLabel(label)

const retryMsMin = 5
const retryMsMax = 250

/**
 * Connects to the database that `uri` names. Refused with the driver's error after 10 s without a primary.
 * `transactionMsMax` bounds a transaction with all its retries; an election takes two to five seconds.
 */
export async function openDatabase(
  uri: string,
  { poolMax = 20, transactionMsMax = 15_000 }: { poolMax?: number; transactionMsMax?: number } = {},
): Promise<Database> {
  const connection = await createConnection(uri, {
    readPreference: 'primary',
    readConcernLevel: 'majority',
    writeConcern: { w: 'majority' },
    retryWrites: true,
    maxPoolSize: poolMax,
    serverSelectionTimeoutMS: 10_000,
    heartbeatFrequencyMS: 1_000,
    connectTimeoutMS: 3_000,
    socketTimeoutMS: 20_000,
    waitQueueTimeoutMS: 10_000,
    // The driver's own bounds hold also while no member is connected, and its errors say what they are.
    bufferCommands: false,
  }).asPromise()
  const outbox = await createOutbox(connection)
  return {
    connection,
    outbox,
    transact: (work) => transactWithin(transactionMsMax, connection, outbox, work),
    close: () => connection.close(),
  }
}

/** How one transaction is doing: it stops trying once the caller has been told that it did not end in time. */
type Attempt = { givenUp: boolean; lastError: unknown }

/** The driver's own `withTransaction` tries for two minutes, and takes no other bound. */
async function transactWithin<T>(
  msMax: number,
  connection: Connection,
  outbox: Outbox,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const attempt: Attempt = { givenUp: false, lastError: undefined }
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      attempt.givenUp = true
      reject(new TransactionTimedOut(msMax, attempt.lastError))
    }, msMax)
  })
  try {
    return await Promise.race([transactUntilGivenUp(attempt, msMax, connection, outbox, work), tooLate])
  } finally {
    clearTimeout(timer)
  }
}

/** Without end in number: `msMax` ends it, by `givenUp`. */
const againWhere = (worthwhile: (error: unknown) => boolean) =>
  retry(handleWhen(worthwhile), {
    maxAttempts: Number.MAX_SAFE_INTEGER,
    backoff: new ExponentialBackoff({ initialDelay: retryMsMin, maxDelay: retryMsMax }),
  })

async function transactUntilGivenUp<T>(
  attempt: Attempt,
  msMax: number,
  connection: Connection,
  outbox: Outbox,
  work: (tx: Tx) => Promise<T>,
): Promise<T> {
  const session = await connection.startSession()
  const once = async (): Promise<T> => {
    const effects: (() => void)[] = []
    let published = false
    session.startTransaction({
      readConcern: { level: 'snapshot' },
      writeConcern: { w: 'majority' },
      readPreference: 'primary',
      maxCommitTimeMS: msMax,
    })
    try {
      const result = await work({
        session,
        outbox: {
          publish: async (topic, draft) => {
            published = true
            const [seq] = await outbox.publishAll(topic, [draft], session)
            if (seq === undefined) throw new Error(`${draft.type} of ${draft.key} got no seq`)
            return seq
          },
          publishAll: (topic, drafts) => {
            published ||= drafts.length > 0
            return outbox.publishAll(topic, drafts, session)
          },
          deadLetters: (letters) => {
            published = true
            return outbox.deadLetters(letters, session)
          },
        },
        afterCommit: (effect) => void effects.push(effect),
      })
      await commit(attempt, msMax, session)
      for (const effect of effects) effect()
      if (published) outbox.wake()
      return result
    } catch (error) {
      attempt.lastError = error
      if (session.inTransaction()) await session.abortTransaction()
      throw error
    }
  }
  try {
    const again = againWhere((error) => !attempt.givenUp && hasLabel(error, 'TransientTransactionError'))
    return await again.execute(once)
  } finally {
    await session.endSession()
  }
}

/** Asks again while the outcome is unknown: a commit has its effect once, however often it is asked for. */
async function commit(attempt: Attempt, msMax: number, session: ClientSession): Promise<void> {
  const again = againWhere((error) => hasLabel(error, 'UnknownTransactionCommitResult'))
  await again.execute(async () => {
    if (attempt.givenUp) throw new TransactionTimedOut(msMax, attempt.lastError)
    try {
      await session.commitTransaction()
    } catch (error) {
      attempt.lastError = error
      throw error
    }
  })
}
