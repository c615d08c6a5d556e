/**
 * The account of one drone's positions (promise 4): for each boot, given out = stored + refused + missing, as ranges of
 * sequences; copies apart. Pure: the same steps in the same order give the same ledger, live or replayed.
 *
 * What a boot has given out is the highest sequence that the drone itself was heard to use: in a position that was stored,
 * or in one that was refused although its MAC was right. What anyone may have forged never raises it; but where a
 * sequence below it is neither stored nor missing for another reason, the forged or spoilt message is the best account
 * of it that there is, and its dead letter tells the reason. A stored position always outweighs a refusal.
 */
import { add, gaps, has, none, type Ranges, remove, size, upTo } from './ranges.ts'

export type BootAccount = {
  readonly boot: number
  /** 0 while only doubtful refusals name this boot. */
  readonly highest: number
  readonly stored: Ranges
  /** By reason; no sequence stands in two sets. */
  readonly refused: Readonly<Record<string, Ranges>>
  readonly copies: number
}

/** Boots that are too old to be kept one by one. */
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
  readonly earlier: Totals | null
}

export const emptyLedger: Ledger = { boots: [], earlier: null }

/** Accounts kept one by one; older ones are added up in `earlier`. Copies of those are then refused as stale. */
const bootsMax = 8
/** Ranges of one boot. A drone that leaves more gaps in one boot is defective: further ones are refused, with a dead letter. */
export const storedRangesMax = 4_096
/** Ranges of refused sequences of one boot. Beyond it a refused sequence counts as missing; its dead letter is written as ever. */
const refusedRangesMax = 1_024

export type Verdict = 'store' | 'copy' | 'boot-stale' | 'gaps-too-many'

const accountOf = (ledger: Ledger, boot: number) => ledger.boots.find((account) => account.boot === boot)

/** The newest boot of which a position was stored, or 0: a refused message must not make honest ones stale. */
const newestBoot = (ledger: Ledger): number => ledger.boots.findLast(({ stored }) => stored.length > 0)?.boot ?? 0

/** What is to happen to an authentic, well-formed position. */
export function judge(ledger: Ledger, { boot, seq }: { boot: number; seq: number }): Verdict {
  const account = accountOf(ledger, boot)
  if (account && has(account.stored, seq)) return 'copy'
  if (boot < newestBoot(ledger)) return 'boot-stale'
  if (account && account.stored.length >= storedRangesMax && add(account.stored, seq).length > storedRangesMax)
    return 'gaps-too-many'
  return 'store'
}

/** The ledger once this sequence is stored. */
export function store(ledger: Ledger, { boot, seq }: { boot: number; seq: number }): Ledger {
  const account = accountOf(ledger, boot) ?? opened(boot)
  const refused = mapValues(account.refused, (ranges) => remove(ranges, seq))
  const stored = add(account.stored, seq)
  return put(ledger, { ...account, stored, refused, highest: Math.max(account.highest, seq) })
}

/**
 * The last boot's account where `seq` follows the last sequence stored of it, and nothing of that boot was refused: such
 * a position is stored without further judgement. A drone in flight sends little else, so this is what must be quick.
 */
export function follows(ledger: Ledger, { boot, seq }: { boot: number; seq: number }): boolean {
  const last = ledger.boots.at(-1)
  return last?.boot === boot && last.stored.at(-1)?.[1] === seq - 1 && isEmpty(last.refused)
}

const isEmpty = (record: object): boolean => {
  for (const _ in record) return false
  return true
}

/** The ledger once `seq` and all after it up to `to` are stored, where `seq` follows. */
export function storeRun(ledger: Ledger, { to }: { to: number }): Ledger {
  const last = ledger.boots.at(-1)
  const range = last?.stored.at(-1)
  if (last === undefined || range === undefined) throw new Error('a run follows what is stored')
  const stored: Ranges = [...last.stored.slice(0, -1), [range[0], to]]
  const boots = [...ledger.boots.slice(0, -1), { ...last, stored, highest: Math.max(last.highest, to) }]
  return { ...ledger, boots }
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
  if (!known && !mayOpen(ledger, boot)) return ledger
  const account = known ?? opened(boot)
  const highest = authentic ? Math.max(account.highest, seq) : account.highest
  const sets = Object.values(account.refused)
  if (has(account.stored, seq) || sets.some((ranges) => has(ranges, seq))) return put(ledger, { ...account, highest })
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
  missing: Ranges
  copies: number
}

/** Every sequence that the boot gave out, in one of three sets. */
export function account({ boot, highest, stored, refused, copies }: BootAccount): Account {
  const within = mapValues(refused, (ranges) => upTo(ranges, highest))
  const counts = Object.entries(within).map(([reason, ranges]) => [reason, size(ranges)] as const)
  return {
    boot,
    givenOut: highest,
    stored: size(stored),
    refused: counts.reduce((sum, [, n]) => sum + n, 0),
    refusedByReason: Object.fromEntries(counts.filter(([, n]) => n > 0)),
    missing: gaps(highest, stored, ...Object.values(within)),
    copies,
  }
}

const opened = (boot: number): BootAccount => ({ boot, highest: 0, stored: none, refused: {}, copies: 0 })

/** One account at most stands open without a stored position, so that made-up boot counts cannot fill the ledger. */
const mayOpen = (ledger: Ledger, boot: number): boolean =>
  boot > newestBoot(ledger) && ledger.boots.every(({ stored }) => stored.length > 0)

function put(ledger: Ledger, changed: BootAccount): Ledger {
  const others = ledger.boots.filter(({ boot }) => boot !== changed.boot)
  const boots = [...others, changed].toSorted((a, b) => a.boot - b.boot)
  const [oldest] = boots
  if (boots.length <= bootsMax || oldest === undefined) return { ...ledger, boots }
  return { boots: boots.slice(1), earlier: addUp(ledger.earlier, account(oldest)) }
}

function addUp(totals: Totals | null, { givenOut, stored, refused, missing, copies }: Account): Totals {
  return {
    boots: (totals?.boots ?? 0) + 1,
    givenOut: (totals?.givenOut ?? 0) + givenOut,
    stored: (totals?.stored ?? 0) + stored,
    refused: (totals?.refused ?? 0) + refused,
    missing: (totals?.missing ?? 0) + size(missing),
    copies: (totals?.copies ?? 0) + copies,
  }
}

const mapValues = (record: Readonly<Record<string, Ranges>>, change: (ranges: Ranges) => Ranges) =>
  Object.fromEntries(
    Object.entries(record)
      .map(([name, ranges]) => [name, change(ranges)] as const)
      .filter(([, ranges]) => ranges.length > 0),
  )
