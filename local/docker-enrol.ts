/**
 * The last job of a Docker stack: enrols the drones, and writes into the checkout's folder what stands outside of the
 * containers: the drone hosts' identities, to be carried to where the drones run, and stack.json.
 */
import { chmod, chown, cp, mkdir, readdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { HostId } from '@fleet/contracts/ids'
import { openCertificateAuthority, writeSecret } from './certificate-authority.ts'
import { ACCOUNTS_FILE, readPasswords, readWorld, type World } from './docker-keys.ts'
import {
  authorityPaths,
  brokerNames,
  exported,
  HTTP_PORT,
  keysOf,
  memberNames,
  readers,
  STACK_FOLDER,
  services,
} from './docker-layout.ts'
import { createEnrolment, type Enrolment, type HostIdentity, readHostIdentity } from './enrolment.ts'
import { mongoUri } from './mongo-uri.ts'
import { openSecrets } from './secrets.ts'
import { readAccounts, type StackAccounts } from './sign-in.ts'
import type { ServiceName } from './stack-environment.ts'
import { type StackInfo, writeStackInfo } from './stack-info.ts'

const SPARE_HOST = HostId.parse('host-spare')

export type EnrolOptions = {
  kafkaInner: string[]
  kafkaDrone: string[]
  mongoHosts: string[]
  /** Folders of identities, one for each container of drones, and how many drones stand in each. */
  droneHosts: number
  dronesPerHost: number
  /** How many containers of drones are started; any number up to `droneHosts` may be. */
  droneContainers: number
  gatewayUrl: string
  /** The first three numbers of the inner network's addresses; a service's last one is 31 plus its place in the list. */
  innerNet: string
  /** Names of the two composes, which begin their containers' names. */
  serverProject: string
  dronesProject: string
  /** A file of the checkout: what is written belongs to its owner. */
  checkoutFile: string
  nowMs: () => number
}

export async function enrolAndExport(options: EnrolOptions): Promise<void> {
  const { droneHosts, dronesPerHost, kafkaInner } = options
  const authority = await openCertificateAuthority(authorityPaths.ca, options.nowMs)
  const secrets = await openSecrets(authorityPaths.secrets)
  const enrolment = createEnrolment({
    droneHealthUrl: urlOf('drone-health'),
    itineraryUrl: urlOf('itinerary'),
    kafkaInner,
    authority,
    secrets,
  })
  for (let host = 1; host <= droneHosts; host++) {
    const names = Array.from({ length: dronesPerHost }, (_, i) => `sim-${host}-${i + 1}`)
    const hostId = HostId.parse(`host-sim-${host}`)
    await enrolOnce(enrolment, hostId, names, join(authorityPaths.hosts, hostId))
  }
  const spare = await enrolOnce(enrolment, SPARE_HOST, ['spare'], authorityPaths.spare)
  const world = await readWorld()
  await exportIdentities(world, options.checkoutFile)

  const info = describe(
    options,
    spare,
    world,
    await readAccounts(join(keysOf('setup'), ACCOUNTS_FILE)),
    (await readPasswords()).root,
  )
  await rm(join(STACK_FOLDER, 'stack.json'), { force: true })
  writeStackInfo(STACK_FOLDER, info)
  const owner = await stat(options.checkoutFile)
  await chown(STACK_FOLDER, owner.uid, owner.gid)
  await chown(join(STACK_FOLDER, 'stack.json'), owner.uid, owner.gid)
}

const urlOf = (service: ServiceName) => `http://${service}:${HTTP_PORT}`

/** The jobs' own volume holds the identities: what was enrolled before is not enrolled again. */
async function enrolOnce(enrolment: Enrolment, hostId: HostId, names: string[], folder: string): Promise<HostIdentity> {
  return (await readHostIdentity(folder)) ?? (await enrolment.enrol(hostId, names, folder))
}

/** Readable by the checkout's owner, and by the drones' containers through their group; by nobody else. */
async function exportIdentities(world: World, checkoutFile: string): Promise<void> {
  const { uid } = await stat(checkoutFile)
  const own = join(STACK_FOLDER, dirname(exported.hosts))
  await rm(own, { recursive: true, force: true })
  await mkdir(own, { recursive: true })
  const hosts = join(STACK_FOLDER, exported.hosts)
  await cp(authorityPaths.hosts, hosts, { recursive: true })
  await cp(authorityPaths.spare, join(STACK_FOLDER, exported.spare), { recursive: true })
  // The drones' computers run in the same world as the server.
  await mkdir(join(hosts, 'settings'))
  await writeSecret(join(hosts, 'settings', 'WORLD_EPOCH_MS'), `${world.epochMs}`)
  await writeSecret(join(hosts, 'settings', 'WORLD_SPEED'), `${world.speed}`)
  for (const entry of await readdir(own, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name)
    await chown(path, uid, readers.fleet)
    await chmod(path, entry.isDirectory() ? 0o750 : 0o640)
  }
  await chown(own, uid, readers.fleet)
  await chmod(own, 0o750)
}

function describe(
  options: EnrolOptions,
  spare: HostIdentity,
  world: World,
  accounts: StackAccounts,
  rootPassword: string,
): StackInfo {
  const { kafkaInner, kafkaDrone, mongoHosts, gatewayUrl, serverProject, dronesProject, droneContainers } = options
  const server = [...brokerNames, ...memberNames, ...services].map((name) => [name, `${serverProject}-${name}-1`])
  const drones = Array.from({ length: droneContainers }, (_, i) => [
    i === 0 ? 'sim' : `sim-${i + 1}`,
    `${dronesProject}-sim-${i + 1}`,
  ])
  const at = (name: ServiceName) => `http://${options.innerNet}.${31 + services.indexOf(name)}:${HTTP_PORT}`
  const [drone] = spare.drones
  return {
    gateway: gatewayUrl,
    // Not published: Linux reaches a bridge's addresses from the host itself.
    services: {
      order: at('order'),
      itinerary: at('itinerary'),
      position: at('position'),
      droneHealth: at('drone-health'),
    },
    kafka: { internal: kafkaInner.join(','), drone: kafkaDrone.join(',') },
    mongo: mongoUri(mongoHosts, '', { user: 'root', password: rootPassword }),
    tls: {
      ca: `${exported.spare}/ca.crt`,
      hostCert: `${exported.spare}/host.crt`,
      hostKey: `${exported.spare}/host.key`,
    },
    ...(drone === undefined
      ? {}
      : {
          drone: {
            id: drone.droneId,
            keyVersion: drone.keyVersion,
            keyFile: `${exported.spare}/${drone.keyFile}`,
            base: drone.base,
          },
        }),
    accounts,
    world,
    folders: {
      secrets: exported.secrets,
      hosts: exported.hosts,
      droneStore: exported.droneStore,
      logs: exported.logs,
    },
    parts: Object.fromEntries([...server, ...drones].map(([name = '', container = '']) => [name, { container }])),
  }
}
