/** One or three real Kafka brokers (KRaft, broker and controller in one process) on the loopback address. */
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Kafka } from '@fleet/messaging/kafkajs'
import { logLevel } from 'kafkajs'
import type { CertificateAuthority } from './certificate-authority.ts'
import { writeSecret } from './certificate-authority.ts'
import { type Child, type Part, startChild } from './child.ts'
import { runCommand } from './command.ts'
import { type BrokerPorts, brokerConfig } from './kafka-config.ts'
import type { KafkaHome } from './kafka-home.ts'
import { randomKafkaUuid } from './kafka-uuid.ts'
import type { PortPicker } from './ports.ts'
import { exists } from './provision.ts'
import type { Reaper } from './reaper.ts'
import { stackPaths } from './stack-folder.ts'
import { waitUntil } from './wait.ts'

const LOG4J = join(dirname(fileURLToPath(import.meta.url)), 'kafka', 'log4j2.properties')
/** A broker is up in four seconds; on a machine with a dozen other things to do, in more than a minute. */
const READY_TIMEOUT_MS = 150_000
/** Measured: the serial collector and the quick compiler alone start a broker soonest on two cores. */
const JVM_FLAGS = ['-Xms128m', '-Xmx400m', '-XX:+UseSerialGC', '-Djava.awt.headless=true']
const QUICK_COMPILER = '-XX:TieredStopAtLevel=1'

export type KafkaCluster = {
  /** Bootstrap lists, `host:port`. */
  inner: string[]
  drone: string[]
  brokers: Part[]
  /** Stops all brokers at once; those that have not ended after `graceMs` are killed (0: at once). */
  stop(graceMs: number): Promise<void>
}

export type KafkaClusterOptions = {
  home: KafkaHome
  /** Data of the brokers; kept data is gone on with. */
  folder: string
  logFolder: string
  count: number
  authority: CertificateAuthority
  pickPort: PortPicker
  /** Where drones are to reach a broker, by the port that it listens on for them; that port, if left out. */
  droneDoor?: ((port: number) => Promise<number>) | undefined
  /** Of the first broker; the others' follow. Any, if left out. */
  wantedPorts?: { inner: number; drone: number } | undefined
  /** They run for longer than some minutes: with the compiler that takes its time, as elsewhere. */
  longLived?: boolean | undefined
  reaper: Reaper
  /** One was started again: its pid is another. */
  onRestart?: (() => void) | undefined
}

/** Starts the brokers and returns once each of them knows all others. */
export async function startKafkaCluster(options: KafkaClusterOptions): Promise<KafkaCluster> {
  const { home, folder, logFolder, count, authority, pickPort, wantedPorts, reaper, onRestart, droneDoor, longLived } =
    options
  const ports: BrokerPorts[] = []
  for (let i = 0; i < count; i++) {
    const inner = await pickPort(wantedPorts && wantedPorts.inner + i)
    const drone = await pickPort(wantedPorts && wantedPorts.drone + i)
    const droneAdvertised = (await droneDoor?.(drone)) ?? drone
    ports.push({ inner, drone, droneAdvertised, controller: await pickPort() })
  }
  const configFiles = await Promise.all(ports.map((_, i) => writeBroker(folder, i + 1, ports, authority)))
  await formatStorage(home, folder, configFiles)

  const start = (nodeId: number) =>
    startChild({
      name: `kafka-${nodeId}`,
      file: home.java,
      args: [
        ...(longLived ? [] : [QUICK_COMPILER]),
        ...javaArgs(home),
        'kafka.Kafka',
        join(folder, `${nodeId}`, 'server.properties'),
      ],
      cwd: join(folder, `${nodeId}`),
      logFile: join(logFolder, `kafka-${nodeId}.log`),
      reaper,
    })
  const inner = ports.map((port) => `127.0.0.1:${port.inner}`)
  const children = await Promise.all(ports.map((_, i) => start(i + 1)))
  const logFile = (i: number) => join(logFolder, `kafka-${i + 1}.log`)
  try {
    await allServe(inner, count, () => children.findIndex((child) => child.exit() !== undefined), logFile)
  } catch (error) {
    await Promise.all(children.map((child) => child.stop(0)))
    throw error
  }
  return {
    inner,
    drone: ports.map(({ drone, droneAdvertised }) => `127.0.0.1:${droneAdvertised ?? drone}`),
    brokers: children.map((_, i) => brokerPart({ children, i, start, inner, onRestart })),
    stop: async (graceMs) => void (await Promise.all(children.map((child) => child.stop(graceMs)))),
  }
}

type BrokerPartOptions = {
  children: Child[]
  i: number
  start: (nodeId: number) => Promise<Child>
  inner: string[]
  onRestart: (() => void) | undefined
}

