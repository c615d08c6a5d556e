/** One or three real mongod (WiredTiger) as one replica set on the loopback address. */
import { createWriteStream, mkdirSync, type WriteStream } from 'node:fs'
import { join } from 'node:path'
import { MongoClient } from 'mongodb'
import { MongoMemoryReplSet, type MongoMemoryServer } from 'mongodb-memory-server-core'
import { MongoInstanceEvents } from 'mongodb-memory-server-core/lib/util/MongoInstance.js'
import type { Part } from './child.ts'
import { runCommand } from './command.ts'
import { mongoUri, REPLICA_SET, REPLICA_SET_SETTINGS } from './mongo-uri.ts'
import type { PortPicker } from './ports.ts'
import { identityOf, type ProcessIdentity, signalProcess } from './process-identity.ts'
import { Missing } from './provision.ts'
import type { Reaper } from './reaper.ts'
import { waitUntil } from './wait.ts'

const LAUNCH_TIMEOUT_MS = 60_000
const END_TIMEOUT_MS = 10_000
/** Each member's WiredTiger cache, GB: the smallest that mongod takes; its default is half of the machine's memory. */
const CACHE_GB = '0.25'

export type MongoReplicaSet = {
  /** Of one database of the set, with majority reads and writes. */
  uri(database: string): string
  /** `host:port` of each member. */
  hosts: string[]
  ports: number[]
  members: Part[]
  /** `keepData`: shut down in the orderly way; else killed, which is quicker. */
  stop(options: { keepData: boolean }): Promise<void>
}

export type MongoReplicaSetOptions = {
  mongod: string
  /** Data of the members; kept data is gone on with. */
  folder: string
  logFolder: string
  count: number
  pickPort: PortPicker
  /** Where clients and the other members are to reach a member, by its number and port; that port, if left out. Not with kept data. */
  door?: ((number: number, port: number) => Promise<number>) | undefined
  /** Of the first member; the others' follow. Any, if left out. */
  wantedPort?: number | undefined
  /** Of kept data: they stand in the replica set's own configuration. */
  keptPorts?: number[] | undefined
  reaper: Reaper
  /** One was started again: its pid is another. */
  onRestart?: (() => void) | undefined
}

/**
 * Starts the members and returns once there is a primary.
 * Refuses with {@link Missing} where a port of kept data is taken.
 */
export async function startMongoReplicaSet(options: MongoReplicaSetOptions): Promise<MongoReplicaSet> {
  const { mongod, folder, logFolder, count, pickPort, wantedPort, keptPorts, reaper, onRestart, door } = options
  mkdirSync(logFolder, { recursive: true })
  const instanceOpts = []
  for (let i = 0; i < count; i++) {
    const dbPath = join(folder, `${i + 1}`)
    mkdirSync(dbPath, { recursive: true })
    const kept = keptPorts?.[i]
    const port = await pickPort(kept ?? (wantedPort === undefined ? undefined : wantedPort + i))
    if (kept !== undefined && port !== kept)
      throw new Missing(
        `The kept data needs port ${kept} for mongo-${i + 1}, which is taken: free it, or start without --keep.`,
      )
    instanceOpts.push({ port, dbPath, launchTimeout: LAUNCH_TIMEOUT_MS })
  }
  const set = new MongoMemoryReplSet({
    // The launcher chooses its options by the version, and warns where the binary's is another.
    binary: { systemBinary: mongod, version: await versionOf(mongod) },
    instanceOpts,
    replSet: {
      name: REPLICA_SET,
      count,
      storageEngine: 'wiredTiger',
      args: [
        ...['--wiredTigerCacheSizeGB', CACHE_GB],
        ...['--setParameter', 'diagnosticDataCollectionEnabled=false'],
        // A process that is stopped in mid transaction holds its locks for as long.
        ...['--setParameter', 'transactionLifetimeLimitSeconds=20'],
      ],
      configSettings: REPLICA_SET_SETTINGS,
      spawn: { detached: true }, // Ctrl-C reaches the launcher alone.
    },
  })
  await set.start()
  const direct = instanceOpts.map(({ port }) => `127.0.0.1:${port}`)
  const hosts = door === undefined ? direct : await moveBehindDoors(direct, instanceOpts, door)
  const logs = set.servers.map((_, i) => createWriteStream(join(logFolder, `mongo-${i + 1}.log`), { flags: 'a' }))
  const members = set.servers.map((server, i) => memberPart({ server, i, reaper, log: logs[i], onRestart }))
  return {
    uri: (database) => mongoUri(hosts, database),
    hosts,
    ports: instanceOpts.map(({ port }) => port),
    members,
    async stop({ keepData }) {
      for (const member of members) member.kill('SIGCONT') // A paused one could not shut down.
      if (!keepData) await Promise.all(members.map((member) => member.end()))
      await set.stop({ doCleanup: false })
      for (const { pid } of members) reaper.forget(pid)
      for (const log of logs) log.end()
    },
  }
}

