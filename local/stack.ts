/**
 * The whole product as processes on this machine: brokers and replica set, services and gateway, a simulated fleet.
 * A library: `npm run stack`, the demo, scenarios and tests all start it here.
 */
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { HostId } from '@fleet/contracts/ids'
import { addressListFile, writeAddressList } from './address-lists.ts'
import { openCertificateAuthority } from './certificate-authority.ts'
import type { Part } from './child.ts'
import { createEnrolment, type Enrolment, type HostIdentity, readHostIdentity } from './enrolment.ts'
import { mongoUri } from './mongo-uri.ts'
import { buildPages } from './pages.ts'
import { type ProvisioningConfig, startPlatform } from './platform.ts'
import { createPortPicker, type PortPicker } from './ports.ts'
import { type NodePart, startNodePart } from './processes.ts'
import { cacheFolder, type Say } from './provision.ts'
import { type Reaper, reapLeftovers, startReaper } from './reaper.ts'
import { openSecrets } from './secrets.ts'
import { readAccounts, type StackAccounts } from './sign-in.ts'
import {
  entryOf,
  environmentOf,
  givesWay,
  type NodePartName,
  type ServiceName,
  serviceNames,
  servicePorts,
} from './stack-environment.ts'
import { openStackFolder, stackPaths, writeKept } from './stack-folder.ts'
import { type StackInfo, writeStackInfo } from './stack-info.ts'
import { createTopics } from './topics.ts'
import { startToxiproxy, type Toxiproxy } from './toxiproxy.ts'

const SIMULATOR_HOST = HostId.parse('host-simulator')
/** The host of one drone that nobody simulates: scripts and tests speak for it. */
const SPARE_HOST = HostId.parse('host-spare')
const PLATFORM_PORTS = { inner: 19_092, drone: 9_093, mongo: 27_017 }

export type StackOptions = {
  /** Absolute; `.local` of the repository for a person's stack. */
  folder: string
  provisioning: ProvisioningConfig
  /** 1 or 3 of each. */
  brokers: number
  mongo: number
  /** How many drones are simulated. */
  drones: number
  worldSpeed: number
  /** Of the world clock: real time, epoch milliseconds. Kept data has its own. */
  worldEpochMs: number
  seed: number
  logLevel: string
  /** The documented ports where they are free; or any, for a stack beside another. */
  ports: 'default' | 'any'
  /** Go on with the data of the last start. */
  keep: boolean
  /** Nobody will go on with the data: brokers and databases are killed at the end, which is quicker. */
  disposable?: boolean
  /** Its brokers run for longer than some minutes, and take the time to compile what they do. */
  longLived?: boolean
  /** How often a process that died is started again; 5, if left out. A campaign kills more often. */
  restartsMax?: number
  /** A Toxiproxy program: the links of drones, gateway and databases then lead through it. Not with kept data. */
  toxiproxy?: string | undefined
  /** What to run beside brokers and databases; all, if left out. Enrolment needs itinerary and drone-health. */
  run?: NodePartName[]
  /** Stands over a part's environment. */
  environment?: Partial<Record<NodePartName, Record<string, string>>>
  nowMs: () => number
  say: Say
}

export type Stack = {
  /** As in stack.json; pids change with restarts. */
  readonly info: StackInfo
  /** By name: kafka-1.., mongo-1.., and all processes. */
  parts: Map<string, Part>
  /** Those that can also be stopped for a while: order, itinerary, position, drone-health, gateway, sim. */
  processes: Map<string, NodePart>
  /** The links, where they lead through proxies. */
  toxiproxy: Toxiproxy | undefined
  /** Stops everything in reverse order, within about 30 s. */
  stop(): Promise<void>
}

