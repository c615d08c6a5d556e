/** `stack.json`: where everything of a running stack is. Scripts, scenarios and tests rely on it. */
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { DroneId } from '@fleet/contracts/ids'
import { z } from 'zod'
import { Missing } from './provision.ts'
import { StackAccounts } from './sign-in.ts'

const Home = z.object({ baseId: z.string(), lat: z.number(), lon: z.number() })

export const StackInfo = z.object({
  /** Whose end ends the stack; none where Docker runs it. */
  launcher: z.object({ pid: z.int() }).optional(),
  /** Base URLs; a service that was left out of the stack is missing. */
  gateway: z.url().optional(),
  services: z.object({
    order: z.url().optional(),
    itinerary: z.url().optional(),
    position: z.url().optional(),
    droneHealth: z.url().optional(),
  }),
  /** The simulator's own address, for faults and weather; none where it runs in containers, or not at all. */
  simulator: z.url().optional(),
  /** Bootstrap lists: `host:port,host:port`. */
  kafka: z.object({ internal: z.string(), drone: z.string() }),
  /** The replica set's URI, without a database. */
  mongo: z.string(),
  /** Files (PEM): of the host of `drone`, which nobody simulates. */
  tls: z.object({ ca: z.string(), hostCert: z.string(), hostKey: z.string() }).optional(),
  drone: z.object({ id: DroneId, keyVersion: z.int(), keyFile: z.string(), base: Home }).optional(),
  /** The first accounts: `POST /v1/sessions {user, password}`; none where the stack has no gateway. */
  accounts: StackAccounts.optional(),
  world: z.object({ epochMs: z.int(), speed: z.number() }),
  /** Folder of the lists that say where each service's instances are; none where DNS says it. */
  addressLists: z.string().optional(),
  /** Folders of secrets, of all enrolled hosts, of the drones' non-volatile stores and the simulator's ledger, and of logs. */
  folders: z.object({ secrets: z.string(), hosts: z.string(), droneStore: z.string(), logs: z.string() }),
  /** Brokers, members, services and simulators: processes of this machine, or containers by their names. */
  parts: z.record(z.string(), z.union([z.object({ pid: z.int() }), z.object({ container: z.string() })])),
})
export type StackInfo = z.infer<typeof StackInfo>

const fileOf = (folder: string) => join(folder, 'stack.json')

/** Writes `stack.json` whole or not at all; it holds a key, so only its owner reads it. */
export function writeStackInfo(folder: string, info: StackInfo): void {
  const half = `${fileOf(folder)}.half`
  writeFileSync(half, `${JSON.stringify(info, null, 2)}\n`, { mode: 0o600 })
  renameSync(half, fileOf(folder))
}

/** Reads it; files and folders are absolute in what it gives. Refuses with {@link Missing} where no stack runs in `folder`. */
export function readStackInfo(folder: string): StackInfo {
  let text: string
  try {
    text = readFileSync(fileOf(folder), 'utf8')
  } catch {
    throw new Missing(`No stack runs in ${folder}: start one with 'npm run stack', or set LOCAL_DIR to its folder.`)
  }
  return withPathsIn(folder, StackInfo.parse(JSON.parse(text)))
}

/** A job in a container does not know where its folder stands outside: it writes paths relative to stack.json. */
function withPathsIn(folder: string, info: StackInfo): StackInfo {
  const at = (path: string) => resolve(folder, path)
  const { tls, drone, addressLists, folders } = info
  return {
    ...info,
    ...(tls === undefined ? {} : { tls: { ca: at(tls.ca), hostCert: at(tls.hostCert), hostKey: at(tls.hostKey) } }),
    ...(drone === undefined ? {} : { drone: { ...drone, keyFile: at(drone.keyFile) } }),
    ...(addressLists === undefined ? {} : { addressLists: at(addressLists) }),
    folders: {
      secrets: at(folders.secrets),
      hosts: at(folders.hosts),
      droneStore: at(folders.droneStore),
      logs: at(folders.logs),
    },
  }
}

/** Whether the gateway of the stack in `folder` answers: a stack.json may be left from one that was killed. */
export async function isRunning(folder: string): Promise<boolean> {
  try {
    const response = await fetch(`${readStackInfo(folder).gateway}/health/live`, { signal: AbortSignal.timeout(2_000) })
    return response.ok
  } catch {
    return false // No stack.json, or nobody there.
  }
}