/** Gives the members other addresses: clients are sent to those that stand in the set's own configuration. */
async function moveBehindDoors(
  direct: string[],
  members: readonly { port: number }[],
  door: (number: number, port: number) => Promise<number>,
): Promise<string[]> {
  const hosts: string[] = []
  for (const [index, { port }] of members.entries()) hosts.push(`127.0.0.1:${await door(index + 1, port)}`)
  await using client = await new MongoClient(mongoUri(direct, '')).connect()
  const admin = client.db('admin')
  const { config } = await admin.command({ replSetGetConfig: 1 })
  const moved = config.members.map((member: object, index: number) => ({ ...member, host: hosts[index] }))
  // All addresses at once are no change of the voters, but the server takes it for one.
  await admin.command({ replSetReconfig: { ...config, version: config.version + 1, members: moved }, force: true })
  await waitUntil('the members to know each other by their new addresses', () => hasPrimary(hosts), {
    timeoutMs: LAUNCH_TIMEOUT_MS,
    everyMs: 250,
  })
  return hosts
}

async function hasPrimary(hosts: string[]): Promise<boolean> {
  await using client = await new MongoClient(mongoUri(hosts, ''), { serverSelectionTimeoutMS: 2000 }).connect()
  const hello = await client.db('admin').command({ hello: 1 })
  return hosts.includes(String(hello.primary))
}

type Member = Part & {
  /** Kills it and waits for its end. The launcher must not meet a member that is about to end: it would ask it to shut down. */
  end(): Promise<void>
}

type MemberPartOptions = {
  server: MongoMemoryServer
  i: number
  reaper: Reaper
  log: WriteStream | undefined
  onRestart: (() => void) | undefined
}

function memberPart({ server, i, reaper, log, onRestart }: MemberPartOptions): Member {
  const name = `mongo-${i + 1}`
  let identity: ProcessIdentity = { pid: 0, startTime: '' }
  function started(): void {
    const instance = server.instanceInfo?.instance
    const pid = instance?.mongodProcess?.pid
    if (pid === undefined) throw new Error(`${name} ended while it started.`)
    identity = identityOf(pid)
    reaper.watch(name, pid)
  }
  started()
  // The launcher reads mongod's output itself until it serves; what comes after is the log. A restart adds to the same.
  server.instanceInfo?.instance.on(MongoInstanceEvents.instanceSTDOUT, (lines: string) => log?.write(`${lines}\n`))
  async function end(): Promise<void> {
    signalProcess(identity, 'SIGKILL')
    // Not `isRunning`: the launcher takes a process whose end it has not heard of yet for a running one.
    await waitUntil(`${name} to end`, () => server.instanceInfo?.instance.mongodProcess === undefined, {
      timeoutMs: END_TIMEOUT_MS,
      everyMs: 20,
    })
  }
  return {
    name,
    end,
    get pid() {
      return identity.pid
    },
    kill: (signal) => void signalProcess(identity, signal),
    async restart() {
      await end()
      await server.stop({ doCleanup: false })
      reaper.forget(identity.pid)
      await server.start(true)
      started()
      onRestart?.()
      await waitUntil(`${name} to serve again`, () => memberServes(server.getUri()), { timeoutMs: LAUNCH_TIMEOUT_MS })
    },
  }
}

/** Whether the member is a primary or a secondary, not one that still recovers. */
export async function memberServes(uri: string): Promise<boolean> {
  const client = new MongoClient(uri, { directConnection: true, serverSelectionTimeoutMS: 1000 })
  try {
    const hello = await client.db('admin').command({ hello: 1 })
    return hello.isWritablePrimary === true || hello.secondary === true
  } finally {
    await client.close()
  }
}

async function versionOf(mongod: string): Promise<string> {
  const { stdout } = await runCommand(mongod, ['--version'], { timeoutMs: 20_000 })
  const version = /db version v(\d+\.\d+\.\d+)/.exec(stdout)?.[1]
  if (version === undefined) throw new Error(`${mongod} --version does not tell a version.`)
  return version
}
