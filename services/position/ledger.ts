/**
 * The account of one drone's positions (promise 4): for each boot, given out = stored + refused + missing, as ranges of
 * sequences; copies apart. Pure: the same steps in the same order give the same ledger, live or replayed.
 *
 * What a boot has given out is the highest sequence that the drone itself was heard to use: in a position that was stored,
 * or in one that was refused although its MAC was right. What anyone may have forged never raises it; but where a
 * sequence below it is neither stored nor missing for another reason, the forged or spoilt message is the best account
 * of it that there is, and its dead letter tells the reason. A stored position always outweighs a refusal.
 */
import { above, add, gaps, has, none, type Ranges, remove, size, upTo } from './ranges.ts'

export type BootAccount = {
  readonly boot: number
  /** 0 while only doubtful refusals name this boot. */
  readonly highest: number
  readonly stored: Ranges
  /** By reason; no sequence stands in two sets. */
  readonly refused: Readonly<Record<string, Ranges>>
  readonly copies: number
  readonly settled: Settled
}

/** The sequences of a boot from 1 to `to`, which are no longer told apart. */
export type Settled = {
  readonly to: number
  readonly stored: number
  /** By reason. */
  readonly refused: Readonly<Record<string, number>>
}

/** Boots added up. */
export type Totals = {
  readonly boots: number
  readonly givenOut: number
  readonly stored: number
  readonly refused: number
  readonly missing: number
  readonly copies: number
}

export type Ledger = {
  /** By boot, the newest last. */
  readonly boots: readonly BootAccount[]
  /** Boots too old to be kept one by one. */
  readonly earlier: Totals | null
}

export const emptyLedger: Ledger = { boots: [], earlier: null }
export const nothingSettled: Settled = { to: 0, stored: 0, refused: {} }

/** Accounts kept one by one; older ones are added up in `earlier`. Copies of those are then refused as stale. */
const bootsMax = 8
/** Accounts that stand open above the newest boot of which a position was stored, so that made-up boot counts cannot fill the ledger. */
const openMax = 4
/** Ranges of one boot. Where a bad link leaves more, the older half is settled: what comes late of that is refused, with a dead letter. */
const storedRangesMax = 4_096
/** Ranges of refused sequences of one boot. Beyond it a refused sequence counts as missing; its dead letter is written as ever. */
const refusedRangesMax = 1_024

export type Verdict = 'store' | 'copy' | 'boot-stale' | 'gaps-too-many'

const accountOf = (ledger: Ledger, boot: number) => ledger.boots.find((account) => account.boot === boot)

/** The newest boot of which a position was stored, or 0: a refused message must not make honest ones stale. */
const newestBoot = (ledger: Ledger): number => present(ledger)?.boot ?? 0

/** What is to happen to an authentic, well-formed position. */
export function judge(ledger: Ledger, { boot, seq }: { boot: number; seq: number }): Verdict {
  const account = accountOf(ledger, boot)
  if (account && has(account.stored, seq)) return 'copy'
  if (boot < newestBoot(ledger)) return 'boot-stale'
  return account && seq <= account.settled.to ? 'gaps-too-many' : 'store'
}

/** The ledger once this sequence is stored; `rangesMax` ranges of its boot are told one by one. */
export function store(
  ledger: Ledger,
  { boot, seq }: { boot: number; seq: number },
  rangesMax = storedRangesMax,
): Ledger {
  const account = accountOf(ledger, boot) ?? opened(boot)
  const refused = mapValues(account.refused, (ranges) => remove(ranges, seq))
  const stored = add(account.stored, seq)
  const next = { ...account, stored, refused, highest: Math.max(account.highest, seq) }
  return put(ledger, stored.length > rangesMax ? settle(next) : next)
}

/** The older half of what is stored, and all around it, told as sums from now on. */
function settle(account: BootAccount): BootAccount {
  const half = account.stored.length >> 1
  const to = (account.stored[half]?.[0] ?? 1) - 1
  const counts = { ...account.settled.refused }
  for (const [reason, ranges] of Object.entries(account.refused)) {
    const n = size(upTo(ranges, to))
    if (n > 0) counts[reason] = (counts[reason] ?? 0) + n
  }
  return {
    ...account,
    stored: account.stored.slice(half),
    refused: mapValues(account.refused, (ranges) => above(ranges, to)),
    settled: { to, stored: account.settled.stored + size(account.stored.slice(0, half)), refused: counts },
  }
}

/** The account of the boot that positions are stored of. */
const present = (ledger: Ledger) => ledger.boots.findLast(({ stored }) => stored.length > 0)

/**
 * Whether `seq` follows the last sequence stored of the present boot, of which nothing was refused: such a position is stored
 * without further judgement. A drone in flight sends little else, so this is what must be quick.
 */
export function follows(ledger: Ledger, { boot, seq }: { boot: number; seq: number }): boolean {
  const last = present(ledger)
  return last?.boot === boot && last.stored.at(-1)?.[1] === seq - 1 && isEmpty(last.refused)
}

const isEmpty = (record: object): boolean => {
  for (const _ in record) return false
  return true
}