/** Starts the stack and returns once every part is ready; on an error, what had started is stopped again. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const root = options.folder
  await reapLeftovers(root, options.say)
  await rm(join(root, 'stack.json'), { force: true })
  const reaper = startReaper(root)
  const closers: (() => Promise<void>)[] = []
  const opened: Opened = { reaper, close: (closer) => void closers.push(closer) }
  async function stop(): Promise<void> {
    for (const close of closers.splice(0).reverse()) await close()
    await rm(join(root, 'stack.json'), { force: true })
    reaper.close()
  }
  try {
    return await startParts(options, opened, stop)
  } catch (error) {
    await stop()
    throw error
  }
}

type Opened = { reaper: Reaper; close: (closer: () => Promise<void>) => void }

async function startParts(options: StackOptions, opened: Opened, stop: () => Promise<void>): Promise<Stack> {
  const { provisioning, drones, seed, logLevel, nowMs, say, run = [...serviceNames, 'sim'] } = options
  const { brokers, mongo, worldSpeed, worldEpochMs } = options
  const paths = stackPaths(options.folder)
  const kept = await openStackFolder(paths, options.keep, { worldEpochMs, worldSpeed, brokers, mongo }, say)
  const world = { epochMs: kept.worldEpochMs, speed: kept.worldSpeed }
  const pickPort = createPortPicker(process.pid)
  const byDefault = options.ports === 'default'
  const [authority, secrets] = await Promise.all([
    openCertificateAuthority(paths.ca, nowMs),
    openSecrets(paths.secrets),
  ])

  // While brokers and databases start: by the time that the gateway does, its pages are there.
  const pages = run.includes('gateway') ? buildPages(say) : Promise.resolve()
  const toxiproxy =
    options.toxiproxy === undefined
      ? undefined
      : await startToxiproxy({ binary: options.toxiproxy, pickPort, logFolder: paths.logs, reaper: opened.reaper })
  if (toxiproxy !== undefined) opened.close(() => toxiproxy.stop())

  const platform = await startPlatform({
    provisioning,
    kafkaFolder: paths.kafka,
    mongoFolder: paths.mongo,
    logFolder: paths.logs,
    brokers: kept.brokers,
    mongo: kept.mongo,
    authority,
    pickPort,
    wantedPorts: byDefault ? PLATFORM_PORTS : undefined,
    mongoPorts: kept.mongoPorts,
    doors: toxiproxy && {
      drones: (port) => toxiproxy.through('drones', port),
      member: (number, port) => toxiproxy.through(`mongo-${number}`, port),
    },
    longLived: options.longLived,
    reaper: opened.reaper,
    say,
    onRestart: () => publish(),
  })
  const { kafka, mongo: replicaSet } = platform
  opened.close(() => platform.stop({ quick: options.disposable ?? false }))
  await createTopics(kafka.inner)
  await writeKept(paths, { ...kept, mongoPorts: replicaSet.ports })

  const ports = await pickServicePorts(pickPort, byDefault, say)
  const url = (name: ServiceName) => `http://127.0.0.1:${ports[name]}`
  /** Where the gateway finds each service: itself, or the proxy's door to it. */
  const doors = new Map<ServiceName, number>()
  for (const name of serviceNames) {
    if (toxiproxy !== undefined && name !== 'gateway') doors.set(name, await toxiproxy.through(name, ports[name]))
    writeAddressList(paths.addressLists, name, [`http://127.0.0.1:${doors.get(name) ?? ports[name]}`])
  }
  const hostFolder = join(paths.hosts, SIMULATOR_HOST)
  const processes = new Map<string, NodePart>()
  const startProcess = async (name: NodePartName): Promise<NodePart> => {
    const part = await startNodePart({
      name,
      entry: entryOf(name),
      port: name === 'sim' ? await pickPort() : ports[name],
      env: {
        ...environmentOf(name, {
          kafkaInner: kafka.inner,
          kafkaDrone: kafka.drone,
          mongoHosts: replicaSet.hosts,
          secrets,
          paths,
          world,
          addressOf: (service) => pathToFileURL(addressListFile(paths.addressLists, service)).href,
          hostFolder,
          seed,
          logLevel,
        }),
        ...options.environment?.[name],
      },
      logFolder: paths.logs,
      compileCache: join(cacheFolder(provisioning.XDG_CACHE_HOME), 'node-compile-cache'),
      reaper: opened.reaper,
      givesWay: givesWay(name),
      restartsMax: options.restartsMax,
      say,
      onRestart: () => publish(),
    })
    processes.set(name, part)
    return part
  }
  const startAll = async (names: NodePartName[]) => {
    const started = await Promise.all(names.map(startProcess))
    opened.close(async () => void (await Promise.all(started.map((part) => part.stop()))))
    await Promise.all(started.map((part) => part.ready()))
    for (const part of started) say(`${part.name}: ready, ${part.url}`)
  }

  let spare: HostIdentity | undefined
  let accounts: StackAccounts | undefined
  let published = false
  const allParts = (): Part[] => [...kafka.brokers, ...replicaSet.members, ...processes.values()]
  const describe = (): StackInfo => ({
    launcher: { pid: process.pid },
    ...(processes.has('gateway') ? { gateway: url('gateway') } : {}),
    services: {
      ...(processes.has('order') ? { order: url('order') } : {}),
      ...(processes.has('itinerary') ? { itinerary: url('itinerary') } : {}),
      ...(processes.has('position') ? { position: url('position') } : {}),
      ...(processes.has('drone-health') ? { droneHealth: url('drone-health') } : {}),
    },
    ...describeSimulator(processes.get('sim')),
    kafka: { internal: kafka.inner.join(','), drone: kafka.drone.join(',') },
    mongo: mongoUri(replicaSet.hosts, ''),
    ...describeSpare(join(paths.hosts, SPARE_HOST), spare),
    ...(accounts === undefined ? {} : { accounts }),
    world,
    addressLists: paths.addressLists,
    folders: { secrets: paths.secrets, hosts: paths.hosts, droneStore: paths.droneStore, logs: paths.logs },
    parts: Object.fromEntries(allParts().map(({ name, pid }) => [name, { pid }])),
  })
  function publish(): void {
    if (published) writeStackInfo(paths.root, describe())
  }

  await pages
  await startAll(serviceNames.filter((name) => run.includes(name)))
  if (processes.has('gateway')) accounts = await readAccounts(paths.accounts)
  if (processes.has('itinerary') && processes.has('drone-health')) {
    const enrolment = createEnrolment({
      droneHealthUrl: url('drone-health'),
      itineraryUrl: url('itinerary'),
      kafkaInner: kafka.inner,
      authority,
      secrets,
    })
    const names = Array.from({ length: drones }, (_, i) => `sim-${i + 1}`)
    await enrolOnce(enrolment, SIMULATOR_HOST, names, hostFolder)
    spare = await enrolOnce(enrolment, SPARE_HOST, ['spare'], join(paths.hosts, SPARE_HOST))
    say(`fleet: ${drones} drones enrolled for the simulator, and one that nobody simulates`)
    if (run.includes('sim') && drones > 0) await startAll(['sim'])
  }
  published = true
  publish()
  return {
    get info() {
      return describe()
    },
    parts: new Map(allParts().map((part) => [part.name, part])),
    processes,
    toxiproxy,
    stop,
  }
}

