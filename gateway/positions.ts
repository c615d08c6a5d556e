/** Whether a position that a drone sent may be shown: authentic (promise 5) and of the schema. */
import type { DronePosition } from '@fleet/contracts/drone-positions'
import { positionIn } from '@fleet/contracts/position-bytes'
import { topics } from '@fleet/contracts/topics'
import { createDroneAuthenticator, type DroneAuthenticator } from '@fleet/messaging/drone-authenticator'
import { startLoop } from '@fleet/messaging/loop'
import { type RegistryView, startRegistryView } from '@fleet/messaging/registry-view'
import type { TopicRecord } from '@fleet/messaging/topic'
import type { Log } from '@fleet/runtime/log'
import { soon } from '@fleet/runtime/soon'
import type { Kafka } from 'kafkajs'

const retryMs = 2_000

/** At once, but for a drone that the registry does not know yet. */
export type JudgePosition = (record: TopicRecord) => DronePosition | null | Promise<DronePosition | null>

export type PositionJudge = {
  /** The position in `record`, or null where it is not to be shown. */
  judge: JudgePosition
  /** What is wrong, in words, for readiness: a registry that is no longer read would go on trusting revoked drones. */
  problem(): string | null
  close(): Promise<void>
}

/** Reads the registry in the background; until it has it, no position is shown. `fleetSecret` makes the drones' keys. */
export function createPositionJudge({
  kafka,
  fleetSecret,
  log,
}: {
  kafka: Kafka
  fleetSecret: Buffer
  log: Log
}): PositionJudge {
  let registry: RegistryView | undefined
  let authenticator: DroneAuthenticator | undefined
  const loop = startLoop('drone registry', retryMs, log, async () => {
    if (registry !== undefined) return
    registry = await startRegistryView({ kafka, name: 'gateway', log })
    authenticator = createDroneAuthenticator({ registry, fleetSecret })
  })
  return {
    judge: (record) =>
      soon(authenticator?.judge(record, topics.dronePositions.partitions), (judged) =>
        judged?.ok ? positionIn(judged.value, judged.key) : null,
      ),
    problem: () => (registry === undefined ? 'the drone registry is not read yet' : registry.problem()),
    close: async () => {
      await loop.close()
      await registry?.close()
    },
  }
}
