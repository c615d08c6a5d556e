/** A stack of a campaign's own, in a folder of its own, gone when it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalConfig } from '@fleet/local/launch'
import { type Stack, startStack } from '@fleet/local/stack'
import { readConfig } from '@fleet/runtime/config'

/** More than orders are open at once. */
const drones = 10
/** Far more often than a campaign kills. */
const restartsMax = 1_000

/** Starts three brokers, three members, services and a fleet, at ten times real time; `say` hears who died and was started again. */
export async function startOwnStack({
  seed,
  nowMs,
  say,
}: {
  seed: number
  nowMs: () => number
  say: (line: string) => void
}): Promise<Stack & AsyncDisposable & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-chaos-'))
  const stack = await startStack({
    folder,
    provisioning: readConfig(LocalConfig),
    brokers: 3,
    mongo: 3,
    drones,
    worldSpeed: 10,
    worldEpochMs: nowMs(),
    seed,
    logLevel: 'info',
    ports: 'any',
    keep: false,
    disposable: true,
    restartsMax,
    nowMs,
    say,
  })
  return {
    ...stack,
    get info() {
      return stack.info
    },
    folder,
    [Symbol.asyncDispose]: async () => {
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
