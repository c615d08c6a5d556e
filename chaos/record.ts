/** What campaigns and canaries came to, kept as data, and the page of tables that is made from it. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { REPOSITORY } from '@fleet/local/processes'
import { z } from 'zod'

const CampaignRow = z.object({
  seed: z.int(),
  seconds: z.number(),
  at: z.string(),
  machine: z.string(),
  /** One-minute load when it ended: what others on the machine did counts in. */
  load: z.number(),
  verdict: z.enum(['valid', 'invalid', 'unknown']),
  findings: z.int(),
  acknowledged: z.int(),
  handedOver: z.int(),
  stated: z.int(),
  commands: z.int(),
  positions: z.int(),
  faults: z.int(),
  sharePct: z.number(),
  /** Median and longest of those faults that somebody noticed who placed an order; seconds. */
  recoveryMedianS: z.number(),
  recoveryMaxS: z.number(),
  quietS: z.number(),
  /** How often each fault was made, and of those that somebody noticed, after how many seconds orders were placed again; null: not before the end. */
  byFault: z
    .array(z.object({ kind: z.string(), made: z.int(), backAfterS: z.array(z.number().nullable()) }))
    .default([]),
})
export type CampaignRow = z.infer<typeof CampaignRow>

const CanaryRow = z.object({
  name: z.string(),
  defect: z.string(),
  caught: z.boolean(),
  found: z.string(),
  tookS: z.number(),
})

const LossRow = z.object({
  name: z.string(),
  /** Signals broke processes, or Pumba containers. */
  on: z.enum(['processes', 'containers']).default('processes'),
  hypothesis: z.string(),
  held: z.boolean(),
  figures: z.record(z.string(), z.union([z.number(), z.string()])),
  at: z.string(),
  load: z.number(),
})
export type LossRow = z.infer<typeof LossRow>

const Record = z.object({
  campaigns: z.array(CampaignRow).default([]),
  canaries: z.array(CanaryRow).default([]),
  experiments: z.array(LossRow).default([]),
})
type Record = z.infer<typeof Record>

const file = join(import.meta.dirname, 'results', 'record.json')
export const page = join(REPOSITORY, 'docs', 'faults.md')

/** What was recorded so far. */
export const load = (): Record => Record.parse(existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : {})

/** Puts rows into the record, the newest of each seed, canary or experiment, and makes the page anew. */
export function record(rows: {
  campaigns?: CampaignRow[]
  canaries?: z.infer<typeof CanaryRow>[]
  experiments?: LossRow[]
}): void {
  const before = load()
  const after: Record = {
    campaigns: merged(before.campaigns, rows.campaigns ?? [], ({ seed }) => seed).toSorted((a, b) => a.seed - b.seed),
    canaries: merged(before.canaries, rows.canaries ?? [], ({ name }) => name),
    experiments: merged(before.experiments, rows.experiments ?? [], ({ name, on }) => `${name} ${on}`),
  }
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${JSON.stringify(after, null, 2)}\n`)
  writeFileSync(page, pageOf(after))
}

const merged = <T>(before: readonly T[], rows: readonly T[], key: (row: T) => unknown): T[] => [
  ...before.filter((row) => !rows.some((newer) => key(newer) === key(row))),
  ...rows,
]

/** Markdown; pure. */
export function pageOf({ campaigns, canaries, experiments }: Record): string {
  return `${[
    '# Under faults',
    '',
    'Made by `npm run chaos` with `--record` from `chaos/results/record.json`; `chaos/README.md` says what the columns mean.',
    '',
    '## Campaigns',
    '',
    ...table(
      [
        'seed',
        'seconds',
        'verdict',
        'faults',
        'orders acknowledged',
        'handed over once',
        'otherwise, with a reason',
        'commands',
        'positions',
        'available',
        'back after, median',
        'at most',
        'load',
      ],
      campaigns.map((row) => [
        row.seed,
        row.seconds,
        row.verdict,
        row.faults,
        row.acknowledged,
        row.handedOver,
        row.stated,
        row.commands,
        row.positions,
        `${row.sharePct.toFixed(1)} %`,
        `${row.recoveryMedianS} s`,
        `${row.recoveryMaxS} s`,
        row.load,
      ]),
    ),
    '',
    '## Time to recover, by fault',
    '',
    ...table(['fault', 'made', 'noticed', 'back after, median', 'at most'], recoveriesByFault(campaigns)),
    '',
    '## Broken builds',
    '',
    ...table(
      ['build', 'defect', 'caught', 'found first', 'took'],
      canaries.map(({ name, defect, caught, found, tookS }) => [
        name,
        defect,
        caught ? 'yes' : '**no**',
        found,
        `${tookS} s`,
      ]),
    ),
    '',
    '## Loss of brokers and members',
    '',
    ...table(
      ['experiment', 'on', 'hypothesis', 'held', 'measured', 'load'],
      experiments.map(({ name, on, hypothesis, held, figures, load: busy }) => [
        name,
        on === 'containers' ? 'the composes, by Pumba' : 'processes',
        hypothesis,
        held ? 'yes' : '**no**',
        Object.entries(figures)
          .map(([key, value]) => `${key} ${value}`)
          .join('; '),
        busy,
      ]),
    ),
  ].join('\n')}\n`
}

/** Over all campaigns, the slowest first. A fault is noticed by a customer who was not told within 5 s that an order is placed. */
function recoveriesByFault(campaigns: readonly CampaignRow[]): (string | number)[][] {
  const kinds = Map.groupBy(
    campaigns.flatMap(({ byFault }) => byFault),
    ({ kind }) => kind,
  )
  const rows = [...kinds].map(([kind, own]) => {
    const after = own.flatMap(({ backAfterS }) => backAfterS.map((s) => s ?? Number.POSITIVE_INFINITY))
    const sorted = after.toSorted((a, b) => a - b)
    const made = own.reduce((sum, one) => sum + one.made, 0)
    return { kind, made, noticed: sorted.length, median: sorted[Math.floor(sorted.length / 2)], most: sorted.at(-1) }
  })
  const told = (s: number | undefined) =>
    s === undefined ? '' : s === Number.POSITIVE_INFINITY ? 'not before the end' : `${s} s`
  return rows
    .toSorted((a, b) => (b.median ?? 0) - (a.median ?? 0))
    .map(({ kind, made, noticed, median, most }) => [kind, made, noticed, told(median), told(most)])
}

const table = (head: readonly string[], rows: readonly (readonly (string | number)[])[]): string[] => [
  `| ${head.join(' | ')} |`,
  `| ${head.map(() => '---').join(' | ')} |`,
  ...rows.map((row) => `| ${row.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`),
]
