import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { REPOSITORY } from './processes.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fleet-refusals-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A command `docker` that says what `script` makes it say: the engines that refuse us cannot be had at will. */
async function dockerThat(script: string): Promise<void> {
  const file = join(folder, 'docker')
  await writeFile(file, `#!/bin/sh\n${script}\n`)
  await chmod(file, 0o755)
}

const engineOf = (bytes: number) => `case "$1" in info) echo "28.0.0 ${bytes}";; *) exit 0;; esac`

/** What `npm run stack -- --docker` says last, and the code that it ends with. */
async function startStack(environment: Record<string, string> = {}): Promise<{ line: string; code: unknown }> {
  const child = spawn(process.execPath, ['local/stack-main.ts', '--docker'], {
    cwd: REPOSITORY,
    env: { PATH: `${folder}:/usr/bin:/bin`, LOCAL_DIR: join(folder, 'local'), ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text
  })
  const [code] = await once(child, 'close')
  return { line: said.trim().split('\n').at(-1) ?? '', code }
}

describe('a stack that cannot start in containers says why in one sentence', () => {
  it('names an engine that does not answer', async () => {
    await dockerThat('echo "Cannot connect to the Docker daemon" >&2; exit 1')

    expect(await startStack()).toEqual({
      code: 1,
      line: 'No Docker engine with the compose plugin answers (docker info --format: Cannot connect to the Docker daemon): start Docker, or leave out --docker to run the stack as processes.',
    })
  })

  it('names the memory that the engine has and the stack needs', async () => {
    await dockerThat(engineOf(2e9))

    expect(await startStack()).toEqual({
      code: 1,
      line: 'The Docker engine has 2.0 GB of memory and the stack needs 3.5 GB: give the engine more.',
    })
  })

  it('names the port that is taken, and the variable that moves it', async () => {
    await dockerThat(engineOf(8e9))
    const holder = createServer().listen(0, '127.0.0.1')
    await once(holder, 'listening')
    const { port } = z.object({ port: z.int() }).parse(holder.address())
    try {
      expect(await startStack({ GATEWAY_PORT: `${port}` })).toEqual({
        code: 1,
        line: `Port ${port} of this machine is taken: free it, or set GATEWAY_PORT to another.`,
      })
    } finally {
      holder.close()
    }
  })

  it('names the folder of identities that drones lack', async () => {
    const child = spawn('bash', ['docker/drones'], { cwd: REPOSITORY, stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      said += text
    })

    const [code] = await once(child, 'close')

    expect(code).toBe(1)
    expect(said).toMatch(/^drones: there are no identities .* DRONE_IDENTITIES: start the server's compose first/)
  })
})
