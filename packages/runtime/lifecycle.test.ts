import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { createLifecycle } from './lifecycle.ts'
import { silentLog } from './log.ts'

/** Runs the process until it has ended, with `signal` once it is ready. */
async function live(behaviour: string, signal?: NodeJS.Signals): Promise<{ code: number | null; said: string[] }> {
  const script = fileURLToPath(new URL('testing/life.ts', import.meta.url))
  const child = spawn(process.execPath, ['--no-warnings', script, behaviour], { stdio: ['ignore', 'pipe', 'inherit'] })
  let output = ''
  child.stdout.on('data', (bytes: Buffer) => {
    if (signal && output === '') child.kill(signal) // The first that it says is that it is ready.
    output += bytes.toString()
  })
  const [code] = await once(child, 'close')
  return { code, said: output.trim().split('\n') }
}

describe('a process', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('closes what it opened, last first, on %s', async (signal) => {
    expect(await live('well', signal)).toEqual({
      code: 0,
      said: ['ready', 'close third', 'close second', 'close first'],
    })
  })

  it('closes the rest where one part fails to close', async () => {
    expect(await live('part-fails', 'SIGTERM')).toEqual({
      code: 0,
      said: ['ready', 'close third', 'close second', 'close first'],
    })
  })

  it('leaves in time where a part hangs, and its exit code says that not all went well', async () => {
    expect(await live('part-hangs', 'SIGTERM')).toEqual({ code: 1, said: ['ready', 'close third', 'close second'] })
  })

  it('ends at once with 1 on an error that nobody handles', async () => {
    expect(await live('rejects')).toEqual({ code: 1, said: ['ready'] })
  })

  it('closes each part once, however often it is stopped', async () => {
    const closed: string[] = []
    const life = createLifecycle(silentLog(), 1_000)
    for (const name of ['first', 'second']) life.own(name, { close: () => void closed.push(name) })

    await Promise.all([life.stop(), life.stop()])

    expect(closed).toEqual(['second', 'first'])
  })
})
