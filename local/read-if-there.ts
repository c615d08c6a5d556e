/** A file that may not be there yet. */
import { readFile } from 'node:fs/promises'
import { types } from 'node:util'

/** The text of `file`, or undefined where there is none. A file that is there and cannot be read is an error. */
export async function readIfThere(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    // Not `instanceof`: under jest an error of Node's own comes from another realm.
    if (types.isNativeError(error) && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
