/** A file that may not be there yet. */
import { readFile } from 'node:fs/promises'

/** The text of `file`, or undefined where there is none. A file that is there and cannot be read is an error. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
