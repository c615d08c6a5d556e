/** The watch at work: positions flow in, and the fleet is looked at again and again. */
import { type Loop, startLoop } from '@fleet/messaging/loop'
import type { Clock } from '@fleet/runtime/clock'
import type { Log } from '@fleet/runtime/log'
import type { Kafka } from 'kafkajs'
import { type PositionReader, startPositionReader } from './position-reader.ts'
import { readingsMax } from './rules/scene.ts'
import type { Sights } from './sights.ts'
import type { Watch } from './watch.ts'

/**
 * Real milliseconds between questions for the topic's ends, which wake the look: oftener makes silence known sooner.
 * Where nobody answers, looks come as seldom as at rest.
 */
const lookEveryMs = 400
const lookEveryMsAtRest = 1_000
/** While a drone may be found silent soon: within `alertMs`, in real time. */
const lookEveryMsAlert = 100
const alertMs = 1_200
/** Also where looks take long: two questions are well within blindness. */
const askEveryMsMax = 1_000
/** After a look it rests so many times as long as that took: looks at a large fleet leave the machine to others. */
const lookRestShare = 3
const lookRestShareAtRest = 9
/** At rest; well below `lookMsMax`. */
const lookRestMsMaxAtRest = 8_000
/** Longer without a look is worth telling: elections take less. */
const lookMsMax = 15_000
const positionPeriodMs = 1_000

/** Starts reading and looking. A look that fails, since the database is away, is made again. */
export function startWatch({
  kafka,
  topic,
  watch,
  sights,
  clock,
  nowMs,
  silentMs,
  log,
}: {
  kafka: Kafka
  topic: string
  watch: Watch
  /** Of the positions. */
  sights: Sights
  clock: Clock
  /** Real time. */
  nowMs: () => number
  /** World milliseconds after which a drone counts as silent. */
  silentMs: number
  log: Log
}): PositionReader {
  let lookedAtMs = clock.worldElapsed()
  let lookTookMs = 0
  // A machine that has fallen behind hears everybody late: looking all the time would keep it there.
  const restMs = (tookMs: number) =>
    watch.isAtRest()
      ? Math.min(lookRestMsMaxAtRest, lookRestShareAtRest * tookMs)
      : Math.min(lookEveryMs, lookRestShare * tookMs)
  const everyMs = () => {
    if (watch.isAtRest()) return lookEveryMsAtRest
    // Nor where all have been unheard for long: then it is the brokers that are away.
    const isAlert = Math.abs(clock.realMs(silentMs - watch.unheardMs())) < alertMs
    return isAlert ? Math.max(lookEveryMsAlert, restMs(lookTookMs)) : lookEveryMs
  }
  const unaskedMs = () => Math.max(lookEveryMsAtRest, restMs(lookTookMs))
  const look = async () => {
    await watch.look()
    lookedAtMs = clock.worldElapsed()
  }
  const loop: Loop = startLoop('look', unaskedMs, log, look, (tookMs) => {
    lookTookMs = tookMs
    return restMs(tookMs)
  })
  const reader = startPositionReader({
    kafka,
    topic,
    // What fills the rules' windows, and a little more.
    fromMs: nowMs() - clock.realMs(2 * readingsMax * positionPeriodMs),
    log,
    onRecord: watch.take,
    sights,
    // What has just been seen is looked at at once, and not some tenths of a second later.
    onSeen: () => loop.wake(),
    // Asks go on while a look is made and rests: what they wake meanwhile is one look.
    askEveryMs: () => Math.min(askEveryMsMax, everyMs() + lookTookMs),
    nowMs: clock.worldElapsed,
  })
  return {
    problem: () => {
      const agoMs = clock.realMs(clock.worldElapsed() - lookedAtMs)
      return agoMs > lookMsMax ? `the fleet was last looked at ${Math.round(agoMs)} ms ago` : reader.problem()
    },
    close: async () => {
      await loop.close()
      await reader.close()
    },
  }
}
