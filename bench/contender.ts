/** What a contender's process is told, and how it is watched: progress, processor, memory. */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'

export const ContenderName = z.enum(['ceiling', 'insert-one', 'insert-many', 'time-series', 'ours'])
export type ContenderName = z.infer<typeof ContenderName>

export const ContenderOptions = z.object({
  contender: ContenderName,
  brokers: z.array(z.string()),
  mongoUri: z.string(),
  topic: z.string(),
  partitions: z.int(),
  group: z.string(),
  fleetSecretFile: z.string(),
})
export type ContenderOptions = z.infer<typeof ContenderOptions>

/** Where all that store a document a position put it. */
export const documentsCollection = 'positions'

const Progress = z.object({ done: z.int() })

export type Contender = {
  readonly pids: readonly number[]
  /** Positions that are stored (or parsed, where nothing is stored), as its processes tell it. */
  done(): number
  /** Throws where a process has ended by itself. */
  check(): void
  stop(): Promise<void>
}

/** Starts a Node contender as `processes` members of one group. They end with this one. `nodeArgs`: such as `--cpu-prof`. */
export function startContender(
  options: ContenderOptions,
  { processes, nodeArgs = [] }: { processes: number; nodeArgs?: readonly string[] },
): Contender {
  const members = Array.from({ length: processes }, () => startMember(options, nodeArgs))
  return {
    pids: members.map(({ pid }) => pid),
    done: () => {
      const each = members.map(({ done }) => done())
      // Ours counts what the database says, which holds the work of all; the others count their own.
      return options.contender === 'ours' ? Math.max(...each) : each.reduce((sum, done) => sum + done, 0)
    },
    check: () => {
      for (const member of members) member.check()
    },
    stop: async () => {
      await Promise.all(members.map((member) => member.stop()))
    },
  }
}

function startMember(options: ContenderOptions, nodeArgs: readonly string[]) {
  const main = join(import.meta.dirname, 'contender-main.ts')
  const child: ChildProcess = spawn(process.execPath, [...nodeArgs, '--no-warnings', main, JSON.stringify(options)], {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: {},
  })
  let done = 0
  let ended: string | null = null
  const exited = new Promise<void>((resolve) => {
    child.once('exit', (code, signal) => {
      ended = signal ?? `exit code ${code}`
      resolve()
    })
  })
  child.on('message', (message) => {
    done = Progress.parse(message).done
  })
  const { pid } = child
  if (pid === undefined) throw new Error(`contender ${options.contender} could not be started`)
  return {
    pid,
    done: () => done,
    check: () => {
      if (ended !== null) throw new Error(`contender ${options.contender} ended by itself: ${ended}`)
    },
    stop: async () => {
      child.kill('SIGTERM')
      const timer = setTimeout(() => child.kill('SIGKILL'), 3_000)
      await exited
      clearTimeout(timer)
    },
  }
}

const ticksPerS = 100

/** Processor seconds that processes have used, their ended children apart. Nothing of one that is gone. */
export const processorS = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + processorSOf(pid), 0)

function processorSOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) / ticksPerS
  } catch {
    return 0
  }
}

/** The most memory that processes have held so far, MiB, added up. */
export const peakMiB = (pids: readonly number[]): number => pids.reduce((sum, pid) => sum + peakMiBOf(pid), 0)

function peakMiBOf(pid: number): number {
  const line = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))
  return Number(line?.[1] ?? 0) / 1_024
}
