/**
 * What one stack writes, below one folder: `data` (brokers, databases, world clock, enrolled hosts, drones' stores) is
 * kept or thrown away as one; secrets stay; logs are of the last start.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Missing, type Say } from './provision.ts'
import { readIfThere } from './read-if-there.ts'

export type StackPaths = {
  root: string
  data: string
  kafka: string
  mongo: string
  hosts: string
  droneStore: string
  secrets: string
  /** The first accounts' passwords, as the gateway wrote them down. */
  accounts: string
  ca: string
  /** Where the instances of each service are. */
  addressLists: string
  logs: string
}

/** The places below `root`, an absolute path. */
export function stackPaths(root: string): StackPaths {
  const data = join(root, 'data')
  const secrets = join(root, 'secrets')
  return {
    root,
    data,
    kafka: join(data, 'kafka'),
    mongo: join(data, 'mongo'),
    hosts: join(data, 'hosts'),
    droneStore: join(data, 'drone-store'),
    secrets,
    accounts: join(root, 'accounts.json'),
    ca: join(secrets, 'ca'),
    addressLists: join(root, 'addresses'),
    logs: join(root, 'logs'),
  }
}

const Kept = z.object({
  /** Of the world clock: its epoch is real time, and a kept stack goes on in the same world. */
  worldEpochMs: z.int(),
  worldSpeed: z.number(),
  brokers: z.int(),
  mongo: z.int(),
  /** The members' ports stand in the replica set's own configuration, so they stay. */
  mongoPorts: z.array(z.int()).optional(),
})
export type Kept = z.infer<typeof Kept>

const keptFile = (paths: StackPaths) => join(paths.data, 'stack.json')

/**
 * Opens the folder: empties it, or with `keep` goes on with what is there, whose world and size then win over `wanted`
 * (a line says so where they differ).
 */
export async function openStackFolder(paths: StackPaths, keep: boolean, wanted: Kept, say: Say): Promise<Kept> {
  await rm(paths.logs, { recursive: true, force: true })
  if (!keep) await rm(paths.data, { recursive: true, force: true })
  for (const folder of [paths.data, paths.logs, paths.droneStore, paths.hosts, paths.secrets])
    await mkdir(folder, { recursive: true, mode: 0o700 })
  const kept = keep ? await readKept(paths) : undefined
  if (kept === undefined) return wanted
  if (kept.worldSpeed !== wanted.worldSpeed || kept.brokers !== wanted.brokers || kept.mongo !== wanted.mongo)
    say(
      `stack: going on with ${kept.brokers} brokers, ${kept.mongo} mongod and WORLD_SPEED ${kept.worldSpeed}, as the data was made`,
    )
  return kept
}

/** Writes down what a later start with `keep` must know. */
export async function writeKept(paths: StackPaths, kept: Kept): Promise<void> {
  await writeFile(keptFile(paths), JSON.stringify(kept, null, 2))
}

async function readKept(paths: StackPaths): Promise<Kept | undefined> {
  const text = await readIfThere(keptFile(paths))
  if (text === undefined) return undefined // The first start, or one that was stopped before it had any data.
  const parsed = Kept.safeParse(JSON.parse(text))
  if (parsed.success) return parsed.data
  throw new Missing(
    `The data in ${paths.data} is from another version of the stack: start without --keep to throw it away.`,
  )
}
