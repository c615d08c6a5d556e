/** The gateway's pages, built where they are stale: before the gateway starts, while brokers and databases do (decision 0070). */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { REPOSITORY } from './processes.ts'
import { exists, Missing, type Say } from './provision.ts'
import { readIfThere } from './read-if-there.ts'

const dashboard = join(REPOSITORY, 'gateway', 'dashboard')
const vite = join(REPOSITORY, 'node_modules', 'vite', 'bin', 'vite.js')
const built = join(dashboard, 'dist')
const builtFrom = 'built-from'
const BUILD_TIMEOUT_MS = 120_000

/** Everything that the built files follow from. */
function sources(): string[] {
  const own = readdirSync(dashboard, { recursive: true, encoding: 'utf8' })
    .filter((name) => /^(src|public)[/\\].*\.\w+$|^[\w.-]+\.(html|ts|json)$/.test(name) && !name.endsWith('.test.ts'))
    .map((name) => join(dashboard, name))
  const contracts = join(REPOSITORY, 'packages', 'contracts')
  const shared = readdirSync(contracts).filter((name) => name.endsWith('.ts'))
  return [...own, ...shared.map((name) => join(contracts, name)), join(REPOSITORY, 'package-lock.json')].sort()
}

function hashOfSources(): string {
  const hash = createHash('sha256')
  for (const file of sources()) hash.update(file.slice(REPOSITORY.length)).update('\0').update(readFileSync(file))
  return hash.digest('hex')
}

/** Builds the pages where what they are built from has changed. Without Vite, as in a production install, what is there is served. */
export async function buildPages(say: Say): Promise<void> {
  if (!(await exists(vite))) return
  const wanted = hashOfSources()
  if ((await readIfThere(join(built, builtFrom))) === wanted) return
  const startedMs = performance.now()
  // Beside the old ones and then in their place: a gateway that runs meanwhile never finds half a page.
  const next = `${built}-${process.pid}`
  const child = spawn(process.execPath, [vite, 'build', '--outDir', next], {
    cwd: dashboard,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: BUILD_TIMEOUT_MS,
  })
  let told = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      told = `${told}${text}`.slice(-4_000)
    })
  }
  const [code]: unknown[] = await once(child, 'close')
  if (code !== 0) {
    await rm(next, { recursive: true, force: true })
    throw new Missing(`The gateway's pages cannot be built:\n${told}`)
  }
  await writeFile(join(next, builtFrom), wanted)
  await rm(built, { recursive: true, force: true })
  await rename(next, built)
  say(`pages: built in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
}
