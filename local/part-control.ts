/**
 * Breaking and mending the parts of a running stack by their names in stack.json, the same whether they are processes or
 * containers. A killed service or simulator is started again in either; a broker or member stays dead until `start`.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { docker } from './docker-command.ts'
import type { StackInfo } from './stack-info.ts'

/** Where the containers of drones keep their stores: one folder a host, each with a ledger. */
export const DRONE_STORES = '/var/lib/fleet/drones'
const STARTED_AGAIN = /^(order|itinerary|position|drone-health|gateway|sim(-\d+)?)$/

export type Fault = 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'
type Part = StackInfo['parts'][string]

const partOf = ({ parts }: StackInfo, name: string): Part => {
  const part = parts[name]
  if (part === undefined) throw new Error(`The stack has no part named ${name}.`)
  return part
}

const containerOf = (info: StackInfo, name: string): string => {
  const part = partOf(info, name)
  if ('container' in part) return part.container
  throw new Error(`${name} is a process: this needs the stack in containers ('npm run stack -- --docker').`)
}

/** Kills a part, makes it stand still, or lets it go on. */
export function signalPart(info: StackInfo, name: string, signal: Fault): void {
  const part = partOf(info, name)
  if ('pid' in part) return void process.kill(part.pid, signal)
  if (signal === 'SIGSTOP') docker('pause', part.container)
  else if (signal === 'SIGCONT') docker('unpause', part.container)
  else {
    docker('kill', '--signal', 'KILL', part.container)
    // Docker takes a kill by its own command for a person's wish to stop it, and its restart policy then rests.
    if (STARTED_AGAIN.test(name)) docker('start', part.container)
  }
}

/** Starts a container that was killed. */
export const startPart = (info: StackInfo, name: string): void => void docker('start', containerOf(info, name))

/** The networks that a container is on. */
export const networksOf = (info: StackInfo, name: string): string[] =>
  docker(
    'inspect',
    '--format',
    '{{range $name, $_ := .NetworkSettings.Networks}}{{$name}} {{end}}',
    containerOf(info, name),
  )
    .trim()
    .split(' ')
    .filter((network) => network !== '')

/** Whether a container's own health check passes. */
export const isHealthy = (info: StackInfo, name: string): boolean =>
  docker('inspect', '--format', '{{.State.Health.Status}}', containerOf(info, name)).trim() === 'healthy'

/** Takes a container off its networks, as if its cable were pulled; what is given puts it back. */
export function cutOff(info: StackInfo, name: string): () => void {
  const container = containerOf(info, name)
  const networks = networksOf(info, name)
  for (const network of networks) docker('network', 'disconnect', network, container)
  return () => {
    for (const network of networks) docker('network', 'connect', network, container)
  }
}

/** Whether the parts are containers. */
export const inContainers = ({ parts }: StackInfo): boolean => Object.values(parts).some((part) => 'container' in part)

/** The folders of the drones' stores; of containers, a copy of what they hold now. `use` is given them, and they may go after it. */
export function withDroneStores<T>(info: StackInfo, use: (folder: string) => T): T {
  if (!inContainers(info)) return use(info.folders.droneStore)
  const copy = mkdtempSync(join(tmpdir(), 'fleet-drones-'))
  try {
    // All containers of drones share the volume, so any of them has every host's store; a dead one has it too.
    docker('cp', `${containerOf(info, 'sim')}:${DRONE_STORES}/.`, copy)
    return use(copy)
  } finally {
    rmSync(copy, { recursive: true, force: true })
  }
}
