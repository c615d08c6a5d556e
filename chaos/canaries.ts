/**
 * Broken builds that a campaign must catch: each is a small change to the text of a copy of the source, and what provokes the
 * defect. A checker that finds nothing is trusted only because it finds these.
 */
import type { provocations } from './provocations.ts'

export type Patch = { file: string; from: string; to: string }

export type Canary = {
  name: keyof typeof provocations
  /** What is wrong with this build, in one sentence. */
  defect: string
  patches: readonly Patch[]
}

export const canaries: readonly Canary[] = [
  {
    name: 'offset-before-effect',
    defect:
      'the offset is committed before the effect, in a transaction of its own: a death between them loses the record',
    patches: [
      {
        file: 'packages/messaging/partition-consumer.ts',
        from: `        await db.transact(async (tx) => {
          await offsets.advance(id, { from, to }, tx)
          await handle({ ...id, records: chunk, from, to }, tx)
        })`,
        to: `        await db.transact((tx) => offsets.advance(id, { from, to }, tx))
        await db.transact((tx) => handle({ ...id, records: chunk, from, to }, tx))`,
      },
    ],
  },
  {
    name: 'outbox-outside-transaction',
    defect:
      'messages are written outside of the transaction of their state: what is rolled back is published all the same',
    patches: [
      {
        file: 'packages/messaging/outbox.ts',
        from: `    rows.insertMany(some, { session, lean: true, ordered: true })`,
        to: `    rows.insertMany(some, { lean: true, ordered: true })`,
      },
    ],
  },
  {
    name: 'permit-of-a-past-epoch',
    // A drone is replaced once it is grounded, and is not released before it is home: that alone would hide a forgotten epoch.
    defect:
      'a hand-over permit is granted whatever the epoch that asks, and to a grounded drone: one that was replaced may deliver too',
    patches: [
      {
        file: 'services/itinerary/decide.ts',
        from: `  if (!isPresent(delivery, report)) return 'assignment.stale'
  if (drone.grounded || drone.revoked) return 'drone.grounded'
`,
        to: '',
      },
    ],
  },
  {
    name: 'reboot-after-expiry',
    defect: 'the drone carries out commands however old they are',
    patches: [
      {
        file: 'drone-sim/commands.ts',
        from: `  if (!ageKnown || at.elapsedMs - absentAtMs > ttlMs) {`,
        to: `  if (ageKnown && ttlMs < 0) {`,
      },
    ],
  },
  {
    name: 'offset-alone',
    defect: 'consumers trust the offset and not the sequence: what a relay publishes twice has its effect twice',
    patches: [
      {
        file: 'packages/messaging/consumer.ts',
        from: `    if (seq <= (last.get(key) ?? 0)) {`,
        to: `    if (seq < 0) {`,
      },
    ],
  },
]
