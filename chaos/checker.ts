/**
 * The verdict over a campaign: pure, and independent of the product. It believes the customers' own log and the simulator's
 * ledger, and holds databases and topics against them. What cannot be known is said to be unknown; a campaign in which
 * nothing happened proves nothing, and is not valid.
 */
import type { Evidence } from './evidence.ts'
import { type Finding, together } from './findings.ts'
import { type History, isAcknowledged } from './history.ts'
import { judgeCommands } from './judge-commands.ts'
import { endings, judgeOrders } from './judge-orders.ts'
import { judgePermits } from './judge-permits.ts'
import { judgePositions } from './judge-positions.ts'
import { judgeStreams } from './judge-streams.ts'

export type Verdict = {
  verdict: 'valid' | 'invalid' | 'unknown'
  lost: Finding[]
  doubled: Finding[]
  unexpected: Finding[]
  /** Why nothing can be said, or not all. */
  unknown: string[]
  counts: Counts
}

export type Counts = {
  acknowledged: number
  handedOver: number
  /** Ended otherwise, with a stated reason. */
  stated: number
  commands: number
  positions: number
  messages: number
  faults: number
}

/** `evidence`: or why it could not be had. */
export function judge(history: History, evidence: Evidence | { missing: string }): Verdict {
  if ('missing' in evidence) {
    const counts = { ...countsOf(history), handedOver: 0, stated: 0, positions: 0, messages: 0 }
    const unknown = [`the evidence could not be had: ${evidence.missing}`]
    return { verdict: 'unknown', lost: [], doubled: [], unexpected: [], unknown, counts }
  }
  const { lost, doubled, unexpected } = together([
    judgeOrders(history, evidence),
    judgeCommands(history, evidence),
    judgePermits(evidence),
    judgePositions(evidence),
    judgeStreams(evidence),
  ])
  const ids = new Set(history.orders.flatMap(({ orderId }) => (orderId === null ? [] : [orderId])))
  const { closed, stated } = endings(evidence.orders, ids)
  const counts = {
    ...countsOf(history),
    handedOver: closed,
    stated,
    positions: evidence.storedPositions,
    messages: evidence.messages.length,
  }
  const unknown = whatDidNotHappen(history, counts)
  const isBroken = lost.length + doubled.length + unexpected.length > 0
  const verdict = isBroken ? 'invalid' : unknown.length > 0 ? 'unknown' : 'valid'
  return { verdict, lost, doubled, unexpected, unknown, counts }
}

const countsOf = ({ orders, commands, faults }: History) => ({
  acknowledged: orders.filter(isAcknowledged).length,
  commands: commands.filter(isAcknowledged).length,
  faults: faults.filter(({ failed }) => failed === null).length,
})

function whatDidNotHappen(history: History, counts: Counts): string[] {
  return [
    counts.acknowledged === 0 ? 'no order was acknowledged' : '',
    counts.acknowledged > 0 && counts.handedOver === 0 ? 'no order was handed over' : '',
    counts.faults === 0 ? 'nothing was broken' : '',
    counts.positions === 0 ? 'no position was stored' : '',
    history.probes.length === 0 ? 'nobody looked whether orders can be placed' : '',
  ].filter((why) => why !== '')
}
