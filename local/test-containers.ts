/**
 * Brokers and replica set of a test run in containers of the official images, by testcontainers.
 *
 * They stand on the host's own network (Linux): so each has one address, which holds for the tests, for the other members
 * and across restarts, as it does without containers; a mapped port would be another after each restart.
 */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GenericContainer, getContainerRuntimeClient, getReaper, type StartedTestContainer, Wait } from 'testcontainers'
import type { CertificateAuthority } from './certificate-authority.ts'
import { runCommand } from './command.ts'
import { brokerFiles } from './docker-broker.ts'
import { dockerEngine } from './docker-command.ts'
import { BROKER_KEYS, brokerNames, memberNames } from './docker-layout.ts'
import { initiateReplicaSet } from './docker-mongo.ts'
import { knownBrokers } from './kafka-cluster.ts'
import { randomKafkaUuid } from './kafka-uuid.ts'
import { memberServes } from './mongo-replica-set.ts'
import { REPLICA_SET } from './mongo-uri.ts'
import type { PortPicker } from './ports.ts'
import { REPOSITORY } from './processes.ts'
import type { TestPart, TestPlatform } from './test-infrastructure-server.ts'
import { waitUntil } from './wait.ts'

const SERVE_TIMEOUT_MS = 120_000
const DOCKER_TIMEOUT_MS = 30_000
const HOST = '127.0.0.1'

/** Starts three brokers and three members. Refuses with a sentence where no engine answers. */
export async function startTestContainers(
  authority: CertificateAuthority,
  pickPort: PortPicker,
): Promise<TestPlatform> {
  dockerEngine()
  await getReaper(await getContainerRuntimeClient()) // Once: six containers that start together would each start one.
  const started: StartedTestContainer[] = []
  const stop = async () =>
    void (await Promise.all(started.splice(0).map((container) => container.stop({ timeout: 0 }))))
  const start = async (container: GenericContainer) => {
    const running = await container.start()
    started.push(running)
    return running
  }
  try {
    const [kafka, mongo] = await Promise.all([startBrokers(authority, pickPort, start), startMembers(pickPort, start)])
    return { kafka, mongo, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

type Start = (container: GenericContainer) => Promise<StartedTestContainer>

/** As the compose file names it: one place holds each version. */
async function imageOf(service: string): Promise<string> {
  const compose = await readFile(join(REPOSITORY, 'docker-compose.server.yml'), 'utf8')
  const image = new RegExp(`^ +image: (${service}:\\S+)$`, 'm').exec(compose)?.[1]
  if (image === undefined) throw new Error(`docker-compose.server.yml names no image of ${service}.`)
  return image
}

async function startBrokers(authority: CertificateAuthority, pickPort: PortPicker, start: Start) {
  const image = await imageOf('apache/kafka')
  const clusterId = randomKafkaUuid()
  const ports = []
  for (const name of brokerNames)
    ports.push({ name, inner: await pickPort(), drone: await pickPort(), controller: await pickPort() })
  const voters = ports.map(({ controller }, i) => `${i + 1}@${HOST}:${controller}`).join(',')
  const brokers = await Promise.all(
    ports.map(async ({ name, inner, drone, controller }, i) => {
      const files = await brokerFiles({
        brokers: ports.length,
        clusterId,
        ca: authority.certificate,
        ...(await authority.issueBroker(name)),
      })
      const advertised = `INNER://${HOST}:${inner},DRONES://${HOST}:${drone}`
      const container = new GenericContainer(image)
        .withNetworkMode('host')
        .withCopyContentToContainer(
          Object.entries(files).map(([file, content]) => ({ content, target: join(BROKER_KEYS, file), mode: 0o444 })),
        )
        .withEnvironment({
          NODE_ID: `${i + 1}`,
          QUORUM_VOTERS: voters,
          LISTENERS: `${advertised},CONTROLLER://${HOST}:${controller}`,
          ADVERTISED_LISTENERS: advertised,
        })
        .withCommand(['bash', `${BROKER_KEYS}/start`])
        .withWaitStrategy(Wait.forLogMessage(/Kafka Server started/))
        .withStartupTimeout(SERVE_TIMEOUT_MS)
      return partOf(name, await start(container), async () =>
        (await knownBrokers([`${HOST}:${inner}`])).includes(i + 1),
      )
    }),
  )
  const inner = ports.map((port) => `${HOST}:${port.inner}`)
  await waitUntil(
    'all brokers to know each other',
    async () =>
      (await Promise.all(inner.map((one) => knownBrokers([one])))).every((ids) => ids.length === ports.length),
    { timeoutMs: SERVE_TIMEOUT_MS, everyMs: 250 },
  )
  return { inner, drone: ports.map((port) => `${HOST}:${port.drone}`), brokers }
}

async function startMembers(pickPort: PortPicker, start: Start) {
  const image = await imageOf('mongo')
  const ports: number[] = []
  for (const _ of memberNames) ports.push(await pickPort())
  const members = await Promise.all(
    memberNames.map(async (name, i) => {
      const port = `${ports[i]}`
      const container = new GenericContainer(image)
        .withNetworkMode('host')
        .withCommand([
          'mongod',
          '--replSet',
          REPLICA_SET,
          '--bind_ip',
          HOST,
          '--port',
          port,
          '--wiredTigerCacheSizeGB',
          '0.25',
        ])
        .withWaitStrategy(Wait.forLogMessage(/Waiting for connections/))
        .withStartupTimeout(SERVE_TIMEOUT_MS)
      return partOf(name, await start(container), () => memberServes(`mongodb://${HOST}:${port}/`))
    }),
  )
  const hosts = ports.map((port) => `${HOST}:${port}`)
  await initiateReplicaSet(hosts)
  await waitUntil(
    'the members to serve',
    async () => (await Promise.all(hosts.map((host) => memberServes(`mongodb://${host}/`)))).every(Boolean),
    { timeoutMs: SERVE_TIMEOUT_MS },
  )
  return { hosts, members }
}

function partOf(name: string, container: StartedTestContainer, serves: () => Promise<boolean>): TestPart {
  const id = container.getId()
  const docker = async (...args: string[]) => {
    const { failed, stderr } = await runCommand('docker', args, { timeoutMs: DOCKER_TIMEOUT_MS })
    if (failed !== undefined) throw new Error(`docker ${args.join(' ')} of ${name}: ${stderr.trim() || failed}`)
  }
  return {
    name,
    async kill(signal) {
      if (signal === 'SIGSTOP') await docker('pause', id)
      else if (signal === 'SIGCONT') await docker('unpause', id)
      else await docker('kill', id)
    },
    async restart() {
      await runCommand('docker', ['kill', id], { timeoutMs: DOCKER_TIMEOUT_MS }) // Refused where it is dead already.
      await docker('start', id)
      await waitUntil(`${name} to serve again`, serves, { timeoutMs: SERVE_TIMEOUT_MS })
    },
  }
}
