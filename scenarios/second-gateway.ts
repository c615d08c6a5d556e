/** A gateway of a scenario's own over the running stack, so that what is done to it is done to nobody else's. */
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createPortPicker } from '@fleet/local/ports'
import { REPOSITORY } from '@fleet/local/processes'
import { databaseUri } from '@fleet/local/stack-environment'
import type { StackInfo } from '@fleet/local/stack-info'

export type SecondGateway = { url: string; port: number; pid: number; close(): Promise<void> }

/** `environment` goes over what the stack's own gateway is told. */
export async function startSecondGateway(
  { kafka, mongo, services, folders, world }: StackInfo,
  environment: Record<string, string> = {},
): Promise<SecondGateway> {
  const { order, itinerary, position, droneHealth } = services
  if (order === undefined || itinerary === undefined || position === undefined || droneHealth === undefined)
    throw new Error('The stack has not all of its services.')
  const port = await createPortPicker(process.pid)()
  const child = spawn(process.execPath, ['gateway/main.ts'], {
    cwd: REPOSITORY,
    stdio: 'ignore',
    env: {
      HTTP_PORT: `${port}`,
      LOG_LEVEL: 'error',
      KAFKA_BROKERS: kafka.internal,
      MONGO_URI: databaseUri(mongo, 'gateway'),
      TOKEN_PRIVATE_KEY_FILE: join(folders.secrets, 'token.key'),
      FLEET_SECRET_FILE: join(folders.secrets, 'fleet-secret'),
      // The stack's own gateway has made the accounts: this one writes nothing.
      ACCOUNTS_FILE: join(tmpdir(), `accounts-${randomUUID()}.json`),
      WORLD_EPOCH_MS: `${world.epochMs}`,
      WORLD_SPEED: `${world.speed}`,
      ORDER_URL: order,
      ITINERARY_URL: itinerary,
      POSITION_URL: position,
      DRONE_HEALTH_URL: droneHealth,
      ...environment,
    },
  })
  const close = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    const late = setTimeout(() => child.kill('SIGKILL'), 15_000)
    await ended
    clearTimeout(late)
  }
  return { url: `http://127.0.0.1:${port}`, port, pid: child.pid ?? 0, close }
}
