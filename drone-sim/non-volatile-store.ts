/**
 * The drones' non-volatile stores: one file with a line for each memory that was stored, of which a drone's last counts, and
 * which is written anew without the others once they are many. A file a drone, replaced at each store, took 0.6 ms (decision 0083).
 * What `store` returned from survives the death of the process at any moment; a power cut of the machine is not simulated, so
 * nothing is synced to disk.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DroneId } from '@fleet/contracts/ids'
import { Memory } from './memory.ts'

export type NonVolatileStore = {
  /** What the drone remembers, or null where it never stored anything. */
  load(droneId: DroneId): Memory | null
  store(memory: Memory): void
}

/** The file is written anew when it is so many times as long as what counts of it, and no small one. */
const staleMax = 4
const fileBytesMin = 4 * 1_048_576

/** Opens the stores in `folder`, which is made where it is missing. Throws where the file holds what is not a memory. */
export function openNonVolatileStore(folder: string): NonVolatileStore {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'memories.jsonl')
  const memories = existsSync(file) ? readMemories(file) : new Map<DroneId, Memory>()
  let bytes = 0
  let bytesMax = 0

  const writeAnew = () => {
    const text = [...memories.values()].map(lineOf).join('')
    replaceFile(file, text)
    bytes = Buffer.byteLength(text)
    bytesMax = Math.max(fileBytesMin, staleMax * bytes)
  }
  writeAnew()

  return {
    load: (droneId) => memories.get(droneId) ?? null,
    store: (memory) => {
      const line = lineOf(memory)
      appendFileSync(file, line)
      memories.set(memory.droneId, memory)
      bytes += Buffer.byteLength(line)
      if (bytes > bytesMax) writeAnew()
    },
  }
}

const lineOf = (memory: Memory) => `${JSON.stringify(memory)}\n`

/** The last memory of each drone. A line without an end is of a `store` that never returned. */
function readMemories(file: string): Map<DroneId, Memory> {
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1)
  const memories = new Map<DroneId, Memory>()
  for (const [index, line] of lines.entries()) {
    try {
      const memory = Memory.parse(JSON.parse(line))
      memories.set(memory.droneId, memory)
    } catch (cause) {
      throw new Error(`${file}: line ${index + 1} cannot be read`, { cause })
    }
  }
  return memories
}

/** Reads a JSON file; what is wrong with it is told with its name. */
export function readJson<Value>(file: string, parse: (value: unknown) => Value): Value {
  try {
    return parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch (cause) {
    throw new Error(`${file} cannot be read`, { cause })
  }
}

/** Replaces a JSON file whole: a reader finds the old content or the new. */
export const replaceJson = (file: string, value: unknown): void => replaceFile(file, JSON.stringify(value))

function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text)
  renameSync(`${file}.new`, file)
}
