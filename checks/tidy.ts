/**
 * House rules that no linter has: files stay short, and a few things have one place each.
 * A line of a ban says what to write instead; its `allowed` files are the one place.
 */
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'

type Ban = { pattern: RegExp; instead: string; allowed: RegExp }

const linesMax = 400

const bans: readonly Ban[] = [
  {
    pattern: /\bDate\.now\(|\bnew Date\(\)/,
    instead: 'take the time as an argument, or a clock from the composition root',
    // Real time of the infrastructure (ages of outbox rows, benchmarks) is measured where it is made.
    allowed:
      /(^|\/)(main|[a-z-]+-main|clock|outbox|relay|offsets)\.ts$|\/testing\/|^chaos\/canaries\.ts$|^bench\/[a-z-]+\.ts$/,
  },
  {
    pattern: /\bMath\.random\(/,
    instead: 'take a seeded source, or an id maker from the composition root',
    allowed: /^$/,
  },
  {
    pattern: /@ts-(ignore|expect-error|nocheck)/,
    instead: 'a type that is right',
    allowed: /^$/,
  },
  {
    pattern: /\bas unknown as\b/,
    instead: 'a parse',
    allowed: /^$/,
  },
  {
    pattern: /\bsetTimeout\([^,]+,\s*\d[\d_]*\).*await|await new Promise\(\(\w+\) => setTimeout/,
    instead: 'wait for a condition with a bound',
    allowed: /(^|\/)(wait|loop)\.ts$/,
  },
  {
    pattern: /\/(root|home)\/[a-z]/,
    instead: 'a path from the environment or relative to the repository',
    allowed: /^$/,
  },
]

/** Every breach in the tracked and new files of the repository, as `file:line: what to do`. */
export function tidyFaults(): string[] {
  const files = execFileSync(
    'git',
    ['ls-files', '--cached', '--others', '--exclude-standard', '*.ts', '*.tsx', '*.mjs'],
    {
      encoding: 'utf8',
    },
  )
    .split('\n')
    .filter((file) => file !== '' && file !== 'checks/tidy.ts' && !file.endsWith('.generated.ts') && existsSync(file))
  return files.flatMap((file) => {
    const lines = readFileSync(file, 'utf8').split('\n')
    const long =
      lines.length > linesMax + 1 ? [`${file}: ${lines.length} lines, at most ${linesMax}: which idea can leave?`] : []
    const broken = lines.flatMap((line, index) =>
      bans
        .filter(({ pattern, allowed }) => pattern.test(line) && !allowed.test(file))
        .map(({ instead }) => `${file}:${index + 1}: ${line.trim().slice(0, 80)} — instead: ${instead}`),
    )
    return [...long, ...broken]
  })
}
