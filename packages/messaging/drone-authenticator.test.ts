import { RegistryEntry } from '@fleet/contracts/drone-registry'
import { describe, expect, it } from '@jest/globals'
import { createDroneAuthenticator } from './drone-authenticator.ts'
import { deriveDroneKey, droneMac } from './drone-mac.ts'
import type { RegisteredDrone, RegistryView } from './registry-view.ts'
import { partitionOf, type TopicRecord } from './topic.ts'

const fleetSecret = Buffer.from('the fleet secret')
const partitions = 6
const drone = (rest: Partial<RegisteredDrone> = {}): RegisteredDrone => ({
  ...RegistryEntry.parse({
    droneId: 'drn_1',
    name: 'one',
    hostId: 'host-1',
    keyVersion: 2,
    baseId: 'bas_1',
    enrolledAtMs: 0,
  }),
  revokedAppendedAtMs: null,
  ...rest,
})

function registryOf(known: RegisteredDrone | undefined, comes?: RegisteredDrone) {
  let found = known
  const registry: RegistryView & { catchUps: number } = {
    catchUps: 0,
    get: (droneId) => (droneId === found?.droneId ? found : undefined),
    catchUp: async () => {
      registry.catchUps++
      found = comes ?? found
    },
    problem: () => null,
    close: async () => undefined,
  }
  return registry
}

const key = drone().droneId
const signed = (rest: Partial<TopicRecord> = {}, keyVersion = 2): TopicRecord => {
  const value = Buffer.from('{"sent":true}')
  const mac = droneMac(deriveDroneKey(fleetSecret, key, keyVersion), { topic: 'drone.reports', key, value })
  return {
    topic: 'drone.reports',
    partition: partitionOf(key, partitions),
    offset: 0,
    appendedAtMs: 5_000,
    key: Buffer.from(key),
    value,
    headers: { mac: Buffer.from(mac.toString('hex')), 'key-version': Buffer.from(String(keyVersion)) },
    ...rest,
  }
}

const judge = (record: TopicRecord, known: RegisteredDrone | undefined = drone()) =>
  createDroneAuthenticator({ registry: registryOf(known), fleetSecret }).judge(record, partitions)

describe('the authenticator', () => {
  it('passes what an enrolled drone signed', async () => {
    expect(await judge(signed())).toMatchObject({ ok: true, key })
  })

  it.each([
    ['key-missing', signed({ key: null })],
    ['key-missing', signed({ key: Buffer.from('no drone') })],
    ['value-missing', signed({ value: null })],
    ['partition-wrong', signed({ partition: (partitionOf(key, partitions) + 1) % partitions })],
    ['mac-missing', signed({ headers: {} })],
    ['mac-wrong', signed({ value: Buffer.from('{"sent":false}') })],
    ['mac-wrong', signed({ topic: 'drone.positions' })],
    ['key-version-wrong', signed({}, 1)],
  ])('refuses with %s', async (code, record) => {
    expect(await judge(record)).toMatchObject({ ok: false, code })
  })

  it('judges a revocation by when the broker appended it', async () => {
    const revoked = drone({ revokedAppendedAtMs: 5_000 })

    expect(await judge(signed({ appendedAtMs: 4_999 }), revoked)).toMatchObject({ ok: true })
    expect(await judge(signed({ appendedAtMs: 5_000 }), revoked)).toMatchObject({ ok: false, code: 'drone-revoked' })
  })

  it('reads the registry on before it refuses a drone that it does not know', async () => {
    const registry = registryOf(undefined, drone())

    const judged = await createDroneAuthenticator({ registry, fleetSecret }).judge(signed(), partitions)

    expect(judged).toMatchObject({ ok: true })
  })

  it('does not read the registry on for each of many strangers', async () => {
    const registry = registryOf(undefined)
    const authenticator = createDroneAuthenticator({ registry, fleetSecret })

    for (let n = 0; n < 20; n++) {
      expect(await authenticator.judge(signed(), partitions)).toMatchObject({ code: 'drone-unknown' })
    }

    expect(registry.catchUps).toBeLessThan(5)
  })
})
