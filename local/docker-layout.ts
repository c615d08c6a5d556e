/** What stands where inside the containers of docker-compose.server.yml, and who may read it. */
import { join } from 'node:path'
import { type ServiceName, serviceNames } from './stack-environment.ts'

/** Numbers of the users that the images run as: ours is made in the Dockerfile, the others are the official images'. */
export const readers = { fleet: 10_001, kafka: 1_000, mongo: 999 } as const

/** A volume of keys a part, so that no part can read another's: the first-run job sees them all, each part its own. */
const KEYS = '/keys'
export const brokerNames = ['kafka-1', 'kafka-2', 'kafka-3'] as const
export const memberNames = ['mongo-1', 'mongo-2', 'mongo-3'] as const
export const keysOf = (part: ServiceName | (typeof brokerNames)[number] | 'mongo' | 'setup') => join(KEYS, part)

/** The certificate authority, all secrets and the enrolled hosts: of the jobs alone. */
export const AUTHORITY = join(KEYS, 'authority')
export const authorityPaths = {
  ca: join(AUTHORITY, 'ca'),
  secrets: join(AUTHORITY, 'secrets'),
  world: join(AUTHORITY, 'world.json'),
  passwords: join(AUTHORITY, 'passwords.json'),
  hosts: join(AUTHORITY, 'hosts'),
  spare: join(AUTHORITY, 'spare'),
}

/** Where a Node part finds its own keys, and a broker what it starts from. */
export const OWN_KEYS = '/run/fleet'
export const BROKER_KEYS = '/run/keys'

/** Every Node part listens here, each in a container of its own. */
export const HTTP_PORT = 8080

/** The folder that holds stack.json, as the last job sees it; below it `docker/` is this stack's. */
export const STACK_FOLDER = '/stack'
export const exported = {
  /** Of the hosts that the drones' compose takes, each with its own folder. */
  hosts: 'docker/hosts',
  spare: 'docker/spare',
  droneStore: 'docker/drone-store',
  logs: 'docker/logs',
  secrets: 'docker/secrets',
}

export const services = serviceNames
