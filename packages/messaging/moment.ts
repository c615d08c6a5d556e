/** Reads of several queries that all see the moment of the first. */
import type { ClientSession, Connection } from 'mongoose'

/** A session for such reads; pass `atMoment` of it to each query, and end it. Its moment is known to the database for five minutes. */
export const openMoment = (connection: Connection): Promise<ClientSession> =>
  connection.startSession({ snapshot: true, causalConsistency: false })

/**
 * The options of a query in a session of `openMoment`. The level is named at each query: the driver prefers the connection's own
 * (majority) to that of the session, without a word, and every query would see a moment of its own.
 */
export const atMoment = (session: ClientSession) => ({ session, readConcern: { level: 'snapshot' as const } })
