/**
 * What a run is lent, and gives back at its end: a customer's API key, drones of a host that nobody simulates, an operator's token.
 * What cannot be given back is told, and fails no run.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { NewApiKeyReply } from '@fleet/contracts/accounts'
import { HostId } from '@fleet/contracts/ids'
import type { Place } from '@fleet/contracts/units'
import { openCertificateAuthority } from '@fleet/local/certificate-authority'
import { createEnrolment } from '@fleet/local/enrolment'
import { firstOrder } from '@fleet/local/first-calls'
import { openSecrets } from '@fleet/local/secrets'
import { createBearer } from '@fleet/local/sign-in'
import { stackPaths } from '@fleet/local/stack-folder'
import { readStackInfo } from '@fleet/local/stack-info'
import { startLoop } from '@fleet/messaging/loop'
import { silentLog } from '@fleet/runtime/log'

const drones = 3
const requestMsMax = 10_000
/** The bearer has a new token well before the old one runs out; one that could not be had is tried for again. */
const renewEveryMs = 60_000

export type Credentials = {
  /** The stack's own, which was asked for all of this. */
  gateway: string
  apiKey: string
  /** Renewed while the run lasts, which may be longer than a token does. */
  operatorTokenFile: string
  droneHost: string
  droneBrokers: string
  /** Orders may go to around here. */
  place: Place
}

type CredentialsOptions = {
  /** Of the running stack. */
  folder: string
  /** Where what is made goes. */
  runFolder: string
  /** This run's alone. */
  name: string
  /** Real time. */
  nowMs: () => number
  say: (line: string) => void
}

/** `stack` takes back whatever was made, however far this came. */
export async function lendCredentials(
  { folder, runFolder, name, nowMs, say }: CredentialsOptions,
  stack: AsyncDisposableStack,
): Promise<Credentials> {
  const { gateway, accounts, services, kafka, tls } = readStackInfo(folder)
  const { droneHealth, itinerary } = services
  if (gateway === undefined || accounts === undefined || tls === undefined)
    throw new Error('the running stack has no gateway, no accounts or no drones')
  if (droneHealth === undefined || itinerary === undefined) throw new Error('the running stack has not all services')
  const giveBack = (what: string, act: () => Promise<void>) =>
    stack.defer(() => act().catch((error: unknown) => say(`left behind: ${what}: ${error}`)))
  const asCustomer = createBearer(gateway, accounts.customer, () => performance.now())
  const asOperator = createBearer(gateway, accounts.operator, () => performance.now())
  const askAsCustomer = async (method: string, path: string, body?: unknown) => {
    const response = await fetch(`${gateway}${path}`, {
      method,
      headers: { authorization: await asCustomer(), 'content-type': 'application/json' },
      signal: AbortSignal.timeout(requestMsMax),
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
    const text = await response.text()
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`)
    return text
  }

  const { id, key } = NewApiKeyReply.parse(JSON.parse(await askAsCustomer('POST', '/v1/api-keys', { name })))
  giveBack(`the API key ${name}`, async () => void (await askAsCustomer('DELETE', `/v1/api-keys/${id}`)))

  const paths = stackPaths(folder)
  const enrolment = createEnrolment({
    droneHealthUrl: droneHealth,
    itineraryUrl: itinerary,
    kafkaInner: kafka.internal.split(','),
    authority: await openCertificateAuthority(paths.ca, nowMs),
    secrets: await openSecrets(paths.secrets),
  })
  const hostId = HostId.parse(`host-${name}`)
  const droneHost = join(runFolder, 'drone-host')
  stack.defer(() => rmSync(droneHost, { recursive: true, force: true }))
  giveBack(`the drones of ${hostId}`, async () => {
    const ours = (await enrolment.list()).filter((drone) => drone.hostId === hostId)
    for (const { droneId } of ours) await enrolment.revoke(droneId)
  })
  const names = Array.from({ length: drones }, (_, index) => `${name}-${index + 1}`)
  await enrolment.enrol(hostId, names, droneHost)

  const operatorTokenFile = join(runFolder, 'operator-token')
  const writeToken = async () => writePrivate(operatorTokenFile, (await asOperator()).replace('Bearer ', ''))
  stack.defer(() => rmSync(operatorTokenFile, { force: true }))
  await writeToken()
  stack.defer(startLoop('operator token', renewEveryMs, silentLog(), writeToken).close)

  const { dropOff } = await firstOrder(gateway, asCustomer)
  return { gateway, apiKey: key, operatorTokenFile, droneHost, droneBrokers: kafka.drone, place: dropOff }
}

/** Readable by its owner alone, and by whoever reads it at any time: as it was, or whole. */
function writePrivate(file: string, text: string): void {
  const half = `${file}.half`
  writeFileSync(half, text, { mode: 0o600 })
  renameSync(half, file)
}
