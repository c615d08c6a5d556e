/** What `npm run stack` and `npm run demo` share: configuration, one stack, and an end that leaves nothing behind. */
import { resolve } from 'node:path'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'
import { DockerPorts, startDockerStack } from './docker-stack.ts'
import { parentOf } from './process-identity.ts'
import { REPOSITORY } from './processes.ts'
import { Missing, type Say } from './provision.ts'
import { type StackOptions, startStack } from './stack.ts'
import type { StackInfo } from './stack-info.ts'

const OneOrThree = z.enum(['1', '3']).default('3').transform(Number)

/** Which folder the local stack writes to, and where the real parts come from. */
export const LocalConfig = z.object({
  LOCAL_DIR: z
    .string()
    .default('.local')
    .transform((folder) => resolve(REPOSITORY, folder)),
  XDG_CACHE_HOME: z.string().optional(),
  KAFKA_HOME: z.string().optional(),
  JAVA_HOME: z.string().optional(),
  MONGOMS_SYSTEM_BINARY: z.string().optional(),
})

const StackConfig = LocalConfig.extend({
  STACK_BROKERS: OneOrThree,
  STACK_MONGO: OneOrThree,
  FLEET_DRONES: z.coerce.number().int().min(0).max(5000).default(6),
  WORLD_SPEED: z.coerce.number().min(0.1).max(1000).default(10),
  /** Real time, epoch milliseconds; the moment of the first start, if left out. */
  WORLD_EPOCH_MS: z.coerce.number().int().min(0).optional(),
  SEED: z.coerce.number().int().min(0).default(1),
  /** Set by npm for its scripts. */
  npm_lifecycle_event: z.string().optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal']).default('info'),
  ...DockerPorts.shape,
})

const PARENT_POLL_MS = 1000

/** Processes or containers: what a launcher does with either. */
export type LaunchedStack = { readonly info: StackInfo; stop(): Promise<void> }

/** How much of each a stack has, and how fast its world is. */
export type StackSizes = Pick<StackOptions, 'brokers' | 'mongo' | 'drones' | 'worldSpeed'>

export type LaunchOptions = {
  keep: boolean
  /** At least so many, whatever FLEET_DRONES says. Of processes alone. */
  drones?: number
  /** The two composes, in place of processes. */
  docker?: boolean
  /** Of a stack that is made for one purpose; they go before the environment's. */
  sizes?: StackSizes | undefined
  nowMs: () => number
  say: Say
  /** What to do with the stack; it is stopped when this returns, and the process ends with the code. */
  work: (stack: LaunchedStack, stopped: AbortSignal) => Promise<number>
}

/**
 * Starts a stack by the environment, runs `work`, stops the stack and ends the process. A signal, or the death of the
 * parent, aborts `stopped`; a second signal, or one while the stack still starts, ends the process at once, and the
 * reaper ends the rest.
 */
export async function launchStack({
  keep,
  drones = 0,
  docker = false,
  sizes,
  nowMs,
  say,
  work,
}: LaunchOptions): Promise<void> {
  const read = readConfig(StackConfig)
  const config = { ...read, FLEET_DRONES: Math.max(read.FLEET_DRONES, drones) }
  const stopped = new AbortController()
  let started = false
  function end(reason: string): void {
    if (!started || stopped.signal.aborted) {
      say(`stack: ${reason}, ended at once`)
      process.exit(130)
    }
    say(`stack: ${reason}, stopping (again: at once)`)
    stopped.abort()
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => end(signal))
  // npm puts a shell between itself and the script, and the shell would live on without npm.
  const starters = () => [process.ppid, config.npm_lifecycle_event === undefined ? undefined : parentOf(process.ppid)]
  const before = starters().join()
  setInterval(() => {
    if (starters().join() !== before && !stopped.signal.aborted) end('the process that started it has ended')
  }, PARENT_POLL_MS).unref()

  let code = 1
  try {
    const stack = docker
      ? await startContainers(config, keep, say)
      : await startProcesses(config, { keep, sizes, nowMs, say })
    started = true
    try {
      code = await work(stack, stopped.signal)
    } finally {
      await stack.stop()
    }
  } catch (error) {
    say(error instanceof Missing ? error.message : String(error instanceof Error ? error.stack : error))
  }
  process.exit(code)
}

type Config = z.output<typeof StackConfig>

const startProcesses = (
  config: Config,
  { keep, sizes, nowMs, say }: Pick<LaunchOptions, 'keep' | 'sizes' | 'nowMs' | 'say'>,
): Promise<LaunchedStack> =>
  startStack({
    folder: config.LOCAL_DIR,
    provisioning: config,
    brokers: config.STACK_BROKERS,
    mongo: config.STACK_MONGO,
    drones: config.FLEET_DRONES,
    worldSpeed: config.WORLD_SPEED,
    worldEpochMs: config.WORLD_EPOCH_MS ?? nowMs(),
    seed: config.SEED,
    logLevel: config.LOG_LEVEL,
    ports: 'default',
    keep,
    nowMs,
    say,
    ...sizes,
  })

const startContainers = (config: Config, keep: boolean, say: Say): Promise<LaunchedStack> =>
  startDockerStack({
    folder: config.LOCAL_DIR,
    ports: DockerPorts.parse(config),
    worldSpeed: config.WORLD_SPEED,
    logLevel: config.LOG_LEVEL,
    keep,
    say,
  })

/** Resolves when `signal` is aborted. */
export const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