/** Kept data has its drones already. */
async function enrolOnce(enrolment: Enrolment, hostId: HostId, names: string[], folder: string): Promise<HostIdentity> {
  return (await readHostIdentity(folder)) ?? (await enrolment.enrol(hostId, names, folder))
}

async function pickServicePorts(
  pickPort: PortPicker,
  byDefault: boolean,
  say: Say,
): Promise<Record<ServiceName, number>> {
  const ports = { ...servicePorts }
  for (const name of serviceNames) {
    const port = await pickPort(byDefault ? servicePorts[name] : undefined)
    if (byDefault && port !== servicePorts[name]) say(`${name}: port ${servicePorts[name]} is taken, using ${port}`)
    ports[name] = port
  }
  return ports
}

const describeSimulator = (part: NodePart | undefined): Pick<StackInfo, 'simulator'> =>
  part === undefined ? {} : { simulator: part.url }

function describeSpare(folder: string, identity: HostIdentity | undefined): Pick<StackInfo, 'tls' | 'drone'> {
  const [drone] = identity?.drones ?? []
  if (drone === undefined) return {}
  const { droneId: id, keyVersion, keyFile, base } = drone
  return {
    tls: { ca: join(folder, 'ca.crt'), hostCert: join(folder, 'host.crt'), hostKey: join(folder, 'host.key') },
    drone: { id, keyVersion, keyFile: join(folder, keyFile), base },
  }
}
