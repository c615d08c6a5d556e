/** `npm run fleet -- enrol NAME | list | revoke ID`: drones of the running stack. */
import { join } from 'node:path'
import { DroneId, HostId } from '@fleet/contracts/ids'
import { readConfig } from '@fleet/runtime/config'
import { openCertificateAuthority } from './certificate-authority.ts'
import { createEnrolment, type Enrolment } from './enrolment.ts'
import { LocalConfig } from './launch.ts'
import { Missing } from './provision.ts'
import { openSecrets } from './secrets.ts'
import { stackPaths } from './stack-folder.ts'
import { readStackInfo } from './stack-info.ts'

const USAGE = 'Usage: npm run fleet -- enrol NAME | list | revoke ID'
const say = (line: string) => console.log(line)

async function enrol(enrolment: Enrolment, hosts: string, name: string): Promise<void> {
  const hostId = HostId.safeParse(`host-${name}`)
  if (!hostId.success) throw new Missing(`NAME must be 1 to 40 of a-z, 0-9 and '-', and is '${name}'.`)
  const folder = join(hosts, hostId.data)
  const { drones } = await enrolment.enrol(hostId.data, [name], folder)
  for (const { droneId, keyVersion, base } of drones)
    say(`${droneId} enrolled as ${name} at ${base.baseId} (key version ${keyVersion}), host ${hostId.data}`)
  say(`certificate, keys and host.json: ${folder}`)
}

async function list(enrolment: Enrolment): Promise<void> {
  for (const { droneId, name, hostId, keyVersion, baseId, revokedAt } of await enrolment.list())
    say(
      [
        droneId,
        name,
        hostId,
        baseId,
        `key ${keyVersion}`,
        revokedAt === null ? 'enrolled' : `revoked ${revokedAt}`,
      ].join('\t'),
    )
}

async function revoke(enrolment: Enrolment, id: string): Promise<void> {
  const droneId = DroneId.safeParse(id)
  if (!droneId.success) throw new Missing(`ID must be a drone's, like drn_1a2b3c, and is '${id}'.`)
  await enrolment.revoke(droneId.data)
  say(`${droneId.data} revoked: what it sends from now on is refused`)
}

async function run([act, argument]: string[]): Promise<void> {
  const { LOCAL_DIR } = readConfig(LocalConfig)
  const { services, kafka } = readStackInfo(LOCAL_DIR)
  const { droneHealth, itinerary } = services
  if (droneHealth === undefined || itinerary === undefined)
    throw new Missing('The running stack has no drone-health or no itinerary service.')
  const paths = stackPaths(LOCAL_DIR)
  const enrolment = createEnrolment({
    droneHealthUrl: droneHealth,
    itineraryUrl: itinerary,
    kafkaInner: kafka.internal.split(','),
    authority: await openCertificateAuthority(paths.ca, Date.now),
    secrets: await openSecrets(paths.secrets),
  })
  if (act === 'enrol' && argument !== undefined) return enrol(enrolment, paths.hosts, argument)
  if (act === 'list') return list(enrolment)
  if (act === 'revoke' && argument !== undefined) return revoke(enrolment, argument)
  throw new Missing(USAGE)
}

try {
  await run(process.argv.slice(2))
} catch (error) {
  console.error(error instanceof Error ? error.message : error)
  process.exit(1)
}
