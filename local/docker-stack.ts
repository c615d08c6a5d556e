/** The two composes as one stack: started, described by the same stack.json, and taken down again. */
import { spawn } from 'node:child_process'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { docker, dockerEngine, lastLogLine } from './docker-command.ts'
import { createPortPicker } from './ports.ts'
import { REPOSITORY } from './processes.ts'
import { Missing, type Say } from './provision.ts'
import { reapLeftovers } from './reaper.ts'
import { readStackInfo, type StackInfo } from './stack-info.ts'

const MEMORY_BYTES_MIN = 3.5e9
const UP_TIMEOUT_S = 300
const COMPOSES = { server: 'docker-compose.server.yml', drones: 'docker-compose.drone.yml' }
const LINES_KEPT = 20

const Port = (byDefault: number) => z.coerce.number().int().min(1).max(65_535).default(byDefault)
/** What is published, as the compose files have it: the gateway, and the drones' listener of each broker. */
export const DockerPorts = z.object({
  GATEWAY_PORT: Port(8080),
  DRONE_PORT_1: Port(9093),
  DRONE_PORT_2: Port(9094),
  DRONE_PORT_3: Port(9095),
})

export type DockerStackOptions = {
  /** Absolute; gets stack.json, the drones' identities, and the settings that the composes were started with. */
  folder: string
  ports: z.infer<typeof DockerPorts>
  worldSpeed: number
  logLevel: string
  /** Go on with the volumes of the last start, and leave them at the end. */
  keep: boolean
  say: Say
}

export type DockerStack = { readonly info: StackInfo; stop(): Promise<void> }

/**
 * Starts both composes and returns once every container is healthy. Refuses with {@link Missing}: no engine, a taken
 * port, too little memory, or a compose that does not come up, with what Docker says of it.
 */
export async function startDockerStack(options: DockerStackOptions): Promise<DockerStack> {
  const { folder, keep, say } = options
  const { version, memoryBytes } = dockerEngine()
  say(`docker: engine ${version}`)
  if (memoryBytes < MEMORY_BYTES_MIN)
    throw new Missing(
      `The Docker engine has ${gigabytes(memoryBytes)} GB of memory and the stack needs ${gigabytes(MEMORY_BYTES_MIN)} GB: give the engine more.`,
    )
  await mkdir(folder, { recursive: true }) // Before Docker makes it, as root.
  const settings = await writeSettings(options)
  const compose = (file: string, ...args: string[]) => runCompose(settings, file, args, say)
  async function down(volumes: boolean): Promise<void> {
    const args = ['down', '--timeout', '12', ...(volumes ? ['--volumes'] : [])]
    await compose(COMPOSES.drones, ...args)
    await compose(COMPOSES.server, ...args)
    await rm(join(folder, 'stack.json'), { force: true })
  }
  await reapLeftovers(folder, say) // Refuses where a stack of processes runs in the folder.
  await down(!keep) // What an earlier start left, which may have been killed.
  await refuseTakenPorts(options.ports)
  try {
    for (const file of [COMPOSES.server, COMPOSES.drones]) {
      say(`${file}: building and starting`)
      await compose(file, 'up', '--detach', '--wait', '--wait-timeout', `${UP_TIMEOUT_S}`)
      say(`${file}: healthy`)
    }
  } catch (error) {
    await down(!keep)
    throw error
  }
  return {
    get info() {
      return readStackInfo(folder)
    },
    stop: () => down(!keep),
  }
}

/** A file of settings for `docker compose --env-file`: with it, a person reaches the same two projects by hand. */
async function writeSettings({ folder, ports, worldSpeed, logLevel }: DockerStackOptions): Promise<string> {
  const settings = {
    ...ports,
    STACK_FOLDER: folder,
    DRONE_IDENTITIES: join(folder, 'docker', 'hosts'),
    WORLD_SPEED: worldSpeed,
    LOG_LEVEL: logLevel,
  }
  const file = join(folder, 'docker.env')
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`)
  await writeFile(file, lines.join(''))
  return file
}

async function refuseTakenPorts(ports: DockerStackOptions['ports']): Promise<void> {
  const pickPort = createPortPicker(process.pid)
  for (const [variable, port] of Object.entries(ports))
    if ((await pickPort(port)) !== port)
      throw new Missing(`Port ${port} of this machine is taken: free it, or set ${variable} to another.`)
}

/** Runs one `docker compose` command; where it fails, what Docker said last and what the failed containers said is told. */
async function runCompose(settings: string, file: string, args: string[], say: Say): Promise<void> {
  const compose = ['compose', '--env-file', settings, '--file', join(REPOSITORY, file)]
  const child = spawn('docker', [...compose, ...args], {
    cwd: REPOSITORY,
    stdio: ['ignore', 'ignore', 'pipe'],
    detached: true, // Ctrl-C reaches the launcher alone, which takes the composes down in order.
  })
  const lines: string[] = []
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    lines.push(...text.split('\n').filter((line) => line.trim() !== ''))
    lines.splice(0, lines.length - LINES_KEPT)
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  if (code === 0) return
  const containers = docker(...compose, 'ps', '--all', '--format', '{{.Name}} {{.State}} {{.ExitCode}}').split('\n')
  for (const [name = '', state = '', exitCode] of containers.map((line) => line.split(' ')))
    if (state === 'restarting' || (state === 'exited' && exitCode !== '0')) say(`${name}: ${lastLogLine(name)}`)
  throw new Missing(`docker compose ${args[0]} of ${file} failed: ${lines.at(-1)?.trim() ?? `exit code ${code}`}`)
}

const gigabytes = (bytes: number) => (bytes / 1e9).toFixed(1)
