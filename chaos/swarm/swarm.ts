/**
 * The product as a Swarm stack: forms a swarm of this machine (or uses the one that it is in), deploys the stack, runs the jobs of
 * the first start, and takes all of it down again. Only names, tasks' DNS and ports of the node itself are used (`stack.yml`).
 */
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { join } from 'node:path'
import { docker, dockerEngine } from '@fleet/local/docker-command'
import { REPOSITORY } from '@fleet/local/processes'
import { Missing } from '@fleet/local/provision'
import { readStackInfo, writeStackInfo } from '@fleet/local/stack-info'
import { waitUntil } from '@fleet/local/wait'
import { z } from 'zod'
import { runDocker } from './run-docker.ts'

export const STACK = 'fleet'
const stackFile = join(import.meta.dirname, 'stack.yml')
const dronesCompose = join(REPOSITORY, 'docker-compose.drone.yml')
const platform = ['kafka-1', 'kafka-2', 'kafka-3', 'mongo-1', 'mongo-2', 'mongo-3']
const services = ['order', 'itinerary', 'position', 'drone-health', 'gateway']
const servesMsMax = 300_000
const emptyMsMax = 60_000

export type SwarmOptions = {
  /** Absolute: keys, identities, stack.json. */
  folder: string
  image: string
  gatewayPort: number
  worldSpeed: number
  /** How many containers of drones, and drones in each. */
  droneContainers: number
  dronesPerHost: number
  say: (line: string) => void
}

const World = z.object({ epochMs: z.int() })

/** Deploys and returns once every task runs and the drones are enrolled. */
export async function swarmUp(options: SwarmOptions): Promise<void> {
  const { folder, image, gatewayPort, worldSpeed, droneContainers, say } = options
  dockerEngine()
  const made = formSwarm(say)
  const droneHost = doorAddress()
  const keys = join(folder, 'keys')
  for (const part of ['authority', 'setup']) mkdirSync(join(keys, part), { recursive: true })
  const job = jobOf(options, droneHost)
  // As root, since it gives files to the images' users; then ours, since secrets are read by the client.
  await runDocker(...job('keys', ['--user', '0:0', '--volume', `${keys}:/keys`]))
  const me = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`
  await runDocker(
    ...['run', '--rm', '--user', '0:0', '--entrypoint', 'chown', '--volume', `${keys}:/keys`, image],
    ...['-R', me, '/keys'],
  )
  const { epochMs } = World.parse(JSON.parse(readFileSync(join(keys, 'authority', 'world.json'), 'utf8')))
  const env = {
    KEYS: keys,
    DRONE_HOST: droneHost,
    FLEET_IMAGE: image,
    GATEWAY_PORT: `${gatewayPort}`,
    WORLD_EPOCH_MS: `${epochMs}`,
    WORLD_SPEED: `${worldSpeed}`,
  }
  say(`swarm: deploying ${STACK}${made ? ' on a swarm of this node' : ''}`)
  await runDocker(
    ...['stack', 'deploy', '--resolve-image', 'never', '--detach=true', '--compose-file', stackFile, STACK],
    env,
  )
  await running(platform, say)
  const inner = ['--network', `${STACK}_inner`]
  await runDocker(...job('platform', [...inner, '--user', '0:0', '--volume', `${join(keys, 'setup')}:/run/fleet`]))
  say('swarm: replica set, users and topics are in place')
  await running(services, say)
  mkdirSync(join(folder, 'stack'), { recursive: true })
  await runDocker(
    ...job('enrol', [
      ...inner,
      ...['--user', '0:0', '--volume', `${join(keys, 'authority')}:/keys/authority`],
      ...['--volume', `${join(keys, 'setup')}:/keys/setup`, '--volume', `${join(folder, 'stack')}:/stack`],
      ...['--volume', `${join(REPOSITORY, 'package.json')}:/checkout/package.json:ro`],
    ]),
  )
  nameTheStack(join(folder, 'stack'))
  await runDocker(...dronesArgs(options, 'up', '--detach', '--wait', '--scale', `sim=${droneContainers}`), {
    ...dronesEnv(options, droneHost),
  })
  say(`swarm: ${droneContainers} containers of drones fly; gateway at http://127.0.0.1:${gatewayPort}`)
}

/** stack.json as the job wrote it speaks of a compose's containers: of a Swarm stack, the drones' alone have such names. */
function nameTheStack(folder: string): void {
  const info = readStackInfo(folder)
  const parts = Object.fromEntries(Object.entries(info.parts).filter(([name]) => name.startsWith('sim')))
  writeStackInfo(folder, { ...info, services: {}, swarm: STACK, parts })
}

