/**
 * Follows a file of lines that another process appends to: through rotation (another file under the same name), truncation, and our
 * own restarts. How far it has been read stands in a file beside it, with the identity of what was read.
 *
 * What a rotation takes away before it was read is lost: alerts are of now, and an attack that goes on raises more.
 */
import { mkdir, open, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { startLoop } from '@fleet/messaging/loop'
import type { Log } from '@fleet/runtime/log'
import { z } from 'zod'

const lookEveryMs = 200
/** Read at one look; more waits for the next. */
const chunkBytes = 256 * 1024
/** A longer line is no alert, and is passed over. */
const lineBytesMax = 16 * 1024

const Place = z.object({ inode: z.number(), offset: z.number().int().nonnegative() })
type Place = z.infer<typeof Place>

export type Following = {
  /** Where it stands, in words, for readiness; null where all is well. */
  problem(): string | null
  close(): Promise<void>
}

/** `onLines` is given whole lines in order; what it was given is not given again after a restart, unless it threw. */
export async function follow({
  file,
  placeFile,
  onLines,
  log,
}: {
  file: string
  placeFile: string
  onLines: (lines: string[]) => Promise<void>
  log: Log
}): Promise<Following> {
  await mkdir(dirname(placeFile), { recursive: true })
  let place = await readPlace(placeFile)
  let problem: string | null = null

  const look = async () => {
    const handle = await openIfThere(file)
    if (handle === null) {
      problem = `there is no ${file} yet`
      return
    }
    try {
      problem = null
      const { ino, size } = await handle.stat()
      // Another file under the name, or the same one begun anew.
      if (place === null || place.inode !== ino || place.offset > size) place = { inode: ino, offset: 0 }
      const buffer = Buffer.alloc(Math.min(chunkBytes, Math.max(0, size - place.offset)))
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, place.offset)
      const wholeBytes = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1
      const taken = wholeBytes === 0 && bytesRead >= lineBytesMax ? bytesRead : wholeBytes
      if (taken === 0) return
      const lines = buffer.subarray(0, wholeBytes).toString().split('\n')
      await onLines(lines.filter((line) => line !== '' && line.length <= lineBytesMax))
      place = { inode: ino, offset: place.offset + taken }
      await writePlace(placeFile, place)
    } finally {
      await handle.close()
    }
  }
  const loop = startLoop('alerts', lookEveryMs, log, look)
  return { problem: () => problem, close: loop.close }
}

const NotThere = z.object({ code: z.literal('ENOENT') })

async function openIfThere(file: string) {
  try {
    return await open(file, 'r')
  } catch (error) {
    if (NotThere.safeParse(error).success) return null
    throw error
  }
}

/** Null where nothing was read yet: then what stands in the file is read from its beginning. */
async function readPlace(file: string): Promise<Place | null> {
  try {
    await stat(file)
  } catch (error) {
    if (NotThere.safeParse(error).success) return null
    throw error
  }
  return Place.parse(JSON.parse(await readFile(file, 'utf8')))
}

async function writePlace(file: string, place: Place): Promise<void> {
  const half = `${file}.half`
  await writeFile(half, JSON.stringify(place))
  await rename(half, file)
}
