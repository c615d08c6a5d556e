/**
 * A cache folder that is either whole or not there: built in a sibling and renamed, by one provisioner at a time.
 * It survives between runs and clones, and an interrupted download leaves nothing that looks finished.
 */
import { access, mkdir, readlink, rename, rm, statfs, symlink, unlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { identityOf, isRunning } from './process-identity.ts'
import { waitUntil } from './wait.ts'

/** Tells a person what goes on, one line at a time. */
export type Say = (line: string) => void

/** An error whose message is all that a person needs to see: what is missing or wrong, and how to go on. */
export class Missing extends Error {
  override name = 'Missing'
}

const LOCK_TIMEOUT_MS = 10 * 60_000 // Another provisioner on a slow line; after that its lock is reported, not broken.

/** The folder for everything that is downloaded once per user. `xdgCacheHome` as in the XDG base directory rules. */
export function cacheFolder(xdgCacheHome?: string): string {
  return join(xdgCacheHome || join(homedir(), '.cache'), 'drone-delivery-fleet')
}

export type ProvisionOptions = {
  folder: string
  needBytes: number
  what: string
  build: (emptyFolder: string) => Promise<void>
  say: Say
}

/**
 * Returns `folder`, building it first where it is not there yet.
 * Refuses with {@link Missing} where the disk holds less than `needBytes`.
 */
export async function provisionOnce({ folder, needBytes, what, build, say }: ProvisionOptions): Promise<string> {
  if (await exists(folder)) return folder
  await mkdir(dirname(folder), { recursive: true })
  await using _lock = await takeLock(`${folder}.lock`, what, say)
  if (await exists(folder)) return folder
  await refuseSmallDisk(dirname(folder), needBytes, what)
  const half = `${folder}.half-${process.pid}`
  await rm(half, { recursive: true, force: true })
  await mkdir(half)
  try {
    await build(half)
    await rename(half, folder)
  } finally {
    await rm(half, { recursive: true, force: true })
  }
  return folder
}

/** Refuses with {@link Missing} where the disk of `folder` has less than `needBytes` left. */
export async function refuseSmallDisk(folder: string, needBytes: number, what: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder)
  const freeBytes = bavail * bsize
  if (freeBytes >= needBytes) return
  throw new Missing(
    `${what} needs ${megabytes(needBytes)} of disk in ${folder}, which has ${megabytes(freeBytes)} left: free some, or set XDG_CACHE_HOME to a folder on a larger disk.`,
  )
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/** A link whose target is the owner's identity: made and filled in one step, so it is never seen half-written. */
async function takeLock(path: string, what: string, say: Say): Promise<AsyncDisposable> {
  const { pid, startTime } = identityOf(process.pid)
  let told = false
  await waitUntil(
    `another process to finish provisioning ${what} (its lock is ${path})`,
    async () => {
      try {
        await symlink(`${pid}:${startTime}`, path)
        return true
      } catch {
        const [ownerPid = '', ownerStart = ''] = (await readlink(path)).split(':')
        if (!isRunning({ pid: Number(ownerPid), startTime: ownerStart })) await unlink(path)
        else if (!told) {
          say(`${what}: process ${ownerPid} is provisioning it, waiting`)
          told = true
        }
        return false
      }
    },
    { timeoutMs: LOCK_TIMEOUT_MS, everyMs: 200 },
  )
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

const megabytes = (bytes: number) => `${Math.ceil(bytes / 1e6)} MB`