/** Takes stack, drones and volumes away; the swarm too, where this node is alone in it and `leave` says so. */
export async function swarmDown(options: SwarmOptions, { leave }: { leave: boolean }): Promise<void> {
  const { folder, say } = options
  await runDocker(...dronesArgs(options, 'down', '--volumes', '--timeout', '12'), dronesEnv(options, doorAddress()))
  await runDocker('stack', 'rm', STACK)
  await waitUntil('the tasks to end', () => containersOf(STACK).length === 0, {
    timeoutMs: emptyMsMax,
    everyMs: 1_000,
  })
  const volumes = docker('volume', 'ls', '--quiet', '--filter', `label=com.docker.stack.namespace=${STACK}`)
  for (const volume of lines(volumes)) docker('volume', 'rm', '--force', volume)
  rmSync(folder, { recursive: true, force: true })
  if (leave && lines(docker('node', 'ls', '--quiet')).length === 1) docker('swarm', 'leave', '--force')
  say('swarm: all is down')
}

/** The word that another machine joins with. */
export const joinCommand = (): string => docker('swarm', 'join-token', 'worker').trim()

const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '')

export const containersOf = (stack: string): string[] =>
  lines(docker('ps', '--all', '--quiet', '--filter', `label=com.docker.stack.namespace=${stack}`))

/** Whether a swarm had to be made. Gives the slots of brokers and members to the nodes in turn. */
function formSwarm(say: (line: string) => void): boolean {
  const state = docker('info', '--format', '{{.Swarm.LocalNodeState}}').trim()
  if (state === 'inactive') docker('swarm', 'init', '--advertise-addr', '127.0.0.1')
  else if (state !== 'active')
    throw new Missing(`This node's part in a swarm is ${state}: unlock it, or leave the swarm.`)
  const nodes = lines(docker('node', 'ls', '--quiet'))
  for (const slot of [1, 2, 3]) {
    const node = nodes[(slot - 1) % nodes.length]
    if (node !== undefined) docker('node', 'update', '--label-add', `slot${slot}=true`, node)
  }
  say(`swarm: ${nodes.length} nodes`)
  return state === 'inactive'
}

/** By which drones, in containers of this machine or elsewhere, reach the ports of the node. */
function doorAddress(): string {
  const all = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? [])
  const outside = all.find(({ family, internal }) => family === 'IPv4' && !internal)
  if (outside === undefined)
    throw new Missing('This machine has no address but its own loopback: drones could not reach it.')
  return outside.address
}

const jobOf =
  ({ image, gatewayPort, worldSpeed, droneContainers, dronesPerHost }: SwarmOptions, droneHost: string) =>
  (name: string, args: string[]): string[] => {
    const settings = {
      KAFKA_INNER: 'kafka-1:19092,kafka-2:19092,kafka-3:19092',
      DRONE_BROKERS: droneBrokers(droneHost),
      MONGO_HOSTS: 'mongo-1:27017,mongo-2:27017,mongo-3:27017',
      WORLD_SPEED: `${worldSpeed}`,
      LOG_LEVEL: 'info',
      DRONE_HOSTS: `${droneContainers}`,
      DRONES_PER_HOST: `${dronesPerHost}`,
      DRONE_CONTAINERS: `${droneContainers}`,
      GATEWAY_URL: `http://127.0.0.1:${gatewayPort}`,
      INNER_NET: '10.0.1',
      SERVER_PROJECT: STACK,
      DRONES_PROJECT: `${STACK}-drones`,
    }
    const env = Object.entries(settings).flatMap(([key, value]) => ['--env', `${key}=${value}`])
    return ['run', '--rm', '--no-healthcheck', ...args, ...env, image, 'local/first-run-main.ts', name]
  }

const droneBrokers = (host: string) => [9093, 9094, 9095].map((port) => `${host}:${port}`).join(',')

const dronesArgs = (_: SwarmOptions, ...args: string[]) => ['compose', '--file', dronesCompose, ...args]
const dronesEnv = ({ folder, image, droneContainers }: SwarmOptions, host: string) => ({
  DRONES_PROJECT: `${STACK}-drones`,
  DRONE_BROKERS: droneBrokers(host),
  DRONE_IDENTITIES: join(folder, 'stack', 'docker', 'hosts'),
  DRONE_CONTAINERS: `${droneContainers}`,
  FLEET_IMAGE: image,
})

const Replicas = z.string().regex(/^\d+\/\d+/)

/** Waits until each of the services has all of its tasks. */
export async function running(names: readonly string[], say: (line: string) => void): Promise<void> {
  let left = ''
  await waitUntil(
    `${names.join(', ')} to run`,
    () => {
      const rows = lines(docker('service', 'ls', '--format', '{{.Name}} {{.Replicas}}'))
      const missing = names.filter((name) => {
        const replicas = rows.find((row) => row.startsWith(`${STACK}_${name} `))?.split(' ')[1]
        const [now, wanted] = Replicas.safeParse(replicas).data?.split('/') ?? ['0', '1']
        return now !== wanted || now === '0'
      })
      if (missing.join() !== left) say(`swarm: waiting for ${missing.join(', ') || 'nobody'}`)
      left = missing.join()
      return missing.length === 0
    },
    { timeoutMs: servesMsMax, everyMs: 2_000 },
  )
}
