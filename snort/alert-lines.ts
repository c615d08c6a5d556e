/** One line of Snort's `alert_json`, as an alert of ours. */
import { AttackRule, type SecurityAlert } from '@fleet/contracts/security-alerts'
import { UnixMs } from '@fleet/contracts/units'
import { z } from 'zod'

/** Whose address is the attacker's: of the packet's sender, or, where a rule fires on our answer, of its receiver. */
const attackers: Record<AttackRule, 'src_addr' | 'dst_addr'> = {
  'http-flood': 'src_addr',
  'syn-flood': 'src_addr',
  slowloris: 'src_addr',
  'login-brute-force': 'src_addr',
  'api-scan': 'dst_addr',
  'oversized-body': 'src_addr',
}

const AlertLine = z.object({
  /** Seconds since 1970, of the packet. */
  seconds: z.number(),
  src_addr: z.string(),
  dst_addr: z.string(),
  /** Our rules are named by their message. */
  msg: AttackRule,
})

/** Null where `line` is not an alert of one of our rules: Snort may run others too. */
export function parseAlertLine(line: string, detector: string): SecurityAlert | null {
  let json: unknown
  try {
    json = JSON.parse(line)
  } catch {
    return null // Half a line, as a crash of the sensor leaves one.
  }
  const parsed = AlertLine.safeParse(json)
  if (!parsed.success) return null
  const { msg: rule, seconds } = parsed.data
  const atMs = UnixMs.safeParse(Math.round(seconds * 1_000))
  if (!atMs.success) return null
  return { source: parsed.data[attackers[rule]], rule, detector, raisedAtMs: atMs.data, confidence: 'high' }
}
