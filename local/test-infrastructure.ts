/**
 * Real brokers and a real replica set for tests: three of each, started once for the run, by the first test that asks.
 * This half is for the tests; the process that holds the infrastructure is test-infrastructure-server.ts.
 */
import { mongoUri } from './mongo-uri.ts'

export type PartName = 'kafka-1' | 'kafka-2' | 'kafka-3' | 'mongo-1' | 'mongo-2' | 'mongo-3'

/** PEM texts of a drone host, and the authority to trust. */
export type HostCredentials = { ca: string; certificate: string; key: string }

export type TestInfrastructure = {
  /** Bootstrap lists: the plain inner listener (super user), and the drones' listener (mutual TLS). */
  kafkaInner: string[]
  kafkaDrone: string[]
  /** `host:port` of each member; `mongo-1` is the first. */
  mongoHosts: string[]
  mongoUri(database: string): string
  /** Holds `ca.crt`. */
  caFolder: string
  /**
   * A client certificate for `hostId`; `acls`: with the rights of a drone host.
   * `strangers`: signed by an authority that the brokers do not know.
   */
  issueHost(hostId: string, options?: { acls?: boolean; strangers?: boolean }): Promise<HostCredentials>
  kill(part: PartName): Promise<void>
  pause(part: PartName): Promise<void>
  resume(part: PartName): Promise<void>
  /** Starts it again on the same port and data (killing it first where it runs), and waits until it serves. */
  restart(part: PartName): Promise<void>
  /**
   * Waits for the right to make faults, which one test has at a time: two at once would take away a majority.
   * Dispose to pass it on (`await using turn = await infra.takeFaultTurn()`); heal what you broke before.
   */
  takeFaultTurn(): Promise<AsyncDisposable>
}

type Addresses = Pick<TestInfrastructure, 'kafkaInner' | 'kafkaDrone' | 'mongoHosts' | 'caFolder'>

/** The infrastructure of this test run; the first call starts it (about 7 s), so await it in `beforeAll`. */
export async function testInfrastructure(): Promise<TestInfrastructure> {
  // biome-ignore lint/style/noProcessEnv: jest hands values from its global setup to the workers in no other way.
  const control = process.env.TEST_INFRA_URL
  if (control === undefined)
    throw new Error('TEST_INFRA_URL is not set: run tests by jest with the root jest.config.mjs.')
  async function ask<T>(method: 'GET' | 'POST', path: string): Promise<T> {
    const response = await fetch(new URL(path, control), { method })
    if (!response.ok) throw new Error(`${method} ${path}: ${await response.text()}`)
    return (await response.json()) as T // Our own other half answers.
  }
  const addresses = await ask<Addresses>('GET', '/addresses')
  const signal = (part: PartName, name: NodeJS.Signals) => ask<void>('POST', `/parts/${part}/${name}`)
  return {
    ...addresses,
    mongoUri: (database) => mongoUri(addresses.mongoHosts, database),
    issueHost: (hostId, { acls = false, strangers = false } = {}) =>
      ask('POST', `/hosts/${hostId}?acls=${acls}&strangers=${strangers}`),
    kill: (part) => signal(part, 'SIGKILL'),
    pause: (part) => signal(part, 'SIGSTOP'),
    resume: (part) => signal(part, 'SIGCONT'),
    restart: (part) => ask('POST', `/parts/${part}/restart`),
    async takeFaultTurn() {
      // The turn lasts as long as this answer: it ends with its body, or with the worker.
      const abort = new AbortController()
      const response = await fetch(new URL('/turn', control), { signal: abort.signal })
      await response.body?.getReader().read()
      return { [Symbol.asyncDispose]: async () => abort.abort() }
    },
  }
}
