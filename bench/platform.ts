/** Brokers and a replica set for one benchmark, in a folder that goes away with them. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { withAdmin } from '@fleet/local/kafka-admin'
import { LocalConfig } from '@fleet/local/launch'
import { type Stack, type StackOptions, startStack } from '@fleet/local/stack'
import { createAndAwait } from '@fleet/local/topics'
import { createKafka } from '@fleet/messaging/kafka'
import { readConfig } from '@fleet/runtime/config'
import { silentLog } from '@fleet/runtime/log'
import type { Kafka } from 'kafkajs'
import { MongoClient } from 'mongodb'
import { processorS } from './contender.ts'

export type Platform = {
  stack: Stack
  folder: string
  brokers: string[]
  kafka: Kafka
  mongo: MongoClient
  /** The URI of a database of this name. */
  mongoUri(database: string): string
  fleetSecretFile: string
  fleetSecret: Buffer
  createTopic(topic: string, partitions: number): Promise<void>
  /** Processor seconds used so far by all brokers, and by all members of the replica set. */
  processorS(): { brokers: number; mongo: number }
  [Symbol.asyncDispose](): Promise<void>
}

/** Three brokers and three members; `run` names what of the product runs beside them: nothing, if left out. */
export async function startBenchPlatform(
  options: Partial<Pick<StackOptions, 'run' | 'drones' | 'environment' | 'worldSpeed' | 'longLived' | 'say'>> & {
    nowMs: () => number
  },
): Promise<Platform> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-bench-'))
  const stack = await startStack({
    folder,
    provisioning: readConfig(LocalConfig),
    brokers: 3,
    mongo: 3,
    drones: 0,
    run: [],
    worldSpeed: 1,
    worldEpochMs: Math.round(options.nowMs()),
    seed: 1,
    logLevel: 'warn',
    ports: 'any',
    keep: false,
    disposable: true,
    say: () => undefined,
    ...options,
  })
  const brokers = stack.info.kafka.internal.split(',')
  const mongo = await new MongoClient(stack.info.mongo).connect()
  const fleetSecretFile = join(stack.info.folders.secrets, 'fleet-secret')
  const used = (prefix: string) =>
    processorS([...stack.parts.values()].filter(({ name }) => name.startsWith(prefix)).map(({ pid }) => pid))
  return {
    stack,
    folder,
    brokers,
    kafka: createKafka({ brokers, clientId: 'bench', log: silentLog() }),
    mongo,
    mongoUri: (database) => stack.info.mongo.replace('/?', `/${database}?`),
    fleetSecretFile,
    fleetSecret: Buffer.from(readFileSync(fleetSecretFile, 'utf8').trim(), 'hex'),
    createTopic: (topic, numPartitions) =>
      withAdmin(brokers, (admin) =>
        createAndAwait(admin, [
          { topic, numPartitions, replicationFactor: 3 },
          { topic: `${topic}.dead`, numPartitions: 1, replicationFactor: 3 },
        ]),
      ),
    processorS: () => ({ brokers: used('kafka-'), mongo: used('mongo-') }),
    [Symbol.asyncDispose]: async () => {
      await mongo.close()
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
