/** Holds the brokers and the replica set of a test run, and does to them what tests ask for over HTTP on the loopback. */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { allowHost } from './acls.ts'
import { openCertificateAuthority } from './certificate-authority.ts'
import { withAdmin } from './kafka-admin.ts'
import { type ProvisioningConfig, startPlatform } from './platform.ts'
import { createPortPicker } from './ports.ts'
import type { Say } from './provision.ts'
import { startReaper } from './reaper.ts'
import { startTestContainers } from './test-containers.ts'

const COUNT = 3

/** A broker or member, as process or container. */
export type TestPart = {
  readonly name: string
  kill(signal: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): void | Promise<void>
  /** Starts it again on the same ports and data, killing it first where it runs, and waits until it serves. */
  restart(): Promise<void>
}

export type TestPlatform = {
  kafka: { inner: string[]; drone: string[]; brokers: TestPart[] }
  mongo: { hosts: string[]; members: TestPart[] }
  stop(options: { quick: boolean }): Promise<void>
}

export type TestConfig = ProvisioningConfig & {
  /** `containers`: official images on a Docker engine; else processes, as the stack without Docker has them. */
  TEST_INFRA?: string | undefined
}

export type TestInfrastructureServer = {
  url: string
  /** Brokers and database start now, and not when the first test asks. */
  start(): Promise<void>
  stop(): Promise<void>
}

/** Listens for tests; brokers and database start when the first test asks for them. `nowMs` is real time. */
export async function startTestInfrastructureServer(
  provisioning: TestConfig,
  nowMs: () => number,
  say: Say,
): Promise<TestInfrastructureServer> {
  let started: ReturnType<typeof startParts> | undefined
  const parts = () => {
    started ??= startParts(provisioning, nowMs, say)
    return started
  }
  let turn: Promise<void> = Promise.resolve()
  function takeTurn(response: ServerResponse): void {
    const before = turn
    turn = new Promise((done) => response.once('close', done))
    // A worker that went away while it waited has closed its answer already, and passes the turn on.
    void before.then(() => response.write('yours\n'))
  }
  const server = createServer((request, response) => {
    if (request.url === '/turn') return takeTurn(response)
    answer(request, parts).then(
      (value) => response.end(JSON.stringify(value ?? null)),
      (error: unknown) => response.writeHead(500).end(error instanceof Error ? error.message : String(error)),
    )
  })
  server.keepAliveTimeout = 0 // A test that asks again after a while would meet a connection that is just being closed.
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  server.unref()
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('The control server has no port.')
  return {
    url: `http://127.0.0.1:${address.port}`,
    async start() {
      await parts()
    },
    async stop() {
      server.closeAllConnections()
      server.close()
      await (await started)?.stop()
    },
  }
}

async function answer(request: IncomingMessage, parts: () => ReturnType<typeof startParts>): Promise<unknown> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control')
  const [, kind, name = '', act] = pathname.split('/')
  const infrastructure = await parts()
  if (kind === 'addresses') return infrastructure.addresses
  if (kind === 'hosts') return infrastructure.issueHost(name, searchParams)
  const part = infrastructure.parts.find((each) => each.name === name)
  if (kind !== 'parts' || part === undefined) throw new RangeError(`There is no ${pathname}.`)
  if (act === 'restart') return part.restart()
  if (act !== 'SIGKILL' && act !== 'SIGSTOP' && act !== 'SIGCONT') throw new RangeError(`There is no act '${act}'.`)
  return part.kill(act)
}

async function startParts(provisioning: TestConfig, nowMs: () => number, say: Say) {
  const folder = await mkdtemp(join(tmpdir(), 'fleet-test-'))
  const reaper = startReaper(folder)
  const caFolder = join(folder, 'ca')
  const authority = await openCertificateAuthority(caFolder, nowMs)
  const pickPort = createPortPicker(process.pid)
  const platform: TestPlatform =
    provisioning.TEST_INFRA === 'containers'
      ? await startTestContainers(authority, pickPort)
      : await startPlatform({
          provisioning,
          kafkaFolder: join(folder, 'kafka'),
          mongoFolder: join(folder, 'mongo'),
          logFolder: join(folder, 'logs'),
          brokers: COUNT,
          mongo: COUNT,
          authority,
          pickPort,
          reaper,
          say,
        })
  const { kafka, mongo } = platform
  return {
    addresses: { kafkaInner: kafka.inner, kafkaDrone: kafka.drone, mongoHosts: mongo.hosts, caFolder },
    parts: [...kafka.brokers, ...mongo.members],
    async issueHost(hostId: string, options: URLSearchParams) {
      const strangers = options.get('strangers') === 'true'
      const issuer = strangers ? await openCertificateAuthority(join(folder, 'strangers'), nowMs) : authority
      if (options.get('acls') === 'true') await withAdmin(kafka.inner, (admin) => allowHost(admin, hostId))
      return { ca: authority.certificate, ...(await issuer.issueHost(hostId)) }
    },
    async stop() {
      await platform.stop({ quick: true })
      reaper.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
