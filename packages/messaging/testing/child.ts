/** A test's child process: it tells where it is, line by line, and the test stops it, wakes it or kills it. */
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { waitUntil } from '@fleet/local/wait'

export type Child = {
  /** Waits until it has said `line`. */
  said(line: string): Promise<void>
  signal(name: NodeJS.Signals): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Runs `script`, a file of this folder, with `options` as its one argument. */
export function startChild(script: string, options: unknown): Child {
  const file = fileURLToPath(new URL(script, import.meta.url))
  const child: ChildProcess = spawn(process.execPath, ['--no-warnings', file, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = once(child, 'exit')
  let output = ''
  child.stdout?.on('data', (bytes: Buffer) => {
    output += bytes.toString()
  })
  return {
    said: async (line) => {
      await waitUntil(`the child to say "${line}"`, () => output.split('\n').includes(line), {
        timeoutMs: 40_000,
        everyMs: 20,
      })
    },
    signal: (name) => void child.kill(name),
    [Symbol.asyncDispose]: async () => {
      child.kill('SIGKILL')
      await ended
    },
  }
}
