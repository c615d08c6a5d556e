/** Promise 4: given out = stored + refused + missing, and nothing that the brokers hold is missing. */
import type { BootAccountReply } from '@fleet/contracts/rest'
import type { Evidence, PositionsInTopic } from './evidence.ts'
import { type Findings, nothingFound } from './findings.ts'

const nameOf = ({ droneId, boot }: { droneId: string; boot: number }) => `${droneId} boot ${boot}`

/** The sequences that the brokers hold and the account calls missing. */
const gone = ({ seqs }: PositionsInTopic, { missingRanges }: BootAccountReply) =>
  seqs.filter((seq) => missingRanges.some(([first, last]) => first <= seq && seq <= last))

export function judgePositions(evidence: Evidence): Findings {
  const found = nothingFound()
  const accounts = new Map(evidence.accounts.map((account) => [nameOf(account), account]))
  const topic = new Map(evidence.positions.map((positions) => [nameOf(positions), positions]))
  const newest = new Map<string, number>()
  for (const { droneId, boot } of evidence.accounts) newest.set(droneId, Math.max(newest.get(droneId) ?? 0, boot))

  for (const [subject, account] of accounts) {
    const { givenOut, stored, refused, missing } = account
    if (givenOut !== stored + refused + missing) {
      found.lost.push({ subject, what: `${givenOut} given out, and ${stored} + ${refused} + ${missing} told of` })
    }
    const held = topic.get(subject)?.seqs.length ?? 0
    if (stored > held) found.doubled.push({ subject, what: `${stored} stored of ${held} that the brokers hold` })
  }
  for (const [subject, positions] of topic) {
    const account = accounts.get(subject)
    if (account === undefined) {
      // Accounts of the oldest boots are summed up by drone; that of a newer boot must be there.
      const isOld = evidence.storedEarlier > 0 && positions.boot < (newest.get(positions.droneId) ?? 0)
      if (!isOld) found.lost.push({ subject, what: `no account, and the brokers hold ${positions.seqs.length}` })
      continue
    }
    const lost = gone(positions, account)
    if (lost.length > 0) {
      found.lost.push({ subject, what: `${lost.length} stand in the topic and count as missing, the first ${lost[0]}` })
    }
    if (positions.seqs.length > account.stored + account.refused) {
      const told = account.stored + account.refused
      if (lost.length === 0)
        found.lost.push({ subject, what: `${positions.seqs.length} in the topic, ${told} accounted for` })
    }
  }
  const told = evidence.accounts.reduce((sum, { stored }) => sum + stored, evidence.storedEarlier)
  if (evidence.storedPositions > told) {
    found.doubled.push({
      subject: 'positions',
      what: `${evidence.storedPositions} rows are stored, ${told} accounted for`,
    })
  }
  if (evidence.storedPositions < told) {
    found.lost.push({
      subject: 'positions',
      what: `${evidence.storedPositions} rows are stored, ${told} accounted for`,
    })
  }
  return found
}
