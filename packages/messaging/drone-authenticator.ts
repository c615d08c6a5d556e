/** Whether a record really comes from the drone whose key it carries (promise 5). */
import { DroneId } from '@fleet/contracts/ids'
import { deriveDroneKey, isDroneMac, keyVersionHeader, type MacKey, macHeader, macKeyOf } from './drone-mac.ts'
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
  /**
   * Judges one record of a topic with `partitions` partitions. At once where the registry knows the drone: a promise a
   * message would cost a flood of positions more than their MACs.
   */
  judge(record: TopicRecord, partitions: number): DroneVerdict | Promise<DroneVerdict>
}
export type DroneVerdict = AuthenticRecord | DroneRefusal

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
  /** By topic, of which there are few, one a drone: as many as the registry has. */
  const keys = new Map<string, Map<DroneId, { key: MacKey; version: number }>>()
  let caughtUpAtMs = Number.NEGATIVE_INFINITY

  const keyOf = (topic: string, droneId: DroneId, version: number): MacKey => {
    const ofTopic = keys.get(topic) ?? new Map<DroneId, { key: MacKey; version: number }>()
    const known = ofTopic.get(droneId)
    if (known?.version === version) return known.key
    const key = macKeyOf(deriveDroneKey(fleetSecret, droneId, version), { topic, key: droneId })
    keys.set(topic, ofTopic.set(droneId, { key, version }))
    return key
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

  const judgeKnown = (
    { topic, appendedAtMs }: TopicRecord,
    drone: RegisteredDrone | undefined,
    claim: { key: DroneId; value: Buffer; version: number; mac: string },
  ): DroneVerdict => {
    const { key, value, version, mac } = claim
    if (!drone) return refuse('drone-unknown', `${key} is not enrolled`)
    if (version !== drone.keyVersion) return refuse('key-version-wrong', `version ${version}, due ${drone.keyVersion}`)
    if (!isDroneMac(keyOf(topic, key, version), value, mac)) return refuse('mac-wrong', 'the MAC does not fit')
    if (drone.revokedAppendedAtMs !== null && appendedAtMs >= drone.revokedAppendedAtMs) {
      return refuse('drone-revoked', `${key} was revoked`)
    }
    return { ok: true, drone, key, value }
  }

  return {
    judge: (record, partitions) => {
      const text = record.key?.toString()
      // The registry holds drone ids alone: what it knows needs no second look.
      const known = text === undefined ? undefined : registry.get(text)
      const key = known?.droneId ?? DroneId.safeParse(text).data
      if (key === undefined) return refuse('key-missing', 'the key is no drone id')
      const { value } = record
      if (value === null) return refuse('value-missing', 'the value is null')
      const due = partitionOf(key, partitions)
      if (due !== record.partition) return refuse('partition-wrong', `partition ${record.partition}, due ${due}`)
      const mac = record.headers[macHeader]?.toString('latin1')
      const version = Number(record.headers[keyVersionHeader]?.toString('latin1'))
      if (mac === undefined || !Number.isInteger(version)) {
        return refuse('mac-missing', `headers ${macHeader} and ${keyVersionHeader} are due`)
      }
      const claim = { key, value, version, mac }
      if (known) return judgeKnown(record, known, claim)
      return find(key).then((drone) => judgeKnown(record, drone, claim))
    },
  }
}
