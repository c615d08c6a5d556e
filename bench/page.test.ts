import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from '@jest/globals'
import { pageFile, pageOf, resultsFolder } from './page.ts'

describe('docs/benchmarks.md', () => {
  it('says what the results say: make it anew by `npm run bench -- --page`', () => {
    expect(readFileSync(pageFile, 'utf8')).toBe(pageOf(resultsFolder))
  })

  it('gives each result its question, its command, its figures, and which bars it misses', () => {
    const folder = mkdtempSync(join(tmpdir(), 'fleet-page-'))
    const result = { name: 'one', question: 'How many?', machine: '2 × CPU', at: '2030-01-02T03:04:05.000Z' }
    writeFileSync(
      join(folder, 'one.json'),
      JSON.stringify({
        ...result,
        figures: { n: 12_345.6 },
        ratios: { r: 1.234 },
        bars: [
          { name: 'n', value: 12_345.6, limit: 10_000, must: 'be-at-least' },
          { name: 'r', value: 1.234, limit: 1, must: 'be-at-most' },
        ],
      }),
    )

    const page = pageOf(folder)
    rmSync(folder, { recursive: true })

    expect(page).toContain('`npm run bench -- one` — measured 2030-01-02 on 2 × CPU.')
    expect(page).toContain('| `n` | 12,346 |')
    expect(page).toContain('| `r` | 1.23 |')
    expect(page).toContain('| `n` | ≥ 10,000 | 12,346 | met |')
    expect(page).toContain('| `r` | ≤ 1 | 1.23 | **missed** |')
  })
})
