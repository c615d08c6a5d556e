/** The Kafka client of every process: kafkajs, its log mapped to ours. */
import { readFileSync } from 'node:fs'
import { type LogEntry, logLevel } from 'kafkajs'
import type { Logger } from 'pino'
import { Kafka } from './kafkajs.ts'

export type DroneTls = { ca: string; cert: string; key: string }

/** Reads the three PEM files of a drone host. */
export const readTls = (files: DroneTls): DroneTls => ({
  ca: readFileSync(files.ca, 'utf8'),
  cert: readFileSync(files.cert, 'utf8'),
  key: readFileSync(files.key, 'utf8'),
})

/**
 * kafkajs reports at `error` what it then retries by itself (elections, rebalances, a broker that is away). Those are
 * told at debug; what it gives up on reaches the caller as an exception, and is logged there.
 */
function logTo(log: Logger) {
  return () =>
    ({ namespace, level, log: { message, ...fields } }: LogEntry) => {
      const entry = { kafka: namespace, ...fields, timestamp: undefined, logger: undefined }
      if (level === logLevel.ERROR || level === logLevel.WARN || level === logLevel.INFO) log.debug(entry, message)
      else log.trace(entry, message)
    }
}

/** Batches that kafkajs hands over at once: more than all topics of a reader have partitions, so that one that rests keeps no other from its turn. */
export const batchesAtOnce = 64

/** What all our consumers have in common. */
export const consumerDefaults = {
  /** So long the brokers wait for a member that says nothing. */
  sessionTimeout: 6_000,
  /** A fetch that finds nothing is held so long by the broker; what is written meanwhile comes at once. */
  maxWaitTimeInMs: 1_000,
  /** kafkajs would go on from its own offsets; each of our readers starts again from where it stands itself. */
  retry: { retries: 5, restartOnFailure: async () => false },
}

/** A client for `brokers` (host:port). With `tls` it speaks mutual TLS, as a drone host must. */
export function createKafka({
  brokers,
  clientId,
  log,
  tls,
}: {
  brokers: string[]
  clientId: string
  log: Logger
  tls?: DroneTls
}): Kafka {
  return new Kafka({
    brokers,
    clientId,
    logLevel: logLevel.INFO,
    logCreator: logTo(log),
    connectionTimeout: 3_000,
    // Above the session time-out: whoever waits for a rebalance waits for that.
    requestTimeout: 7_000,
    // All five are said: what is left out kafkajs takes from NODE_ENV, and a test would run another product.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 8, factor: 0.2, multiplier: 2 },
    ...(tls ? { ssl: { ca: [tls.ca], cert: tls.cert, key: tls.key } } : {}),
  })
}

/** Connects `client`, or leaves no connection of it behind: one that fails half-way, such as an idempotent producer without its id, keeps those that it had. */
export async function connectOrLeave<Client extends { connect(): Promise<void>; disconnect(): Promise<void> }>(
  client: Client,
): Promise<Client> {
  try {
    await client.connect()
    return client
  } catch (error) {
    try {
      await client.disconnect()
    } catch (second) {
      throw new AggregateError([error, second], error instanceof Error ? error.message : String(error))
    }
    throw error
  }
}
