/** Passwords, kept as scrypt hashes: slow to guess, and each guess takes tens of megabytes. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import PQueue from 'p-queue'
import { z } from 'zod'

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^15 (32 MiB), r = 8, p = 3 is as strong as N = 2^17 (128 MiB), p = 1. */
const cost = { N: 2 ** 15, r: 8, p: 3 }
/** Node refuses what takes more; 128 × N × r bytes are needed. */
const memoryBytesMax = 64 * 1024 * 1024
const keyBytes = 32
const saltBytes = 16

/** Each takes a core for a third of a second: two at once, a few in wait, and the rest is refused rather than queued. */
const hashing = new PQueue({ concurrency: 2 })
const waitingMax = 16
/** Those of a lower priority leave places for the others. */
const lowWaitingMax = 8

/** So many passwords are waiting to be hashed that one more would wait for too long. */
export class TooManyPasswords extends Error {
  constructor() {
    super(`${hashing.size} passwords are waiting to be hashed`)
    this.name = 'TooManyPasswords'
  }
}

const Stored = z.object({ salt: z.string(), hash: z.string(), N: z.int(), r: z.int(), p: z.int() })
/** With its own parameters, so that they can be raised later. */
export type PasswordHash = z.infer<typeof Stored>

async function derive(password: string, salt: Buffer, options: ScryptOptions, priority: number): Promise<Buffer> {
  if (hashing.size >= (priority < 0 ? lowWaitingMax : waitingMax)) throw new TooManyPasswords()
  return hashing.add(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, keyBytes, { ...options, maxmem: memoryBytesMax }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        ),
      ),
    { priority },
  )
}

/** Hashes `password` under a fresh salt. @throws TooManyPasswords */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(saltBytes)
  const key = await derive(password, salt, cost, 0)
  return { salt: salt.toString('base64'), hash: key.toString('base64'), ...cost }
}

/** Stands in for an account that does not exist, so that asking takes as long. */
const nobody: PasswordHash = { salt: '', hash: Buffer.alloc(keyBytes).toString('base64'), ...cost }

/**
 * Whether `password` is the one that `stored` was made from, in the same time either way, also where there is none. Of those
 * that wait, the highest `priority` is looked at first; it is 0 at most. @throws TooManyPasswords
 */
export async function isPassword(password: string, stored: PasswordHash | null, priority = 0): Promise<boolean> {
  const { salt, hash, N, r, p } = stored ?? nobody
  const key = await derive(password, Buffer.from(salt, 'base64'), { N, r, p }, priority)
  return timingSafeEqual(key, Buffer.from(hash, 'base64')) && stored !== null
}
