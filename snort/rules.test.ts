import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AttackRule } from '@fleet/contracts/security-alerts'
import { describe, expect, it } from '@jest/globals'
import { parseAlertLine } from './alert-lines.ts'
import { pcap } from './pcap.ts'
import { ALERT_FILE, findSnort, snortCommand } from './snort-process.ts'
import { attacker, attacks, normalLoad } from './traffic.ts'

const snort = findSnort()
/** Where there is no Snort these are counted as skipped. */
const withSnort = snort === undefined ? it.skip : it

/** What the rules make of `packets`. */
function alertsOf(packets: Parameters<typeof pcap>[0]) {
  const folder = mkdtempSync(join(tmpdir(), 'fleet-snort-'))
  try {
    const file = join(folder, 'traffic.pcap')
    writeFileSync(file, pcap(packets))
    const { args, env } = snortCommand({ pcap: file }, folder)
    execFileSync(snort ?? 'snort', args, { env, timeout: 30_000, stdio: ['ignore', 'ignore', 'pipe'] })
    const lines = readFileSync(join(folder, ALERT_FILE), 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => parseAlertLine(line, 'snort') ?? line)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

describe("Snort's rules", () => {
  const rules = readFileSync(join(import.meta.dirname, 'local.rules'), 'utf8')
  const config = readFileSync(join(import.meta.dirname, 'snort.lua'), 'utf8')

  it('name attacks that the gateway knows, each of them, and tell of none more than once a second', () => {
    const named = [...rules.matchAll(/msg:"([^"]+)"/g)].map(([, name]) => name)
    const sids = [...rules.matchAll(/sid:(\d+)/g)].map(([, sid]) => sid)
    const filtered = [...config.matchAll(/sid = (\d+), type = 'limit'/g)].map(([, sid]) => sid)

    expect(new Set(named)).toEqual(new Set(AttackRule.options))
    expect(filtered.sort()).toEqual(sids.sort())
  })

  it('need an established connection, but for the flood of packets that open none', () => {
    const lines = rules.split('\n').filter((line) => line.startsWith('alert '))

    expect(
      lines.filter((line) => !/flow:[a-z_,]*established/.test(line)).map((line) => /msg:"([^"]+)"/.exec(line)?.[1]),
    ).toEqual(['syn-flood'])
  })

  withSnort.each(AttackRule.options)('see %s, and nothing else in it', (rule) => {
    const alerts = alertsOf(attacks[rule]())

    expect(alerts.length).toBeGreaterThan(0)
    for (const alert of alerts) expect(alert).toMatchObject({ rule, confidence: 'high' })
    if (rule !== 'syn-flood') for (const alert of alerts) expect(alert).toMatchObject({ source: attacker })
  })

  withSnort('see nothing in normal load', () => {
    expect(alertsOf(normalLoad())).toEqual([])
  })
})
