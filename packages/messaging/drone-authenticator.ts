/** Whether a record really comes from the drone whose key it carries (promise 5). */
import { DroneId } from '@fleet/contracts/ids'
import { deriveDroneKey, isDroneMac, keyVersionHeader, macHeader } from './drone-mac.ts'
import type { RegisteredDrone, RegistryView } from './registry-view.ts'
import { partitionOf, type TopicRecord } from './topic.ts'

export type AuthenticRecord = { ok: true; drone: RegisteredDrone; key: DroneId; value: Buffer }
export type DroneRefusal = { ok: false; code: DroneRefusalCode; detail: string }
export type DroneRefusalCode =
  | 'key-missing'
  | 'value-missing'
  | 'partition-wrong'
  | 'mac-missing'
  | 'drone-unknown'
  | 'drone-revoked'
  | 'key-version-wrong'
  | 'mac-wrong'
  | 'schema'
  | 'key-differs'
  | 'boot-stale'

export type DroneAuthenticator = {
  /** Judges one record of a topic with `partitions` partitions. */
  judge(record: TopicRecord, partitions: number): Promise<AuthenticRecord | DroneRefusal>
}

/** How old a catch-up may be that still speaks for the registry: strangers must not cost us a request a message. */
const catchUpMs = 200

const refuse = (code: DroneRefusalCode, detail: string): DroneRefusal => ({ ok: false, code, detail })

/**
 * Judges by `registry` and the fleet's secret. A drone that the registry does not know yet may have been enrolled a
 * moment ago, so the registry catches up before it is refused.
 */
export function createDroneAuthenticator({
  registry,
  fleetSecret,
}: {
  registry: RegistryView
  fleetSecret: Buffer
}): DroneAuthenticator {
  /** One key a drone and version: as many as the registry has drones. */
  const keys = new Map<string, Buffer>()
  let caughtUpAtMs = Number.NEGATIVE_INFINITY

  const keyOf = (droneId: DroneId, version: number): Buffer => {
    const name = `${droneId}/${version}`
    const known = keys.get(name)
    if (known) return known
    const derived = deriveDroneKey(fleetSecret, droneId, version)
    keys.set(name, derived)
    return derived
  }

  const find = async (droneId: DroneId) => {
    const known = registry.get(droneId)
    if (known) return known
    const nowMs = performance.now()
    if (nowMs - caughtUpAtMs >= catchUpMs) {
      await registry.catchUp()
      caughtUpAtMs = nowMs
    }
    return registry.get(droneId)
  }

  return {
    judge: async (record, partitions) => {
      const key = DroneId.safeParse(record.key?.toString())
      if (!key.success) return refuse('key-missing', 'the key is no drone id')
      if (record.value === null) return refuse('value-missing', 'the value is null')
      const due = partitionOf(key.data, partitions)
      if (due !== record.partition) return refuse('partition-wrong', `partition ${record.partition}, due ${due}`)
      const mac = record.headers.get(macHeader)?.toString()
      const version = Number(record.headers.get(keyVersionHeader)?.toString())
      if (mac === undefined || !Number.isInteger(version)) {
        return refuse('mac-missing', `headers ${macHeader} and ${keyVersionHeader} are due`)
      }
      const drone = await find(key.data)
      if (!drone) return refuse('drone-unknown', `${key.data} is not enrolled`)
      if (version !== drone.keyVersion)
        return refuse('key-version-wrong', `version ${version}, due ${drone.keyVersion}`)
      const message = { topic: record.topic, key: key.data, value: record.value }
      if (!isDroneMac(keyOf(key.data, version), message, mac)) return refuse('mac-wrong', 'the MAC does not fit')
      if (drone.revokedAppendedAtMs !== null && record.appendedAtMs >= drone.revokedAppendedAtMs) {
        return refuse('drone-revoked', `${key.data} was revoked`)
      }
      return { ok: true, drone, key: key.data, value: record.value }
    },
  }
}
