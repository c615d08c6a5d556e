/** A stack of a campaign's own, in a folder of its own, gone when it ends. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalConfig } from '@fleet/local/launch'
import { cacheFolder, Missing } from '@fleet/local/provision'
import { type Stack, startStack } from '@fleet/local/stack'
import { findToxiproxy } from '@fleet/local/toxiproxy'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'

/** More than orders are open at once. */
const drones = 10
/** Far more often than a campaign kills. */
const restartsMax = 1_000

const ChaosConfig = LocalConfig.extend({
  /** A Toxiproxy program, in place of one that is found on the path or built. */
  TOXIPROXY_BIN: z.string().optional(),
})

/** Without it the links are not made worse, and a line says so. */
async function toxiproxyOrNone(
  { XDG_CACHE_HOME, TOXIPROXY_BIN }: z.output<typeof ChaosConfig>,
  say: (line: string) => void,
): Promise<string | undefined> {
  try {
    return await findToxiproxy({ cache: cacheFolder(XDG_CACHE_HOME), binary: TOXIPROXY_BIN, say })
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    say(`${error.message} The faults of links are left out.`)
    return undefined
  }
}

/** Starts three brokers, three members, services and a fleet, at ten times real time; `say` hears who died and was started again. */
export async function startOwnStack({
  seed,
  links,
  nowMs,
  say,
}: {
  seed: number
  /** Whether the links lead through Toxiproxy, where there is one. */
  links: boolean
  nowMs: () => number
  say: (line: string) => void
}): Promise<Stack & AsyncDisposable & { folder: string }> {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-chaos-'))
  const provisioning = readConfig(ChaosConfig)
  const stack = await startStack({
    folder,
    provisioning,
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
    toxiproxy: links ? await toxiproxyOrNone(provisioning, say) : undefined,
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
