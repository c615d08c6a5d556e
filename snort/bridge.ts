/** From Snort's alerts to `security.alerts`: each source and rule at most once a second, what is old not at all. */
import type { AlertPublisher } from '@fleet/messaging/alerts'
import type { Log } from '@fleet/runtime/log'
import { parseAlertLine } from './alert-lines.ts'
import { type Following, follow } from './follow.ts'

/** An older alert is of an attack that may be over: after a long stop the bridge does not play the past. */
const alertMsMax = 60_000

/** Follows `alertFile`. `nowMs`: real time, by the clock of the machine that the sensor runs on. */
export const startBridge = ({
  alertFile,
  placeFile,
  detector,
  alerts,
  nowMs,
  log,
}: {
  alertFile: string
  placeFile: string
  detector: string
  alerts: Pick<AlertPublisher, 'publish'>
  nowMs: () => number
  log: Log
}): Promise<Following> =>
  follow({
    file: alertFile,
    placeFile,
    log,
    onLines: async (lines) => {
      for (const line of lines) {
        const alert = parseAlertLine(line, detector)
        if (alert === null || nowMs() - alert.raisedAtMs > alertMsMax) continue
        // In turn, so that no more than one is under way, and what comes meanwhile waits in the file. What the brokers refuse is lost: it
        // is of now, and an attack that goes on raises more.
        if (await alerts.publish(alert)) log.info({ source: alert.source, rule: alert.rule }, 'alert published')
      }
    },
  })
