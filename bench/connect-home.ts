/** Kafka Connect with MongoDB's sink, as one standalone worker; its jars are fetched once per user with Maven. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startChild } from '@fleet/local/child'
import { runCommand } from '@fleet/local/command'
import { Missing, provisionOnce, type Say } from '@fleet/local/provision'
import type { Reaper } from '@fleet/local/reaper'

const pom = join(import.meta.dirname, 'connect', 'pom.xml')
/** Measured: 36 MB of jars, and as much again in Maven's own repository. */
const needBytes = 100e6
const mavenMsMax = 10 * 60_000

/** The folder of Connect's jars. Refuses with `Missing` where Maven cannot fetch them. */
export const findConnectHome = (cache: string, say: Say): Promise<string> =>
  provisionOnce({
    folder: join(cache, 'connect-4.1.0-mongo-2.0.1'),
    needBytes,
    what: 'Kafka Connect with the MongoDB sink',
    say,
    build: async (folder) => {
      say('connect: fetching Kafka Connect and the MongoDB sink with Maven (once)')
      const goal = ['-B', '-ntp', '-q', '-f', pom, 'dependency:copy-dependencies', '-DincludeScope=runtime']
      const { failed, stdout } = await runCommand('mvn', [...goal, `-DoutputDirectory=${folder}`], {
        timeoutMs: mavenMsMax,
      })
      if (failed !== undefined) throw new Missing(`Maven could not fetch Kafka Connect: ${stdout.slice(0, 500)}`)
    },
  })

export type SinkOptions = {
  jars: string
  folder: string
  restPort: number
  brokers: string[]
  topic: string
  mongoUri: string
  database: string
  collection: string
  group: string
  reaper: Reaper
}

const properties = (entries: Record<string, string | number | boolean>) =>
  `${Object.entries(entries)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n')}\n`

/**
 * Starts the sink at the settings that measured best: as many tasks as cores can serve, plain inserts in one unordered
 * bulk a poll, large polls, no tombstone or error handling.
 */
export async function startSink(options: SinkOptions): Promise<Child> {
  const { jars, folder, restPort, brokers, topic, mongoUri, database, collection, group, reaper } = options
  mkdirSync(folder, { recursive: true })
  const worker = join(folder, 'worker.properties')
  const sink = join(folder, 'sink.properties')
  writeFileSync(
    worker,
    properties({
      'bootstrap.servers': brokers.join(','),
      listeners: `http://127.0.0.1:${restPort}`,
      'key.converter': 'org.apache.kafka.connect.storage.StringConverter',
      'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
      'value.converter.schemas.enable': false,
      'offset.storage.file.filename': join(folder, 'offsets'),
      'offset.flush.interval.ms': 10_000,
      'connector.client.config.override.policy': 'All',
    }),
  )
  writeFileSync(
    sink,
    properties({
      name: group,
      'connector.class': 'com.mongodb.kafka.connect.MongoSinkConnector',
      'tasks.max': 4,
      topics: topic,
      'connection.uri': mongoUri,
      database,
      collection,
      'writemodel.strategy': 'com.mongodb.kafka.connect.sink.writemodel.strategy.InsertOneDefaultStrategy',
      'bulk.write.ordered': false,
      'max.batch.size': 0,
      'consumer.override.auto.offset.reset': 'earliest',
      'consumer.override.max.poll.records': 5_000,
      'consumer.override.fetch.max.bytes': 16_777_216,
      'consumer.override.max.partition.fetch.bytes': 2_097_152,
    }),
  )
  return startChild({
    name: 'connect',
    file: 'java',
    args: [
      ...['-Xms256m', '-Xmx1g', '-XX:+UseParallelGC', '-cp', join(jars, '*')],
      ...['org.apache.kafka.connect.cli.ConnectStandalone', worker, sink],
    ],
    cwd: folder,
    logFile: join(folder, 'connect.log'),
    reaper,
  })
}
