/** On the real brokers: what the watch sees, however long its looks take. */
import { randomUUID } from 'node:crypto'
import { setTimeout as wait } from 'node:timers/promises'
import { testInfrastructure } from '@fleet/local/test-infrastructure'
import { createAndAwait } from '@fleet/local/topics'
import { waitUntil } from '@fleet/local/wait'
import { createKafka } from '@fleet/messaging/kafka'
import { createClock } from '@fleet/runtime/clock'
import { silentLog } from '@fleet/runtime/log'
import { expect, it } from '@jest/globals'
import { limitsAt } from './limits.ts'
import { HealthConfig } from './rules/thresholds.ts'
import { createSights } from './sights.ts'
import { startWatch } from './watching.ts'

const log = silentLog()
const tickMs = 50

/** Milliseconds that pass no faster than timers of this process are served: a machine that stands still for a moment takes no sight away. */
function startSteadyClock() {
  let [steadyMs, lastMs] = [performance.now(), performance.now()]
  const timer = setInterval(() => {
    const atMs = performance.now()
    steadyMs += Math.min(atMs - lastMs, 3 * tickMs)
    lastMs = atMs
  }, tickMs)
  return {
    monotonicMs: () => steadyMs,
    nowMs: () => performance.timeOrigin + steadyMs,
    stop: () => clearInterval(timer),
  }
}

it.concurrent.each([
  ['at rest', 320, true],
  ['in flight', 2_200, false],
] as const)('sight of a fleet %s is not lost, though a look takes %i ms', async (_, lookTakesMs, isAtRest) => {
  await using opened = new AsyncDisposableStack()
  const infra = await testInfrastructure()
  const topic = `watching${randomUUID().replaceAll('-', '').slice(0, 12)}`
  const kafka = createKafka({ brokers: infra.kafkaInner, clientId: topic, log })
  const admin = kafka.admin()
  await admin.connect()
  opened.defer(() => admin.disconnect())
  await createAndAwait(admin, [{ topic, numPartitions: 1, replicationFactor: 1 }])
  const steady = startSteadyClock()
  opened.defer(() => steady.stop())
  const { nowMs } = steady
  const clock = createClock({ epochMs: nowMs(), speed: 1 }, steady)
  const { sight, thresholds } = limitsAt(1, HealthConfig.parse({}))
  let lost = 0
  const sights = createSights(sight, () => lost++)
  let looks = 0
  const watch = {
    take: () => undefined,
    look: async () => {
      await wait(lookTakesMs)
      if (sights.at(clock.worldElapsed()).sees(0)) looks++
    },
    isAtRest: () => isAtRest,
    unheardMs: () => 0,
    fault: () => null,
  }
  const { silentMs } = thresholds
  const reader = startWatch({ kafka, topic, watch, sights, clock, nowMs, silentMs, log })
  opened.defer(() => reader.close())

  await waitUntil('four looks that saw', async () => looks === 4 || lost > 0, { timeoutMs: 40_000, everyMs: 50 })

  expect(lost).toBe(0)
})
