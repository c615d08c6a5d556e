/** Passwords, kept as scrypt hashes: slow to guess, and each guess takes tens of megabytes. */
import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto'
import { bulkhead } from 'cockatiel'
import { z } from 'zod'

/** OWASP Password Storage Cheat Sheet, scrypt: N = 2^15 (32 MiB), r = 8, p = 3 is as strong as N = 2^17 (128 MiB), p = 1. */
const cost = { N: 2 ** 15, r: 8, p: 3 }
/** Node refuses what takes more; 128 × N × r bytes are needed. */
const memoryBytesMax = 64 * 1024 * 1024
const keyBytes = 32
const saltBytes = 16

/** Each takes a core for a third of a second: two at once, a few in wait, and the rest is refused rather than queued. */
const atOnce = bulkhead(2, 8)

const Stored = z.object({ salt: z.string(), hash: z.string(), N: z.int(), r: z.int(), p: z.int() })
/** With its own parameters, so that they can be raised later. */
export type PasswordHash = z.infer<typeof Stored>

const derive = (password: string, salt: Buffer, options: ScryptOptions) =>
  atOnce.execute(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        scrypt(password.normalize('NFKC'), salt, keyBytes, { ...options, maxmem: memoryBytesMax }, (error, key) =>
          error === null ? resolve(key) : reject(error),
        ),
      ),
  )

/** Hashes `password` under a fresh salt. @throws BulkheadRejectedError where too many are hashed already. */
export async function hashPassword(password: string): Promise<PasswordHash> {
  const salt = randomBytes(saltBytes)
  const key = await derive(password, salt, cost)
  return { salt: salt.toString('base64'), hash: key.toString('base64'), ...cost }
}

/** Stands in for an account that does not exist, so that asking takes as long. */
const nobody: PasswordHash = { salt: '', hash: Buffer.alloc(keyBytes).toString('base64'), ...cost }

/** Whether `password` is the one that `stored` was made from, in the same time either way, also where there is none. */
export async function isPassword(password: string, stored: PasswordHash | null): Promise<boolean> {
  const { salt, hash, N, r, p } = stored ?? nobody
  const key = await derive(password, Buffer.from(salt, 'base64'), { N, r, p })
  return timingSafeEqual(key, Buffer.from(hash, 'base64')) && stored !== null
}
