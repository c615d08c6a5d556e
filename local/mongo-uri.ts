/** The address of one database of the local replica set. */

export const REPLICA_SET = 'fleet'

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
