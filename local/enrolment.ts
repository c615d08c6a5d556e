/**
 * Gives drones their identity: a registry entry, a MAC key, and for their host a certificate and its rights at the brokers.
 * What a host needs to know stands in one folder, which can be carried to it.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DroneId, HostId } from '@fleet/contracts/ids'
import { BasesReply, DroneReply, DronesReply } from '@fleet/contracts/rest'
import { deriveDroneKey } from '@fleet/messaging/drone-mac'
import { signToken } from '@fleet/runtime/tokens'
import { z } from 'zod'
import { allowHost } from './acls.ts'
import { type CertificateAuthority, writeSecret } from './certificate-authority.ts'
import { withAdmin } from './kafka-admin.ts'
import { readIfThere } from './read-if-there.ts'
import { readSecret, type StackSecrets } from './secrets.ts'

const REQUEST_TIMEOUT_MS = 15_000
const TOKEN_TTL_S = 60
/** A large fleet waits for the answers of many enrolments side by side. */
const AT_ONCE = 16

const HostDrone = z.object({
  droneId: DroneId,
  name: z.string(),
  keyVersion: z.int(),
  /** Relative to the folder of host.json. */
  keyFile: z.string(),
  base: z.object({ baseId: z.string(), lat: z.number(), lon: z.number() }),
})
/** `host.json` of a host's folder. */
export const HostIdentity = z.object({ hostId: HostId, drones: z.array(HostDrone) })
export type HostIdentity = z.infer<typeof HostIdentity>

export type Enrolment = {
  /** Enrols drones of these names under one host, spread over the bases in turn, and writes the host's folder. */
  enrol(hostId: HostId, droneNames: string[], folder: string): Promise<HostIdentity>
  list(): Promise<DroneReply[]>
  /** From the brokers' append time of this on, what the drone sends is refused. */
  revoke(droneId: DroneId): Promise<void>
}

export type EnrolmentOptions = {
  droneHealthUrl: string
  itineraryUrl: string
  kafkaInner: string[]
  authority: CertificateAuthority
  secrets: StackSecrets
}

/** Speaks to the drone-health service as an operator. */
export function createEnrolment(options: EnrolmentOptions): Enrolment {
  const { droneHealthUrl, itineraryUrl, kafkaInner, authority, secrets } = options

  async function ask(method: string, url: string, body?: unknown): Promise<unknown> {
    const token = signToken(
      await readSecret(secrets.tokenPrivateKeyFile),
      { role: 'operator', sub: 'local' },
      TOKEN_TTL_S,
    )
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`)
    return text === '' ? undefined : JSON.parse(text)
  }

  return {
    async enrol(hostId, droneNames, folder) {
      const { items: bases } = BasesReply.parse(await ask('GET', `${itineraryUrl}/v1/bases`))
      const fleetSecret = Buffer.from(await readSecret(secrets.fleetSecretFile), 'hex')
      await mkdir(folder, { recursive: true, mode: 0o700 })
      const enrolOne = async (name: string, i: number): Promise<HostIdentity['drones'][number]> => {
        const base = bases[i % bases.length]
        if (base === undefined) throw new Error(`${itineraryUrl}/v1/bases has no base to enrol ${name} at.`)
        const reply = DroneReply.parse(
          await ask('POST', `${droneHealthUrl}/v1/drones`, { name, hostId, baseId: base.baseId }),
        )
        const keyFile = `${reply.droneId}.key`
        await writeSecret(
          join(folder, keyFile),
          deriveDroneKey(fleetSecret, reply.droneId, reply.keyVersion).toString('hex'),
        )
        const { lat, lon } = base.place
        const home = { baseId: base.baseId, lat, lon }
        return { droneId: reply.droneId, name, keyVersion: reply.keyVersion, keyFile, base: home }
      }
      const drones: HostIdentity['drones'] = []
      for (let from = 0; from < droneNames.length; from += AT_ONCE) {
        const some = droneNames.slice(from, from + AT_ONCE)
        drones.push(...(await Promise.all(some.map((name, i) => enrolOne(name, from + i)))))
      }
      const { certificate, key } = await authority.issueHost(hostId)
      await writeSecret(join(folder, 'host.key'), key)
      await writeSecret(join(folder, 'host.crt'), certificate)
      await writeSecret(join(folder, 'ca.crt'), authority.certificate)
      await withAdmin(kafkaInner, (admin) => allowHost(admin, hostId))
      await writeSecret(join(folder, 'host.json'), JSON.stringify({ hostId, drones }, null, 2)) // Last: it stands for all.
      return { hostId, drones }
    },
    list: async () => DronesReply.parse(await ask('GET', `${droneHealthUrl}/v1/drones`)).items,
    revoke: async (droneId) => void (await ask('POST', `${droneHealthUrl}/v1/drones/${droneId}/revocation`)),
  }
}

/** The identity that stands in a host's folder, or undefined where there is none yet. */
export async function readHostIdentity(folder: string): Promise<HostIdentity | undefined> {
  const text = await readIfThere(join(folder, 'host.json'))
  return text === undefined ? undefined : HostIdentity.parse(JSON.parse(text))
}
