/**
 * The bus itself: on each topic and key, sequences without a gap and one message a sequence, whatever copies; every consumer
 * at the end of what it reads, and at each key's last sequence. What breaks here breaks promises later, or unseen.
 */
import { topics } from '@fleet/contracts/topics'
import type { Evidence, TopicMessage } from './evidence.ts'
import { type Findings, nothingFound } from './findings.ts'

/** Compaction takes messages away: gaps are no loss there. */
const compacted: ReadonlySet<string> = new Set(
  Object.values(topics).flatMap(({ name, keeping }) => (keeping.kind === 'compacted' ? [name] : [])),
)

export function judgeStreams(evidence: Evidence): Findings {
  const found = nothingFound()
  const streams = Map.groupBy(evidence.messages, ({ topic, key }) => `${topic}/${key}`)
  for (const [subject, messages] of streams) judgeStream(subject, messages, found)

  for (const { group, topic, key, seq } of evidence.consumerSeqs) {
    const subject = `${group} of ${topic}/${key}`
    const last = Math.max(0, ...(streams.get(`${topic}/${key}`) ?? []).map((message) => message.seq))
    if (seq < last) found.lost.push({ subject, what: `stands at sequence ${seq}, and the topic goes to ${last}` })
    if (seq > last && !compacted.has(topic)) {
      found.lost.push({ subject, what: `had sequence ${seq}, and the topic goes to ${last}` })
    }
  }
  for (const { group, topic, partition, next, end } of evidence.consumerOffsets) {
    const subject = `${group} of ${topic}/${partition}`
    if (next < end) found.lost.push({ subject, what: `stands at offset ${next}, and the partition ends at ${end}` })
    if (next > end) found.lost.push({ subject, what: `stands at offset ${next}, past the partition's end ${end}` })
  }
  for (const { database, waiting } of evidence.outboxes) {
    if (waiting > 0) found.lost.push({ subject: database, what: `${waiting} messages still wait in its outbox` })
  }
  return found
}

function judgeStream(subject: string, messages: readonly TopicMessage[], found: Findings) {
  const [{ topic = '' } = {}] = messages
  const ids = new Map<number, Set<string>>()
  for (const { seq, id } of messages) ids.set(seq, (ids.get(seq) ?? new Set()).add(id))
  for (const [seq, own] of ids) {
    if (own.size > 1) found.doubled.push({ subject, what: `${own.size} different messages have sequence ${seq}` })
  }
  if (compacted.has(topic)) return
  const last = Math.max(...ids.keys())
  const gaps = Array.from({ length: last }, (_, index) => index + 1).filter((seq) => !ids.has(seq))
  if (gaps.length > 0) found.lost.push({ subject, what: `sequence ${gaps.join(', ')} never came` })
}
