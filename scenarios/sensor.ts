/** What watches the attacked gateway: a Snort of this machine with the bridge behind it, where there is one; else the gateway's own detector. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { waitUntil } from '@fleet/local/wait'
import { createAlertPublisher } from '@fleet/messaging/alerts'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { startBridge } from '@fleet/snort/bridge'
import { ALERT_FILE, findSnort, snortCommand } from '@fleet/snort/snort-process'

const startMsMax = 20_000

export type Wanted = 'any' | 'built-in' | 'snort'
export type Detector = 'snort' | 'gateway'
/** `detector`: whose alerts it raises. */
export type Sensor = { name: string; detector: Detector; close(): Promise<void> }

/** Whether a Snort can listen here; else why not, in one sentence. */
export const missingSnort = (): string | null =>
  findSnort() === undefined ? 'there is no Snort: put snort on the PATH, or name it in SNORT_BIN' : null

/** Who is to see the attacks. Beside a Snort the gateway's own detector must be off, or what is done may be by its alerts. */
export const detectorFor = (wanted: Wanted): Detector =>
  wanted !== 'built-in' && findSnort() !== undefined ? 'snort' : 'gateway'

export async function startSensor({
  kafka,
  gatewayPort,
  wanted,
  device = 'lo',
}: {
  kafka: string
  gatewayPort: number
  wanted: Wanted
  /** Where it listens. */
  device?: string
}): Promise<Sensor> {
  const snort = wanted === 'built-in' ? undefined : findSnort()
  if (snort === undefined) {
    if (wanted === 'snort') throw new Error(missingSnort() ?? '')
    return { name: "the gateway's own detector, the weaker one", detector: 'gateway', close: async () => undefined }
  }
  const folder = mkdtempSync(join(tmpdir(), 'fleet-sensor-'))
  const { args, env } = snortCommand({ device, gatewayPort }, folder)
  const child = spawn(snort, args, { env, stdio: ['ignore', 'ignore', 'pipe'] })
  let told = ''
  child.stderr.on('data', (chunk: Buffer) => {
    told = (told + chunk.toString()).slice(-400)
  })
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null || child.pid === undefined
  child.on('error', (error) => {
    told = error.message
  })
  const end = async () => {
    if (!hasEnded()) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(late)
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    // What it says comes out of its buffer when it ends. Its alert file is made when it begins to listen.
    const begun = () => hasEnded() || existsSync(join(folder, ALERT_FILE))
    await waitUntil('Snort to listen', begun, { timeoutMs: startMsMax })
    if (hasEnded()) throw new Error(`Snort ended at once, with ${child.exitCode ?? child.signalCode}: ${told}`)
  } catch (error) {
    await end()
    throw error
  }
  const log = silentLog()
  const alerts = createAlertPublisher(createKafka({ brokers: kafka.split(','), clientId: 'sensor', log }), log)
  const bridge = await startBridge({
    alertFile: join(folder, ALERT_FILE),
    placeFile: join(folder, 'place.json'),
    detector: 'snort',
    alerts,
    nowMs: () => performance.timeOrigin + performance.now(),
    log,
  })
  return {
    name: `Snort (${snort}), listening at ${device}`,
    detector: 'snort',
    close: async () => {
      await bridge.close()
      await alerts.close()
      await end()
    },
  }
}
