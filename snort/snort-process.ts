/** A Snort on this machine: where it is, and how it is run with our configuration. */
import { accessSync, constants } from 'node:fs'
import { delimiter, join } from 'node:path'
import { readConfig } from '@fleet/runtime/config'
import { z } from 'zod'

const SnortConfig = z.object({ SNORT_BIN: z.string().optional(), PATH: z.string().default('') })
const isProgram = (file: string) => {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** `SNORT_BIN`, or `snort` on `PATH`; undefined where there is none. */
export function findSnort(): string | undefined {
  const { SNORT_BIN, PATH } = readConfig(SnortConfig)
  if (SNORT_BIN !== undefined) return isProgram(SNORT_BIN) ? SNORT_BIN : undefined
  return PATH.split(delimiter)
    .map((folder) => join(folder, 'snort'))
    .find(isProgram)
}

/** Its name in the folder that it logs to. */
export const ALERT_FILE = 'alert_json.txt'

/** Arguments and environment for reading `from`, with alerts in `logFolder`. Checksums are not looked at: on loopback nobody sets them. */
export function snortCommand(from: { pcap: string } | { device: string; gatewayPort: number }, logFolder: string) {
  const source =
    'pcap' in from
      ? ['-r', from.pcap]
      : ['--daq', 'pcap', '-i', from.device, '--bpf', `tcp port ${from.gatewayPort}`, '--snaplen', '4096']
  return {
    args: ['-q', '-c', join(import.meta.dirname, 'snort.lua'), '-k', 'none', '-l', logFolder, ...source],
    env: {
      GATEWAY_PORT: 'pcap' in from ? '8080' : `${from.gatewayPort}`,
      SNORT_RULES: join(import.meta.dirname, 'local.rules'),
    },
  }
}
