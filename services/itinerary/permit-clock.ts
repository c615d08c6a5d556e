/**
 * When a permit has run out by the server's clock. The drone counts from when it sent its request, which was before the
 * permit was stored; this counts from when the permit was first seen here, after it was stored, by a monotonic clock,
 * and a little longer. So when it says "over", it is over for the drone too. After a restart it counts anew.
 */
import type { PermitRequestId } from '@fleet/contracts/ids'

/** Either clock may be this far off its rate. The worst: the drone's runs slow while the server's runs fast. */
const driftMax = 0.05
const lengthening = (1 + driftMax) / (1 - driftMax)

export type PermitClock = {
  /** Of the permits that run by the documents, those whose time is over. Forgets all others that it knew. */
  over<P extends { permitRequestId: PermitRequestId }>(running: readonly P[]): P[]
}

/** `permitMs` and `elapsedMs` in world milliseconds; remembers as many permits as run. */
export function createPermitClock({ permitMs, elapsedMs }: { permitMs: number; elapsedMs: () => number }): PermitClock {
  let firstSeen = new Map<PermitRequestId, number>()
  return {
    over: (running) => {
      const nowMs = elapsedMs()
      firstSeen = new Map(running.map(({ permitRequestId: id }) => [id, firstSeen.get(id) ?? nowMs]))
      return running.filter(({ permitRequestId: id }) => nowMs - (firstSeen.get(id) ?? nowMs) > permitMs * lengthening)
    },
  }
}
