/** One more instance of a part beside those of the running stack: a process that a scenario starts, and ends itself. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPortPicker } from '@fleet/local/ports'
import { REPOSITORY } from '@fleet/local/processes'
import { databaseUri, entryOf, noAttacker } from '@fleet/local/stack-environment'
import type { StackInfo } from '@fleet/local/stack-info'

export type ExtraInstance = {
  url: string
  /** Whether it says that it is ready for work. */
  isReady(): Promise<boolean>
  kill(): void
  /** Ends it in the orderly way; gives its exit code, null where it was killed. */
  stop(): Promise<number | null>
}

const lookMsMax = 2_000
const pickPort = createPortPicker(process.pid)

/** Starts it and returns at once. `more` stands over its environment. */
export async function startExtraInstance(
  name: 'order' | 'gateway',
  { kafka, mongo, services, folders, world }: StackInfo,
  more: Record<string, string> = {},
): Promise<ExtraInstance> {
  const port = await pickPort()
  const url = `http://127.0.0.1:${port}`
  const { order = '', itinerary = '', position = '', droneHealth = '' } = services
  const child = spawn(process.execPath, [entryOf(name)], {
    cwd: REPOSITORY,
    stdio: 'ignore',
    env: {
      HTTP_PORT: `${port}`,
      LOG_LEVEL: 'error',
      KAFKA_BROKERS: kafka.internal,
      MONGO_URI: databaseUri(mongo, name),
      TOKEN_PUBLIC_KEY_FILE: join(folders.secrets, 'token.pub'),
      TOKEN_PRIVATE_KEY_FILE: join(folders.secrets, 'token.key'),
      FLEET_SECRET_FILE: join(folders.secrets, 'fleet-secret'),
      // The stack's own gateway has made the accounts: another one writes nothing.
      ACCOUNTS_FILE: join(tmpdir(), `accounts-${randomUUID()}.json`),
      WORLD_EPOCH_MS: `${world.epochMs}`,
      WORLD_SPEED: `${world.speed}`,
      // What it denies, the stack's own gateway denies too.
      MITIGATION_ALLOW: noAttacker,
      ORDER_URL: order,
      ITINERARY_URL: itinerary,
      POSITION_URL: position,
      DRONE_HEALTH_URL: droneHealth,
      ...more,
    },
  })
  return {
    url,
    isReady: async () => (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(lookMsMax) })).ok,
    kill: () => void child.kill('SIGKILL'),
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = once(child, 'exit')
        child.kill('SIGTERM')
        await ended
      }
      return child.exitCode
    },
  }
}
