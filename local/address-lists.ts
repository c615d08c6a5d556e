/** Where the instances of each service are, where there is no DNS: one file a service, a base URL a line, replaced whole. The gateway reads them anew. */
import { mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceName } from './stack-environment.ts'

/** The list of the service `name` below `folder`. */
export const addressListFile = (folder: string, name: ServiceName): string => join(folder, `${name}.list`)

/** Says that `name` is served at `urls`, and nowhere else. */
export function writeAddressList(folder: string, name: ServiceName, urls: readonly string[]): void {
  const file = addressListFile(folder, name)
  const half = `${file}.half`
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  writeFileSync(half, urls.map((url) => `${url}\n`).join(''))
  renameSync(half, file)
}
