/**
 * The drones' non-volatile stores: one small JSON file a drone, replaced whole by an atomic rename. What `store` returned from
 * survives the death of the process at any moment; a power cut of the machine is not simulated, so nothing is synced to disk.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { DroneId } from '@fleet/contracts/ids'
import { Memory } from './memory.ts'

export type NonVolatileStore = {
  /** What the drone remembers, or null where it never stored anything. Throws on a file that is not a memory. */
  load(droneId: DroneId): Memory | null
  store(memory: Memory): void
}

/** Opens the stores in `folder`, which is made where it is missing. */
export function openNonVolatileStore(folder: string): NonVolatileStore {
  mkdirSync(folder, { recursive: true })
  const fileOf = (droneId: DroneId) => join(folder, `${droneId}.json`)
  return {
    load: (droneId) => (existsSync(fileOf(droneId)) ? readJson(fileOf(droneId), Memory.parse) : null),
    store: (memory) => replaceJson(fileOf(memory.droneId), memory),
  }
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
export function replaceJson(file: string, value: unknown): void {
  writeFileSync(`${file}.new`, JSON.stringify(value))
  renameSync(`${file}.new`, file)
}
