/**
 * No orphans, whatever ends the launcher.
 *
 * Each process that the launcher starts is written down, twice: in `pids.json`, and through a pipe to a small detached
 * process, the reaper. When the launcher ends, however it ends, the system closes the pipe, and the reaper ends what is
 * still on its list. Where the reaper was killed too, the next start in the same folder cleans up by `pids.json`.
 * A pid is believed only together with its start time, so a reused number is never hit.
 */
import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { identityOf, isRunning, type ProcessIdentity, signalProcess } from './process-identity.ts'
import { Missing, type Say } from './provision.ts'
import { waitUntil } from './wait.ts'

const Identity = z.object({ pid: z.int().positive(), startTime: z.string() })
const PidFile = z.object({ launcher: Identity, parts: z.array(Identity.extend({ name: z.string() })) })
const REAPER_MAIN = join(dirname(fileURLToPath(import.meta.url)), 'reaper-main.ts')
const END_TIMEOUT_MS = 10_000

export type Reaper = {
  /** Ends `pid` with the launcher from now on. */
  watch(name: string, pid: number): void
  /** `pid` has ended in the orderly way. */
  forget(pid: number): void
  /** Nothing is left to end: lets the reaper go. */
  close(): void
}

/** Starts the reaper of this process; `folder` gets `pids.json`. */
export function startReaper(folder: string): Reaper {
  mkdirSync(folder, { recursive: true })
  const file = join(folder, 'pids.json')
  const launcher = identityOf(process.pid)
  const parts = new Map<number, ProcessIdentity & { name: string }>()
  const reaper = spawn(process.execPath, [REAPER_MAIN], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
    cwd: '/',
  })
  reaper.unref()
  reaper.stdin.on('error', () => undefined) // Somebody ended the reaper: pids.json still serves the next start.
  function tell(line: string): void {
    const half = `${file}.half`
    writeFileSync(half, JSON.stringify({ launcher, parts: [...parts.values()] }, null, 2))
    renameSync(half, file)
    if (reaper.stdin.writable) reaper.stdin.write(`${line}\n`)
  }
  return {
    watch(name, pid) {
      const identity = identityOf(pid)
      parts.set(pid, { name, ...identity })
      tell(`+ ${identity.pid} ${identity.startTime}`)
    },
    forget(pid) {
      if (parts.delete(pid)) tell(`- ${pid}`)
    },
    close() {
      if (parts.size === 0) rmSync(file, { force: true })
      reaper.stdin.end()
    },
  }
}

/**
 * Ends what an earlier launcher left behind in `folder`.
 * Refuses with {@link Missing} where that launcher still runs: one folder serves one stack at a time.
 */
export async function reapLeftovers(folder: string, say: Say): Promise<void> {
  const file = join(folder, 'pids.json')
  const left = readPidFile(file)
  if (left === undefined) return
  if (isRunning(left.launcher) && left.launcher.pid !== process.pid)
    throw new Missing(
      `A stack already runs in ${folder} (process ${left.launcher.pid}): stop it, or set LOCAL_DIR to another folder.`,
    )
  const running = left.parts.filter(isRunning)
  for (const part of running) {
    say(`${part.name}: ended, it was left over from an earlier run (process ${part.pid})`)
    signalProcess(part, 'SIGCONT') // A stopped process would keep its ports until it is woken.
    signalProcess(part, 'SIGKILL')
  }
  await waitUntil('leftover processes to end', () => !running.some(isRunning), { timeoutMs: END_TIMEOUT_MS })
  rmSync(file, { force: true })
}

function readPidFile(file: string): z.infer<typeof PidFile> | undefined {
  try {
    return PidFile.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return undefined // Not there, or from a version that wrote it otherwise: nothing that can be believed.
  }
}
