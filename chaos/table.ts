/** A campaign as lines for a person. Pure. */
import { availabilityOf, recoveriesOf } from './availability.ts'
import type { Verdict } from './checker.ts'
import type { Finding } from './findings.ts'
import type { History } from './history.ts'

const findingsMax = 20
const seconds = (ms: number) => `${(ms / 1_000).toFixed(1)} s`

/** The faults with what customers noticed of them. */
export function faultLines(history: History): string[] {
  const head = ['at', 'fault', 'target', 'over after', 'orders again after', 'slowest answer']
  const rows = recoveriesOf(history).map(({ kind, target, fromMs, toMs, failed, recoveredAfterMs, slowestMs }) => [
    seconds(fromMs),
    failed === null ? kind : `${kind} (not made)`,
    target,
    toMs === null ? '' : seconds(toMs - fromMs),
    recoveredAfterMs === null
      ? 'not before the end'
      : recoveredAfterMs === 0
        ? 'not noticed'
        : seconds(recoveredAfterMs),
    seconds(slowestMs),
  ])
  return columns([head, ...rows])
}

/** The verdict, what it counts, and what it found. */
export function verdictLines(history: History, verdict: Verdict): string[] {
  const { counts, lost, doubled, unexpected, unknown } = verdict
  const { asked, served, sharePct, medianMs, p99Ms } = availabilityOf(history)
  return [
    `orders        ${counts.acknowledged} acknowledged, ${counts.handedOver} handed over once, ${counts.stated} ended with a stated reason`,
    `commands      ${counts.commands} acknowledged`,
    `positions     ${counts.positions} stored`,
    `messages      ${counts.messages} on the topics`,
    `faults        ${counts.faults} made`,
    `availability  ${sharePct.toFixed(2)} % of placings (${served} of ${asked}), median ${medianMs.toFixed(0)} ms, 99 % within ${p99Ms.toFixed(0)} ms`,
    ...found('lost', lost),
    ...found('doubled', doubled),
    ...found('unexpected', unexpected),
    ...unknown.map((why) => `unknown       ${why}`),
    `verdict       ${verdict.verdict}`,
  ]
}

const found = (kind: string, findings: readonly Finding[]): string[] => [
  ...findings.slice(0, findingsMax).map(({ subject, what }) => `${kind.padEnd(13)} ${subject}: ${what}`),
  ...(findings.length > findingsMax ? [`${kind.padEnd(13)} and ${findings.length - findingsMax} more`] : []),
]

/** Rows with each column as wide as its widest cell. */
function columns(rows: readonly (readonly string[])[]): string[] {
  const widths = (rows[0] ?? []).map((_, at) => Math.max(...rows.map((row) => (row[at] ?? '').length)))
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  )
}
