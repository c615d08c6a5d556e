import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { identityOf, isRunning, type ProcessIdentity, signalProcess } from './process-identity.ts'
import { Missing } from './provision.ts'
import { reapLeftovers } from './reaper.ts'
import { waitUntil } from './wait.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'reaper-test-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

/** A launcher of one part that would run for ten minutes. */
async function launcher() {
  const source = `
    const { startReaper } = await import(${JSON.stringify(join(import.meta.dirname, 'reaper.ts'))})
    const { startChild } = await import(${JSON.stringify(join(import.meta.dirname, 'child.ts'))})
    const folder = process.argv[2]
    const reaper = startReaper(folder)
    const part = await startChild({ name: 'sleeper', file: 'sleep', args: ['600'], cwd: folder, logFile: folder + '/log', reaper })
    console.log(part.pid)
  `
  const file = join(folder, 'launcher.mjs')
  await writeFile(file, source)
  const process_ = spawn(process.execPath, [file, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
  const { value } = await createInterface({ input: process_.stdout })[Symbol.asyncIterator]().next()
  return { launcher: identityOf(process_.pid ?? 0), part: identityOf(Number(value)) }
}

const ended = (identity: ProcessIdentity) =>
  waitUntil(`process ${identity.pid} to end`, () => !isRunning(identity), { timeoutMs: 30_000, everyMs: 20 })

describe('the reaper', () => {
  it('ends the parts of a launcher that was killed', async () => {
    const { launcher: killed, part } = await launcher()

    signalProcess(killed, 'SIGKILL')

    await ended(part)
  })

  it('refuses a second launcher in the same folder', async () => {
    const { launcher: first, part } = await launcher()

    await expect(reapLeftovers(folder, () => undefined)).rejects.toThrow(Missing)

    signalProcess(first, 'SIGKILL')
    await ended(part)
  })

  it('cleans up at the next start what outlived launcher and reaper, and spares a reused number', async () => {
    const left = spawn('sleep', ['600'])
    const other = spawn('sleep', ['600'])
    const identity = identityOf(left.pid ?? 0)
    const stranger = { ...identityOf(other.pid ?? 0), startTime: '1' }
    const parts = [
      { name: 'left', ...identity },
      { name: 'reused', ...stranger },
    ]
    await writeFile(join(folder, 'pids.json'), JSON.stringify({ launcher: { pid: 999_999, startTime: '1' }, parts }))
    const said: string[] = []

    await reapLeftovers(folder, (line) => said.push(line))

    expect(said).toEqual([expect.stringContaining('left: ended')])
    expect(isRunning(identity)).toBe(false)
    expect(other.exitCode).toBeNull()
    await expect(readFile(join(folder, 'pids.json'))).rejects.toThrow()
    other.kill('SIGKILL')
  })
})
