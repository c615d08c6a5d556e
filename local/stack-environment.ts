/** Which Node processes the stack has, where each begins, and the environment that it gets. */
import { type Credentials, mongoUri } from './mongo-uri.ts'
import type { StackSecrets } from './secrets.ts'
import type { StackPaths } from './stack-folder.ts'

/** By default. The simulator's is any. */
export const servicePorts = { order: 8081, itinerary: 8082, position: 8083, 'drone-health': 8084, gateway: 8080 }
export type ServiceName = keyof typeof servicePorts
export type NodePartName = ServiceName | 'sim'
export const serviceNames: ServiceName[] = ['order', 'itinerary', 'position', 'drone-health', 'gateway']

export const entryOf = (name: NodePartName): string => {
  if (name === 'gateway') return 'gateway/main.ts'
  if (name === 'sim') return 'drone-sim/main.ts'
  return `services/${name}/main.ts`
}

/** Positions wait in their topic for days; whatever else runs is waited for by a customer, an operator or a drone. */
export const givesWay = (name: NodePartName): boolean => name === 'position'

/** The database that each owns. */
export const databases = {
  order: 'fleet_order',
  itinerary: 'fleet_itinerary',
  position: 'fleet_position',
  'drone-health': 'fleet_drone_health',
  gateway: 'fleet_gateway',
} as const satisfies Record<ServiceName, string>

export type EnvironmentOptions = {
  kafkaInner: string[]
  kafkaDrone: string[]
  mongoHosts: string[]
  /** Of the service's own user, where the replica set asks for one. */
  mongoUser?: Credentials
  secrets: StackSecrets
  paths: StackPaths
  world: { epochMs: number; speed: number }
  /** Where the gateway finds each: a base URL, or the `file:` URL of a list. */
  addressOf: (name: ServiceName) => string
  hostFolder: string
  seed: number
  logLevel: string
}

/** All that the process `name` is told, but its own port. */
export function environmentOf(name: NodePartName, options: EnvironmentOptions): Record<string, string> {
  const { kafkaInner, kafkaDrone, mongoHosts, secrets, paths, world, addressOf, hostFolder, seed, logLevel } = options
  const common = {
    HTTP_HOST: '127.0.0.1',
    LOG_LEVEL: logLevel,
    WORLD_EPOCH_MS: `${world.epochMs}`,
    WORLD_SPEED: `${world.speed}`,
    SHUTDOWN_MS_MAX: '10000',
  }
  if (name === 'sim')
    return {
      ...common,
      DRONE_BROKERS: kafkaDrone.join(','),
      DRONE_IDENTITIES: hostFolder,
      DRONE_STORE: paths.droneStore,
      SEED: `${seed}`,
    }
  const service = {
    ...common,
    KAFKA_BROKERS: kafkaInner.join(','),
    MONGO_URI: mongoUri(mongoHosts, databases[name], options.mongoUser),
    TOKEN_PUBLIC_KEY_FILE: secrets.tokenPublicKeyFile,
  }
  if (name === 'order') return service
  // Whoever shows or stores what drones say checks their MACs itself.
  const authenticating = { ...service, FLEET_SECRET_FILE: secrets.fleetSecretFile }
  if (name !== 'gateway') return authenticating
  return {
    ...authenticating,
    TOKEN_PRIVATE_KEY_FILE: secrets.tokenPrivateKeyFile,
    ACCOUNTS_FILE: paths.accounts,
    MITIGATION_ALLOW: noAttacker,
    ORDER_URL: addressOf('order'),
    ITINERARY_URL: addressOf('itinerary'),
    POSITION_URL: addressOf('position'),
    DRONE_HEALTH_URL: addressOf('drone-health'),
  }
}

/** Benchmarks and demonstrations of this machine come from there, and are no attack. */
export const noAttacker = '127.0.0.1,::1'

/** The URI of one service's database, from the replica set's URI as stack.json gives it. For tools that a person runs. */
export const databaseUri = (replicaSetUri: string, name: ServiceName): string =>
  replicaSetUri.replace(/^(mongodb:\/\/[^/?]+)\/?(\?|$)/, `$1/${databases[name]}$2`)
