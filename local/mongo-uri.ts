/** The address of one database of the local replica set. */

export const REPLICA_SET = 'fleet'

/** Reads and writes by majority, as every client of ours does. `hosts` are `host:port`. */
export const mongoUri = (hosts: string[], database: string): string =>
  `mongodb://${hosts.join(',')}/${database}?replicaSet=${REPLICA_SET}&w=majority&readConcernLevel=majority`
