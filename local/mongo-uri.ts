/** The address of one database of the local replica set. */

export const REPLICA_SET = 'fleet'
/** Of the set's configuration. */
export const REPLICA_SET_SETTINGS = {
  /** A member without its primary for this long calls an election. */
  electionTimeoutMillis: 2_000,
  heartbeatIntervalMillis: 500,
  /** Else the third member may follow the second, which makes every majority later, in some runs and not in others. */
  chainingAllowed: false,
}

export type Credentials = { user: string; password: string }

/**
 * Reads and writes by majority, as every client of ours does. `hosts` are `host:port`. `credentials`: of a user of the
 * `admin` database, where the set asks for them; both parts go into the URI as they are, so they are letters and digits.
 */
export function mongoUri(hosts: string[], database: string, credentials?: Credentials): string {
  const who = credentials === undefined ? '' : `${credentials.user}:${credentials.password}@`
  const where = credentials === undefined ? '' : '&authSource=admin'
  return `mongodb://${who}${hosts.join(',')}/${database}?replicaSet=${REPLICA_SET}&w=majority&readConcernLevel=majority${where}`
}
