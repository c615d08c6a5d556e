/** The `docker` command, and what it says when it cannot. */
import { execFileSync, spawnSync } from 'node:child_process'
import { Missing } from './provision.ts'

const TIMEOUT_MS = 60_000

/**
 * Runs `docker` with `args` and gives what it printed. Blocks: scenarios break parts at one moment, not some time later.
 * Throws with docker's own last line where it fails.
 */
export function docker(...args: string[]): string {
  try {
    return execFileSync('docker', args, { encoding: 'utf8', timeout: TIMEOUT_MS, stdio: ['ignore', 'pipe', 'pipe'] })
  } catch (error) {
    throw new Error(`docker ${args.slice(0, 2).join(' ')}: ${lastLine(error)}`, { cause: error })
  }
}

/** The last line that a container wrote, to standard output or error. */
export function lastLogLine(container: string): string {
  const { stdout, stderr } = spawnSync('docker', ['logs', '--tail', '1', container], {
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
  })
  return `${stdout}${stderr}`.trim()
}

/** What the engine says of itself. Refuses with {@link Missing} where there is no `docker`, no engine or no compose. */
export function dockerEngine(): { version: string; memoryBytes: number } {
  try {
    const [version = '', memory = '0'] = docker('info', '--format', '{{.ServerVersion}} {{.MemTotal}}')
      .trim()
      .split(' ')
    if (version === '') throw new Error('the engine does not tell its version')
    docker('compose', 'version')
    return { version, memoryBytes: Number(memory) }
  } catch (error) {
    throw new Missing(
      `No Docker engine with the compose plugin answers (${lastLine(error)}): start Docker, or leave out --docker to run the stack as processes.`,
    )
  }
}

function lastLine(error: unknown): string {
  const stderr = error instanceof Error && 'stderr' in error ? String(error.stderr) : ''
  const text = stderr.trim() || (error instanceof Error ? error.message : String(error))
  return text.split('\n').at(-1) ?? text
}
