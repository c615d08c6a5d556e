/** A program that the stack starts: its log in a file, its end known, and never an orphan. */
import { spawn } from 'node:child_process'
import { closeSync, existsSync, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { dirname } from 'node:path'
import { types } from 'node:util'
import type { Reaper } from './reaper.ts'

export type Exit = { code: number | null; signal: NodeJS.Signals | null }

export type Child = {
  readonly pid: number
  readonly exited: Promise<Exit>
  /** Undefined while it runs. */
  exit(): Exit | undefined
  kill(signal: NodeJS.Signals): void
  /** Asks it to end with SIGTERM, and ends it with SIGKILL after `graceMs` (0: at once). */
  stop(graceMs: number): Promise<void>
}

export type ChildOptions = {
  name: string
  file: string
  args: string[]
  /** Its whole environment; left out, it gets the launcher's. */
  env?: Record<string, string>
  cwd: string
  logFile: string
  reaper: Reaper
  /** What it does can wait for everything else on the machine. */
  givesWay?: boolean
}

/** Starts a program. Throws where it cannot be started at all. */
export async function startChild({
  name,
  file,
  args,
  env,
  cwd,
  logFile,
  reaper,
  givesWay = false,
}: ChildOptions): Promise<Child> {
  mkdirSync(dirname(logFile), { recursive: true })
  const log = openSync(logFile, 'a')
  // In a process group of its own, so that Ctrl-C reaches the launcher alone, which stops its parts in order.
  const child = spawn(file, args, { cwd, detached: true, stdio: ['ignore', log, log], ...(env ? { env } : {}) })
  closeSync(log)
  const { pid } = child
  if (pid === undefined) {
    const reason = await new Promise<Error>((resolve) => child.once('error', resolve))
    throw new Error(`${name} could not be started: ${reason.message}`)
  }
  reaper.watch(name, pid)
  if (givesWay) giveWay(pid)
  let exit: Exit | undefined
  const exited = new Promise<Exit>((resolve) => {
    child.once('exit', (code, signal) => {
      exit = { code, signal }
      reaper.forget(pid)
      resolve(exit)
    })
  })
  return {
    pid,
    exited,
    exit: () => exit,
    kill: (signal) => void child.kill(signal),
    async stop(graceMs) {
      if (exit !== undefined) return
      child.kill('SIGCONT') // A paused process would not hear the next signal.
      child.kill(graceMs > 0 ? 'SIGTERM' : 'SIGKILL')
      const timer = setTimeout(() => child.kill('SIGKILL'), graceMs)
      await exited
      clearTimeout(timer)
    },
  }
}

const { PRIORITY_BELOW_NORMAL } = constants.priority
const refusals = new Set<unknown>(['ERR_SYSTEM_ERROR', 'ESRCH', 'ENOENT', 'EAGAIN', 'EACCES', 'EPERM', 'EROFS'])

/** Where Linux groups processes by session, a session's niceness counts beside those of others, and a process's within it alone. */
function giveWay(pid: number): void {
  const ofSession = `/proc/${pid}/autogroup`
  try {
    setPriority(pid, PRIORITY_BELOW_NORMAL)
    if (existsSync(ofSession)) writeFileSync(ofSession, `${PRIORITY_BELOW_NORMAL}`)
  } catch (error) {
    // It may have ended already, or may not wish for it here or so often: a part without it works as well.
    if (!types.isNativeError(error) || !('code' in error) || !refusals.has(error.code)) throw error
  }
}

/** A started part of the stack, as tests and faults see it. */
export type Part = {
  readonly name: string
  /** Of the process that runs now or ran last; a restart changes it. */
  readonly pid: number
  kill(signal: NodeJS.Signals): void
  /** Starts it again on the same ports and data, and waits until it serves; one that still runs is killed first. */
  restart(): Promise<void>
}
