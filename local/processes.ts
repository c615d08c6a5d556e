/** The Node processes of the stack: services, gateway and simulator, each with its log, its health, and a second chance. */
import { mkdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { type Child, type Part, startChild } from './child.ts'
import { Missing, type Say } from './provision.ts'
import type { Reaper } from './reaper.ts'
import { waitUntil } from './wait.ts'

export const REPOSITORY = dirname(dirname(fileURLToPath(import.meta.url)))

/** A part that dies more often is left dead, and says so: the cause is not going away. */
const RESTARTS_MAX_BY_DEFAULT = 5
const RESTART_PAUSE_MS = 300
const READY_TIMEOUT_MS = 60_000
/** A little more than SHUTDOWN_MS_MAX of the processes themselves. */
const STOP_GRACE_MS = 11_000
const LOG_TAIL_LINES = 15

export type NodePart = Part & {
  url: string
  /** Stops it in the orderly way and leaves it stopped, until `restart`. */
  stop(): Promise<void>
  ready(): Promise<void>
}

export type NodePartOptions = {
  name: string
  /** The file that it begins with, relative to the repository. */
  entry: string
  port: number
  /** All of its environment but HTTP_PORT. */
  env: Record<string, string>
  logFolder: string
  /** Compiled modules are kept here between starts. */
  compileCache: string
  reaper: Reaper
  /** Its work can wait for everything else on the machine. */
  givesWay?: boolean
  /** A part that dies more often is left dead. */
  restartsMax?: number | undefined
  say: Say
  /** It was started again: its pid is another. */
  onRestart: () => void
}

/** Starts one process; it is supervised from now on. `ready()` waits for its health endpoint. */
export async function startNodePart(options: NodePartOptions): Promise<NodePart> {
  const { name, entry, port, env, logFolder, compileCache, reaper, givesWay = false, say, onRestart } = options
  const { restartsMax = RESTARTS_MAX_BY_DEFAULT } = options
  const url = `http://127.0.0.1:${port}`
  const logFile = join(logFolder, `${name}.log`)
  mkdirSync(compileCache, { recursive: true })
  const start = () =>
    startChild({
      name,
      file: process.execPath,
      args: [resolve(REPOSITORY, entry)],
      // Nothing is inherited: a process of the stack sees what is documented and no more.
      env: { NODE_COMPILE_CACHE: compileCache, NODE_NO_WARNINGS: '1', HTTP_PORT: `${port}`, ...env },
      cwd: REPOSITORY,
      logFile,
      reaper,
      givesWay,
    })

  let wanted = true
  let restarts = 0
  let child = await start()
  supervise(child)

  /** Not awaited: it waits for the end of a process that may never come. */
  function supervise(watched: Child): void {
    void watched.exited.then(async ({ code, signal }) => {
      if (!wanted || watched !== child) return
      const how = signal ?? `exit code ${code}`
      if (restarts >= restartsMax)
        return say(`${name}: died (${how}) and is left dead after ${restarts} restarts: see ${logFile}`)
      restarts++
      say(`${name}: died (${how}), started again (${restarts} of ${restartsMax})`)
      await sleep(RESTART_PAUSE_MS)
      if (!wanted || watched !== child) return
      await launch()
    })
  }

  async function launch(): Promise<void> {
    child = await start()
    supervise(child)
    onRestart()
  }

  async function ready(): Promise<void> {
    let lastAnswer = 'no answer'
    await waitUntil(
      `${name} to be ready (${url}/health/ready)`,
      async () => {
        if (child.exit() !== undefined && restarts >= restartsMax) return true
        const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(2000) })
        lastAnswer = `${response.status} ${await response.text()}`
        return response.ok
      },
      { timeoutMs: READY_TIMEOUT_MS, everyMs: 200 },
    ).catch(() => {
      throw new Missing(`${name} is not ready: ${lastAnswer}\n${tail(logFile)}`)
    })
    if (child.exit() !== undefined) throw new Missing(`${name} died while it started:\n${tail(logFile)}`)
  }

  return {
    name,
    url,
    get pid() {
      return child.pid
    },
    kill: (signal) => child.kill(signal),
    ready,
    async stop() {
      wanted = false
      await child.stop(STOP_GRACE_MS)
    },
    async restart() {
      wanted = false
      await child.stop(0)
      wanted = true
      await launch()
      await ready()
    },
  }
}

/** The last lines of a log, each indented, to stand below an error. */
function tail(file: string): string {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES)
  return [`the end of ${file}:`, ...lines.map((line) => `  ${line.slice(0, 400)}`)].join('\n')
}
