/** Runs a program to its end, within a bound, and gives what it printed. */
import { execFile } from 'node:child_process'

export type CommandOptions = { timeoutMs: number; cwd?: string }

/** What a program that ended printed; `failed` is set where it could not start or ended with an error. */
export type CommandResult = { stdout: string; stderr: string; failed?: 'not-found' | 'timed-out' | 'exit' }

const OUTPUT_BYTES_MAX = 8 * 1024 * 1024 // A program that prints more is ended, and counts as failed.

/** Runs `file` with `args`. Never throws: a program that is not there is an answer too. */
export function runCommand(file: string, args: string[], { timeoutMs, cwd }: CommandOptions): Promise<CommandResult> {
  return new Promise((resolve) => {
    const options = { timeout: timeoutMs, maxBuffer: OUTPUT_BYTES_MAX, ...(cwd === undefined ? {} : { cwd }) }
    execFile(file, args, options, (error, stdout, stderr) => {
      if (error === null) return resolve({ stdout, stderr })
      const failed = error.code === 'ENOENT' ? 'not-found' : error.killed ? 'timed-out' : 'exit'
      resolve({ stdout, stderr, failed })
    })
  })
}
