/** What becomes of each record of a batch: stored, a copy, or refused with a reason and a dead letter. */
import { DronePosition } from '@fleet/contracts/drone-positions'
import { DroneId } from '@fleet/contracts/ids'
import { jsonOf, positionIn } from '@fleet/contracts/position-bytes'
import { BootCount } from '@fleet/contracts/units'
import type { DroneAuthenticator, DroneRefusalCode } from '@fleet/messaging/drone-authenticator'
import type { TopicRecord } from '@fleet/messaging/topic'
import { z } from 'zod'
import { follows, judge, type Ledger, store, storeRun } from './ledger.ts'
import { quantised } from './packed.ts'
import { droneIn, type Effect, type Partition } from './partition.ts'

export type Letter = { record: TopicRecord; code: DroneRefusalCode | 'gaps-too-many'; detail: string }

/** What can be read of a message that is refused. */
const Numbered = z.object({ boot: BootCount, seq: DronePosition.shape.seq })

/** A drone as the batch has left it so far; the ledger lacks the run of sequences that followed one another. */
type Seen = { ledger: Ledger; run: { boot: number; to: number } | null }

/** Refusals of messages that stand in the right partition under the key of an enrolled drone: they go to its account. */
const attributable: ReadonlySet<Letter['code']> = new Set<Letter['code']>([
  'mac-missing',
  'mac-wrong',
  'key-version-wrong',
  'drone-revoked',
  'schema',
  'key-differs',
  'boot-stale',
  'gaps-too-many',
])

const detailOf: Record<'boot-stale' | 'gaps-too-many', string> = {
  'boot-stale': 'an earlier boot than one already seen',
  'gaps-too-many': 'so many gaps of the boot came after it that it is no longer known whether it was stored',
}

/** Judges `records` one after the other, against what `before` holds and what the ones before brought. */
export async function takeIn(
  records: readonly TopicRecord[],
  before: Partition,
  {
    authenticator,
    partitions,
    isEnrolled,
  }: { authenticator: DroneAuthenticator; partitions: number; isEnrolled: (droneId: string) => boolean },
): Promise<{ effect: Effect; letters: Letter[] }> {
  const stored: DronePosition[] = []
  const letters: Letter[] = []
  const refused: Effect['refused'][number][] = []
  const copies = new Map<string, { droneId: DroneId; boot: number; n: number }>()
  const seen = new Map<DroneId, Seen>()

  const refuseRecord = (letter: Letter, authentic: boolean) => {
    letters.push(letter)
    const droneId = DroneId.safeParse(letter.record.key?.toString())
    if (!attributable.has(letter.code) || !droneId.success || !isEnrolled(droneId.data)) return
    const numbered = Numbered.safeParse(jsonOf(letter.record.value))
    if (!numbered.success) return
    refused.push({ droneId: droneId.data, ...numbered.data, reason: letter.code, authentic })
  }

  for (const record of records) {
    const verdict = authenticator.judge(record, partitions)
    const judged = 'ok' in verdict ? verdict : await verdict
    if (!judged.ok) {
      // That a drone was revoked is found once its MAC was right.
      refuseRecord({ record, code: judged.code, detail: judged.detail }, judged.code === 'drone-revoked')
      continue
    }
    const position = positionIn(judged.value, judged.key)
    if (position === null) {
      const parsed = DronePosition.safeParse(jsonOf(judged.value))
      if (parsed.success) refuseRecord({ record, code: 'key-differs', detail: `it names ${parsed.data.droneId}` }, true)
      else refuseRecord({ record, code: 'schema', detail: z.prettifyError(parsed.error) }, true)
      continue
    }
    const { droneId, boot, seq } = position
    const known = seen.get(droneId) ?? { ledger: droneIn(before, droneId).ledger, run: null }
    seen.set(droneId, known)
    if (known.run === null ? follows(known.ledger, position) : known.run.boot === boot && known.run.to === seq - 1) {
      known.run = { boot, to: seq }
      stored.push(quantised(position))
      continue
    }
    if (known.run !== null) known.ledger = storeRun(known.ledger, known.run)
    known.run = null
    const wanted = judge(known.ledger, position)
    switch (wanted) {
      case 'store':
        known.ledger = store(known.ledger, position)
        stored.push(quantised(position))
        break
      case 'copy': {
        const name = `${droneId}/${boot}`
        copies.set(name, { droneId, boot, n: (copies.get(name)?.n ?? 0) + 1 })
        break
      }
      case 'boot-stale':
      case 'gaps-too-many':
        refuseRecord({ record, code: wanted, detail: detailOf[wanted] }, true)
        break
    }
  }
  const refusedMessages: Record<string, number> = {}
  for (const { code } of letters) refusedMessages[code] = (refusedMessages[code] ?? 0) + 1
  return { effect: { stored, refused, copies: [...copies.values()], refusedMessages }, letters }
}
