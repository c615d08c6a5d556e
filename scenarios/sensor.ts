/** What watches the attacked gateway: a Snort of this machine with the bridge behind it, where there is one; else the gateway's own detector. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAlertPublisher } from '@fleet/messaging/alerts'
import { createKafka } from '@fleet/messaging/kafka'
import { silentLog } from '@fleet/runtime/log'
import { startBridge } from '@fleet/snort/bridge'
import { ALERT_FILE, findSnort, snortCommand } from '@fleet/snort/snort-process'

const startMsMax = 20_000

export type Sensor = { name: string; close(): Promise<void> }

/** Whether a Snort can listen here; else why not, in one sentence. */
export const missingSnort = (): string | null =>
  findSnort() === undefined ? 'there is no Snort: put snort on the PATH, or name it in SNORT_BIN' : null

export async function startSensor({
  kafka,
  gatewayPort,
  wanted,
}: {
  kafka: string
  gatewayPort: number
  wanted: 'any' | 'built-in' | 'snort'
}): Promise<Sensor> {
  const snort = wanted === 'built-in' ? undefined : findSnort()
  if (snort === undefined) {
    if (wanted === 'snort') throw new Error(missingSnort() ?? '')
    return { name: "the gateway's own detector, the weaker one: there is no Snort", close: async () => undefined }
  }
  const folder = mkdtempSync(join(tmpdir(), 'fleet-sensor-'))
  const { args, env } = snortCommand({ device: 'lo', gatewayPort }, folder)
  // -v: it says when it has begun to listen.
  const child = spawn(
    snort,
    args.filter((arg) => arg !== '-q'),
    { env, stdio: ['ignore', 'pipe', 'pipe'] },
  )
  let told = ''
  const begun = new Promise<void>((resolve, reject) => {
    const hear = (chunk: Buffer) => {
      told = (told + chunk.toString()).slice(-4_000)
      if (told.includes('Commencing packet processing')) resolve()
    }
    child.stdout.on('data', hear)
    child.stderr.on('data', hear)
    child.once('error', reject)
    child.once('exit', (code) => reject(new Error(`Snort ended with ${code}: ${told.slice(-400)}`)))
    setTimeout(() => reject(new Error(`Snort did not begin within ${startMsMax} ms`)), startMsMax).unref()
  })
  const end = async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit')
      child.kill('SIGTERM')
      const late = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await ended
      clearTimeout(late)
    }
    rmSync(folder, { recursive: true, force: true })
  }
  try {
    await begun
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
    name: `Snort (${snort}), on the loopback device`,
    close: async () => {
      await bridge.close()
      await alerts.close()
      await end()
    },
  }
}