/** The ledger once `seq` and all after it up to `to` are stored, where `seq` follows. */
export function storeRun(ledger: Ledger, { to }: { to: number }): Ledger {
  const last = present(ledger)
  const range = last?.stored.at(-1)
  if (last === undefined || range === undefined) throw new Error('a run follows what is stored')
  const stored: Ranges = [...last.stored.slice(0, -1), [range[0], to]]
  const next = { ...last, stored, highest: Math.max(last.highest, to) }
  return { ...ledger, boots: ledger.boots.map((account) => (account === last ? next : account)) }
}

/** The ledger once these positions of the drone are stored, one after the other. */
export function storeAll(ledger: Ledger, positions: readonly { boot: number; seq: number }[]): Ledger {
  let after = ledger
  for (let i = 0; i < positions.length; i++) {
    const first = positions[i]
    if (first === undefined) break
    if (!follows(after, first)) {
      after = store(after, first)
      continue
    }
    let to = first.seq
    for (let next = positions[i + 1]; next?.boot === first.boot && next.seq === to + 1; next = positions[i + 1]) {
      to = next.seq
      i += 1
    }
    after = storeRun(after, { to })
  }
  return after
}

export type Refused = {
  boot: number
  seq: number
  reason: string
  /** Its MAC was right: the drone did give this sequence out. */
  authentic: boolean
}

/** The ledger once a message that names this sequence was refused. */
export function refuse(ledger: Ledger, { boot, seq, reason, authentic }: Refused): Ledger {
  const known = accountOf(ledger, boot)
  if (!known && !mayOpen(ledger, { boot, authentic })) return ledger
  const account = known ?? opened(boot)
  const highest = authentic ? Math.max(account.highest, seq) : account.highest
  const sets = Object.values(account.refused)
  const isTold = seq <= account.settled.to || has(account.stored, seq) || sets.some((ranges) => has(ranges, seq))
  if (isTold) return put(ledger, { ...account, highest })
  const full = sets.reduce((sum, ranges) => sum + ranges.length, 0) >= refusedRangesMax
  const refused = full ? account.refused : { ...account.refused, [reason]: add(account.refused[reason] ?? none, seq) }
  return put(ledger, { ...account, highest, refused })
}

/** The ledger once a copy of a stored position was dropped. */
export function countCopies(ledger: Ledger, { boot, n }: { boot: number; n: number }): Ledger {
  const account = accountOf(ledger, boot)
  return account ? put(ledger, { ...account, copies: account.copies + n }) : ledger
}

export type Account = {
  boot: number
  givenOut: number
  stored: number
  refused: number
  refusedByReason: Record<string, number>
  missing: number
  /** Those that are missing of what is not settled. */
  missingRanges: Ranges
  copies: number
}

/** Every sequence that the boot gave out, in one of three sets. */
export function account({ boot, highest, stored, refused, copies, settled }: BootAccount): Account {
  const within = mapValues(refused, (ranges) => upTo(ranges, highest))
  const refusedByReason = { ...settled.refused }
  for (const [reason, ranges] of Object.entries(within)) {
    refusedByReason[reason] = (refusedByReason[reason] ?? 0) + size(ranges)
  }
  const before: Ranges = settled.to === 0 ? none : [[1, settled.to]]
  const missingRanges = gaps(highest, before, stored, ...Object.values(within))
  return {
    boot,
    givenOut: highest,
    stored: settled.stored + size(stored),
    refused: sum(refusedByReason),
    refusedByReason,
    missing: settled.to - settled.stored - sum(settled.refused) + size(missingRanges),
    missingRanges,
    copies,
  }
}

const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((all, n) => all + n, 0)

const opened = (boot: number): BootAccount => ({
  boot,
  highest: 0,
  stored: none,
  refused: {},
  copies: 0,
  settled: nothingSettled,
})

/** Of the accounts above the present boot, one may be what anyone made up. */
function mayOpen(ledger: Ledger, { boot, authentic }: { boot: number; authentic: boolean }): boolean {
  const newest = newestBoot(ledger)
  const open = ledger.boots.filter((account) => account.boot > newest)
  return boot > newest && open.length < openMax && (authentic || open.every(({ highest }) => highest > 0))
}

function put(ledger: Ledger, changed: BootAccount): Ledger {
  const others = ledger.boots.filter(({ boot }) => boot !== changed.boot)
  const boots = [...others, changed].toSorted((a, b) => a.boot - b.boot)
  const [oldest] = boots
  if (boots.length <= bootsMax || oldest === undefined) return { ...ledger, boots }
  return { boots: boots.slice(1), earlier: plus(ledger.earlier ?? noTotals, totalsOf(account(oldest))) }
}

export const noTotals: Totals = { boots: 0, givenOut: 0, stored: 0, refused: 0, missing: 0, copies: 0 }

export const totalsOf = ({ givenOut, stored, refused, missing, copies }: Account): Totals => ({
  boots: 1,
  givenOut,
  stored,
  refused,
  missing,
  copies,
})

export const plus = (one: Totals, other: Totals): Totals => ({
  boots: one.boots + other.boots,
  givenOut: one.givenOut + other.givenOut,
  stored: one.stored + other.stored,
  refused: one.refused + other.refused,
  missing: one.missing + other.missing,
  copies: one.copies + other.copies,
})

const mapValues = (record: Readonly<Record<string, Ranges>>, change: (ranges: Ranges) => Ranges) =>
  Object.fromEntries(
    Object.entries(record)
      .map(([name, ranges]) => [name, change(ranges)] as const)
      .filter(([, ranges]) => ranges.length > 0),
  )
