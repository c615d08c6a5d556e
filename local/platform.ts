/** Brokers and replica set, found or fetched, started side by side: what the product and the tests stand on. */
import type { CertificateAuthority } from './certificate-authority.ts'
import { type KafkaCluster, startKafkaCluster } from './kafka-cluster.ts'
import { findKafkaHome } from './kafka-home.ts'
import { type MongoReplicaSet, startMongoReplicaSet } from './mongo-replica-set.ts'
import { findMongod } from './mongod-binary.ts'
import type { PortPicker } from './ports.ts'
import { cacheFolder, type Say } from './provision.ts'
import type { Reaper } from './reaper.ts'

/** Brokers get this long to leave in order; what they acknowledged survives a kill as well. */
const BROKER_GRACE_MS = 4_000

/** What of the environment says where the real parts are; each may be missing. */
export type ProvisioningConfig = {
  XDG_CACHE_HOME?: string | undefined
  KAFKA_HOME?: string | undefined
  JAVA_HOME?: string | undefined
  MONGOMS_SYSTEM_BINARY?: string | undefined
}

export type PlatformOptions = {
  provisioning: ProvisioningConfig
  kafkaFolder: string
  mongoFolder: string
  logFolder: string
  /** 1 or 3 of each. */
  brokers: number
  mongo: number
  authority: CertificateAuthority
  pickPort: PortPicker
  /** First ports of each kind; any, if left out. */
  wantedPorts?: { inner: number; drone: number; mongo: number } | undefined
  /** Of a replica set whose data is kept. */
  mongoPorts?: number[] | undefined
  /** Before the drones' listener and the members, where links are to lead through proxies. */
  doors?: { drones(port: number): Promise<number>; member(number: number, port: number): Promise<number> } | undefined
  /** Brokers that run for longer than some minutes. */
  longLived?: boolean | undefined
  reaper: Reaper
  say: Say
  /** A broker or member was started again: its pid is another. */
  onRestart?: (() => void) | undefined
}

export type Platform = {
  kafka: KafkaCluster
  mongo: MongoReplicaSet
  /** `quick`: kills all at once. Nothing that was acknowledged by a majority is lost, but the next start has to recover. */
  stop(options: { quick: boolean }): Promise<void>
}

/** Returns once all brokers and a primary serve; where one kind fails, the other is stopped again. */
export async function startPlatform(options: PlatformOptions): Promise<Platform> {
  // Settled, not raced: what the other one started must be known before it can be stopped.
  const [kafka, mongo] = await Promise.allSettled([startKafka(options), startMongo(options)])
  if (kafka.status === 'fulfilled' && mongo.status === 'fulfilled')
    return {
      kafka: kafka.value,
      mongo: mongo.value,
      async stop({ quick }) {
        await Promise.all([kafka.value.stop(quick ? 0 : BROKER_GRACE_MS), mongo.value.stop({ keepData: !quick })])
      },
    }
  if (kafka.status === 'fulfilled') await kafka.value.stop(0)
  if (mongo.status === 'fulfilled') await mongo.value.stop({ keepData: false })
  throw kafka.status === 'rejected' ? kafka.reason : mongo.status === 'rejected' && mongo.reason
}

async function startKafka(options: PlatformOptions): Promise<KafkaCluster> {
  const { provisioning, kafkaFolder, logFolder, brokers, authority, pickPort, wantedPorts, reaper, say, onRestart } =
    options
  const home = await findKafkaHome({
    cache: cacheFolder(provisioning.XDG_CACHE_HOME),
    kafkaHome: provisioning.KAFKA_HOME,
    javaHome: provisioning.JAVA_HOME,
    say,
  })
  const cluster = await startKafkaCluster({
    home,
    folder: kafkaFolder,
    logFolder,
    count: brokers,
    authority,
    pickPort,
    wantedPorts,
    droneDoor: options.doors?.drones,
    longLived: options.longLived,
    reaper,
    onRestart,
  })
  if (wantedPorts !== undefined && !cluster.inner.includes(`127.0.0.1:${wantedPorts.inner}`))
    say(`kafka: port ${wantedPorts.inner} is taken, using others`)
  say(`kafka: ${brokers} ready, ${cluster.inner.join(',')} inside, ${cluster.drone.join(',')} for drones`)
  return cluster
}

async function startMongo(options: PlatformOptions): Promise<MongoReplicaSet> {
  const { provisioning, mongoFolder, logFolder, mongo, pickPort, wantedPorts, mongoPorts, reaper, say, onRestart } =
    options
  const mongod = await findMongod({
    cache: cacheFolder(provisioning.XDG_CACHE_HOME),
    systemBinary: provisioning.MONGOMS_SYSTEM_BINARY,
    say,
  })
  const set = await startMongoReplicaSet({
    mongod,
    folder: mongoFolder,
    logFolder,
    count: mongo,
    pickPort,
    wantedPort: wantedPorts?.mongo,
    keptPorts: mongoPorts,
    door: options.doors?.member,
    reaper,
    onRestart,
  })
  if (wantedPorts !== undefined && mongoPorts === undefined && !set.ports.includes(wantedPorts.mongo))
    say(`mongo: port ${wantedPorts.mongo} is taken, using others`)
  say(`mongo: ${mongo} ready, ${set.hosts.join(',')}`)
  return set
}
