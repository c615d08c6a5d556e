/** docs/benchmarks.md, written from the results files alone: figures that are typed contradict each other within a year. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { isReached } from './benchmark.ts'

const Bar = z.object({
  name: z.string(),
  value: z.number().nullable(),
  limit: z.number(),
  must: z.enum(['be-at-least', 'be-at-most']),
})
const Result = z.object({
  name: z.string(),
  question: z.string(),
  machine: z.string(),
  at: z.string(),
  figures: z.record(z.string(), z.number().nullable()),
  ratios: z.record(z.string(), z.number().nullable()),
  bars: z.array(Bar),
})
export type Result = z.infer<typeof Result>

export const resultsFolder = join(import.meta.dirname, 'results')
export const pageFile = join(import.meta.dirname, '..', 'docs', 'benchmarks.md')

/** Three digits that count, for the eye; the files keep them all. */
export const round = (value: number): number =>
  Math.abs(value) >= 1_000 ? Math.round(value) : Number(value.toPrecision(3))

const rowsOf = (entries: Result['figures']): string =>
  Object.entries(entries)
    .map(([key, value]) => `| \`${key}\` | ${value === null ? 'none' : round(value).toLocaleString('en')} |`)
    .join('\n')

const barsOf = (bars: Result['bars']): string[] =>
  bars.length === 0
    ? []
    : [
        '| bar | asked | seen | |',
        '| --- | ---: | ---: | --- |',
        ...bars.map(({ name, value, limit, must }) => {
          const isMet = isReached({ name, value: value ?? Number.NaN, limit, must })
          const seen = value === null ? 'none' : round(value).toLocaleString('en')
          return `| \`${name}\` | ${must === 'be-at-least' ? '≥' : '≤'} ${limit.toLocaleString('en')} | ${seen} | ${isMet ? 'met' : '**missed**'} |`
        }),
        '',
      ]

const sectionOf = ({ name, question, machine, at, figures, ratios, bars }: Result, hasPicture: boolean): string =>
  [
    `## ${name}`,
    '',
    question,
    '',
    `\`npm run bench -- ${name}\` — measured ${at.slice(0, 10)} on ${machine}.`,
    '',
    ...(hasPicture ? [`![${question}](../bench/results/${name}.svg)`, ''] : []),
    ...barsOf(bars),
    '| figure | |',
    '| --- | ---: |',
    rowsOf({ ...ratios, ...figures }),
    '',
  ].join('\n')

/** The page of the results in `folder`. */
export function pageOf(folder: string): string {
  const files = existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : []
  const sections = files.toSorted().map((file) => {
    const result = Result.parse(JSON.parse(readFileSync(join(folder, file), 'utf8')))
    return sectionOf(result, existsSync(join(folder, `${result.name}.svg`)))
  })
  const head = [
    '# Benchmarks',
    '',
    'Written by `npm run bench -- --page` from `bench/results`; do not edit it. Each benchmark says its command, which',
    'measures anew, writes its result and its picture, and ends with 1 where a bar is missed.',
    '',
  ].join('\n')
  return `${[head, ...sections].join('\n')}`
}
