/** One stack for a row of kill trials, and its end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalConfig } from '@fleet/local/launch'
import { type Stack, startStack } from '@fleet/local/stack'
import { readConfig } from '@fleet/runtime/config'

/** A whole stack of three brokers and three members in a folder of its own, at ten times real time. */
export async function startTrialStack(nowMs: () => number): Promise<Stack & AsyncDisposable> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-kills-'))
  const lines: string[] = []
  const stack = await startStack({
    folder,
    provisioning: readConfig(LocalConfig),
    brokers: 3,
    mongo: 3,
    drones: 9,
    worldSpeed: 10,
    worldEpochMs: nowMs(),
    seed: 1,
    logLevel: 'info',
    ports: 'any',
    keep: false,
    disposable: true,
    nowMs,
    say: (line) => void lines.push(line),
  })
  return {
    ...stack,
    get info() {
      return stack.info
    },
    [Symbol.asyncDispose]: async () => {
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