function brokerPart({ children, i, start, inner, onRestart }: BrokerPartOptions): Part {
  const current = () => {
    const child = children[i]
    if (child === undefined) throw new RangeError(`There is no broker ${i + 1}.`)
    return child
  }
  return {
    name: `kafka-${i + 1}`,
    get pid() {
      return current().pid
    },
    kill: (signal) => current().kill(signal),
    async restart() {
      await current().stop(0)
      children[i] = await start(i + 1)
      onRestart?.()
      // Through itself: it serves again, and the cluster knows it.
      const own = inner.slice(i, i + 1)
      await waitUntil(`kafka-${i + 1} to serve again`, async () => (await knownBrokers(own)).includes(i + 1), {
        timeoutMs: READY_TIMEOUT_MS,
        everyMs: 200,
      })
    },
  }
}

const javaArgs = ({ libs }: KafkaHome) => [...JVM_FLAGS, `-Dlog4j2.configurationFile=${LOG4J}`, '-cp', join(libs, '*')]

async function writeBroker(
  folder: string,
  nodeId: number,
  ports: BrokerPorts[],
  authority: CertificateAuthority,
): Promise<string> {
  const own = join(folder, `${nodeId}`)
  await mkdir(join(own, 'data'), { recursive: true })
  const { certificate, key } = await authority.issueBroker(`kafka-${nodeId}`)
  await writeSecret(join(own, 'broker.pem'), `${key}\n${certificate}\n`)
  await writeFile(join(own, 'ca.pem'), authority.certificate)
  const config = brokerConfig({
    nodeId,
    ports,
    dataFolder: join(own, 'data'),
    keyStoreFile: join(own, 'broker.pem'),
    trustStoreFile: join(own, 'ca.pem'),
  })
  const file = join(own, 'server.properties')
  await writeFile(file, config)
  return file
}

/**
 * Formats the data folders that are not. StorageTool makes the first; the others differ from it in two lines of
 * meta.properties alone, which we write, as a Java start for each is a second of both cores.
 */
async function formatStorage(home: KafkaHome, folder: string, configFiles: string[]): Promise<void> {
  const data = (nodeId: number) => join(folder, `${nodeId}`, 'data')
  if (await exists(join(data(configFiles.length), 'meta.properties'))) return
  const clusterId = randomKafkaUuid()
  const format = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', configFiles[0] ?? '']
  const { failed, stderr, stdout } = await runCommand(home.java, [...javaArgs(home), ...format], {
    timeoutMs: READY_TIMEOUT_MS,
  })
  if (failed !== undefined) throw new Error(`Kafka's StorageTool could not format ${data(1)}: ${stderr || stdout}`)
  const meta = await readFile(join(data(1), 'meta.properties'), 'utf8')
  for (let nodeId = 2; nodeId <= configFiles.length; nodeId++) {
    await copyFile(join(data(1), 'bootstrap.checkpoint'), join(data(nodeId), 'bootstrap.checkpoint'))
    const own = meta
      .replace(/^node\.id=.*$/m, `node.id=${nodeId}`)
      .replace(/^directory\.id=.*$/m, `directory.id=${randomKafkaUuid()}`)
    await writeFile(join(data(nodeId), 'meta.properties'), own)
  }
}

/**
 * Gives the dead broker `name` of the stack in `folder` an empty disk, formatted for the same cluster: it will be filled by
 * the others. Like a disk that was replaced, it has an id of its own.
 */
export async function emptyBrokerDisk(folder: string, name: string): Promise<void> {
  const data = join(stackPaths(folder).kafka, name.replace('kafka-', ''), 'data')
  const meta = await readFile(join(data, 'meta.properties'), 'utf8')
  const bootstrap = await readFile(join(data, 'bootstrap.checkpoint'))
  await rm(data, { recursive: true, force: true })
  await mkdir(data)
  await writeFile(join(data, 'bootstrap.checkpoint'), bootstrap)
  await writeFile(
    join(data, 'meta.properties'),
    meta.replace(/^directory\.id=.*$/m, `directory.id=${randomKafkaUuid()}`),
  )
}

async function allServe(
  inner: string[],
  count: number,
  deadIndex: () => number,
  logFile: (i: number) => string,
): Promise<void> {
  const abort = new AbortController()
  await waitUntil(
    `${count} brokers to know each other (logs: ${logFile(0)} ...)`,
    async () => {
      const dead = deadIndex()
      if (dead >= 0) abort.abort(new Error(`kafka-${dead + 1} ended while it started: see ${logFile(dead)}.`))
      const known = await Promise.all(inner.map((broker) => knownBrokers([broker])))
      return known.every((ids) => ids.length === count)
    },
    { timeoutMs: READY_TIMEOUT_MS, everyMs: 250, signal: abort.signal },
  )
}

/** The ids of the brokers that `bootstrap` knows to serve. Rejects where it does not answer. */
export async function knownBrokers(bootstrap: string[]): Promise<number[]> {
  const kafka = new Kafka({
    brokers: bootstrap,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 1000,
    retry: { retries: 0 },
  })
  const admin = kafka.admin()
  try {
    await admin.connect()
    return (await admin.describeCluster()).brokers.map(({ nodeId }) => nodeId)
  } finally {
    await admin.disconnect()
  }
}
