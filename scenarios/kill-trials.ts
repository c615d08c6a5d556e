/** One stack for a row of trials, and its end. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalConfig, type StackSizes } from '@fleet/local/launch'
import { type Stack, startStack } from '@fleet/local/stack'
import { readConfig } from '@fleet/runtime/config'

/** A whole stack in a folder of its own: three brokers and three members at ten times real time, where `sizes` say nothing else. */
export async function startTrialStack(
  nowMs: () => number,
  sizes: Partial<StackSizes> = {},
): Promise<Stack & AsyncDisposable & { folder: string }> {
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
    ...sizes,
    nowMs,
    say: (line) => void lines.push(line),
  })
  return {
    ...stack,
    folder,
    get info() {
      return stack.info
    },
    [Symbol.asyncDispose]: async () => {
      await stack.stop()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
