/**
 * The first job of a Docker stack: makes keys, certificates, passwords and settings, and lays into each part's volume what
 * that part needs, readable by that part alone. Said again it changes nothing but the brokers' certificates, which name
 * the addresses that the drones use and are made anew each time.
 */
import { randomBytes } from 'node:crypto'
import { chown, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { z } from 'zod'
import { openCertificateAuthority, writeSecret } from './certificate-authority.ts'
import { brokerFiles } from './docker-broker.ts'
import {
  AUTHORITY,
  authorityPaths,
  brokerNames,
  HTTP_PORT,
  keysOf,
  OWN_KEYS,
  readers,
  services,
} from './docker-layout.ts'
import { randomKafkaUuid } from './kafka-uuid.ts'
import { exists } from './provision.ts'
import { openSecrets, type StackSecrets } from './secrets.ts'
import { databases, environmentOf, type ServiceName } from './stack-environment.ts'
import { stackPaths } from './stack-folder.ts'

const World = z.object({ epochMs: z.int(), speed: z.number() })
export type World = z.infer<typeof World>

/** MongoDB's passwords: of root, and of each service's user, which is named after it. Hex, so that they fit into a URI. */
const Passwords = z.object({ root: z.string(), services: z.record(z.string(), z.string()) })
export type Passwords = z.infer<typeof Passwords>

/** What the second job needs: users to make, each with its one database. */
export const MongoSetup = z.object({
  root: z.string(),
  users: z.array(z.object({ user: z.string(), password: z.string(), database: z.string() })),
})
export const MONGO_SETUP_FILE = 'mongo-setup.json'
/** Beside it: the first accounts, as the second job made them. */
export const ACCOUNTS_FILE = 'accounts.json'

export type KeysOptions = {
  kafkaInner: string[]
  /** As the drones reach it: names or addresses, which stand in the brokers' certificates. */
  kafkaDrone: string[]
  mongoHosts: string[]
  /** Of the first start; a stack that has been started before goes on in its world. */
  worldSpeed: number
  logLevel: string
  nowMs: () => number
}

/** Lays out every volume of keys. */
export async function makeKeys(options: KeysOptions): Promise<void> {
  const secrets = await openSecrets(authorityPaths.secrets)
  const world = await readWorld({ epochMs: options.nowMs(), speed: options.worldSpeed })
  const passwords = await readPasswords()
  await layBrokers(options)
  await layMongo(passwords)
  for (const name of services) await layService(name, { ...options, secrets, world, passwords })
}

/** The world clock of this stack; `first` is kept at the first call. */
export async function readWorld(first?: World): Promise<World> {
  if (first !== undefined && !(await exists(authorityPaths.world)))
    await writeFile(authorityPaths.world, JSON.stringify(first))
  return World.parse(JSON.parse(await readFile(authorityPaths.world, 'utf8')))
}

/** MongoDB's passwords, made at the first call. */
export async function readPasswords(): Promise<Passwords> {
  if (!(await exists(authorityPaths.passwords))) {
    const made = { root: password(), services: Object.fromEntries(services.map((name) => [name, password()])) }
    await writeSecret(authorityPaths.passwords, JSON.stringify(made))
  }
  return Passwords.parse(JSON.parse(await readFile(authorityPaths.passwords, 'utf8')))
}

const password = () => randomBytes(24).toString('hex')

async function layBrokers({ kafkaDrone, nowMs }: KeysOptions): Promise<void> {
  const authority = await openCertificateAuthority(authorityPaths.ca, nowMs)
  const droneHosts = kafkaDrone.map((address) => address.slice(0, address.lastIndexOf(':')))
  const clusterId = await makeOnce(join(AUTHORITY, 'cluster-id'), randomKafkaUuid)
  for (const name of brokerNames) {
    const credentials = await authority.issueBroker(name, [...new Set([name, ...droneHosts])])
    const files = await brokerFiles({
      brokers: brokerNames.length,
      clusterId,
      ca: authority.certificate,
      ...credentials,
    })
    for (const [file, text] of Object.entries(files)) await lay(join(keysOf(name), file), text, readers.kafka)
  }
}

async function layMongo(passwords: Passwords): Promise<void> {
  // What the members of the set know each other by.
  const keyFile = await makeOnce(join(AUTHORITY, 'mongo-key'), () => randomBytes(384).toString('base64'))
  await lay(join(keysOf('mongo'), 'key'), keyFile, readers.mongo)
  await lay(join(keysOf('mongo'), 'root-password'), passwords.root, readers.mongo)
  const users = services.map((name) => ({
    user: name,
    password: passwordOf(passwords, name),
    database: databases[name],
  }))
  const setup: z.infer<typeof MongoSetup> = { root: passwords.root, users }
  await lay(join(keysOf('setup'), MONGO_SETUP_FILE), JSON.stringify(setup), readers.fleet)
  await chown(keysOf('setup'), readers.fleet, readers.fleet) // The second job adds the accounts that it makes.
}

function passwordOf(passwords: Passwords, name: ServiceName): string {
  const own = passwords.services[name]
  if (own === undefined) throw new Error(`${authorityPaths.passwords} has no password of ${name}.`)
  return own
}

type ServiceOptions = KeysOptions & { secrets: StackSecrets; world: World; passwords: Passwords }

/** The very environment that the stack without Docker gives it, a file a variable, and the secrets that it names. */
async function layService(name: ServiceName, options: ServiceOptions): Promise<void> {
  const inside = (file: string) => join(OWN_KEYS, basename(file))
  const { tokenPrivateKeyFile, tokenPublicKeyFile, fleetSecretFile } = options.secrets
  const environment = environmentOf(name, {
    ...options,
    mongoUser: { user: name, password: passwordOf(options.passwords, name) },
    secrets: {
      tokenPrivateKeyFile: inside(tokenPrivateKeyFile),
      tokenPublicKeyFile: inside(tokenPublicKeyFile),
      fleetSecretFile: inside(fleetSecretFile),
    },
    paths: stackPaths(OWN_KEYS),
    addressOf: (service) => `http://${service}:${HTTP_PORT}`,
    hostFolder: '',
    seed: 0,
  })
  const own = keysOf(name)
  for (const [variable, value] of Object.entries(environment)) {
    await lay(join(own, 'settings', variable), value, readers.fleet)
    const secret = join(authorityPaths.secrets, basename(value))
    if (value === inside(value) && (await exists(secret)))
      await lay(join(own, basename(value)), await readFile(secret, 'utf8'), readers.fleet)
  }
}

/** A file that `reader` alone can read; its volume is read-only there. */
async function lay(file: string, text: string, reader: number): Promise<void> {
  await mkdir(dirname(file), { recursive: true })
  await rm(file, { force: true }) // Not over it: what reads the old one goes on with it.
  await writeSecret(file, text)
  await chown(file, reader, reader)
}

async function makeOnce(file: string, make: () => string): Promise<string> {
  if (!(await exists(file))) await writeSecret(file, make())
  return readFile(file, 'utf8')
}
