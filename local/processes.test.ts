import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { getPriority, tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { createPortPicker } from './ports.ts'
import { startNodePart } from './processes.ts'
import { type Reaper, startReaper } from './reaper.ts'
import { waitUntil } from './wait.ts'

let folder: string
let reaper: Reaper
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'processes-test-'))
  reaper = startReaper(folder)
})
afterEach(async () => {
  reaper.close()
  await rm(folder, { recursive: true, force: true })
})

/** A process whose health endpoint answers `status`. */
async function start(source = 'response.end()', { givesWay = false } = {}) {
  const entry = join(folder, 'service.mjs')
  const server = `import { createServer } from 'node:http'
    createServer((request, response) => { ${source} }).listen(process.env.HTTP_PORT, '127.0.0.1')`
  await writeFile(entry, server)
  const said: string[] = []
  let restarts = 0
  const part = await startNodePart({
    name: 'frail',
    entry,
    port: await createPortPicker(process.pid)(),
    env: {},
    logFolder: folder,
    compileCache: join(folder, 'cache'),
    reaper,
    givesWay,
    say: (line) => said.push(line),
    onRestart: () => restarts++,
  })
  return { part, said, restarts: () => restarts }
}

describe('a process of the stack', () => {
  it('is started again when it dies, with a line that says so, five times at most', async () => {
    const { part, said, restarts } = await start()
    await part.ready()

    for (let death = 1; death <= 6; death++) {
      part.kill('SIGKILL')
      await waitUntil(`death ${death} to be told`, () => said.length >= death, { timeoutMs: 30_000, everyMs: 20 })
      if (death <= 5) await waitUntil('it to run again', () => restarts() === death, { timeoutMs: 30_000, everyMs: 20 })
    }

    expect(said.slice(0, 5)).toEqual([1, 2, 3, 4, 5].map((n) => `frail: died (SIGKILL), started again (${n} of 5)`))
    expect(said.at(5)).toMatch(/left dead after 5 restarts/)
  })

  it('gives way to the others where it was asked to, also when it was started again', async () => {
    const quick = await start()
    await quick.part.ready()
    const patient = await start('response.end()', { givesWay: true })
    await patient.part.restart()

    expect(getPriority(patient.part.pid)).toBeGreaterThan(getPriority(quick.part.pid))
    await Promise.all([quick.part.stop(), patient.part.stop()])
  })

  it('stays stopped when it was stopped on purpose, until it is started again', async () => {
    const { part, said } = await start()
    await part.ready()
    const before = part.pid

    await part.stop()
    await expect(fetch(part.url)).rejects.toThrow()
    await part.restart()

    expect((await fetch(part.url)).ok).toBe(true)
    expect(part.pid).not.toBe(before)
    expect(said).toEqual([])
    await part.stop()
  })
})
