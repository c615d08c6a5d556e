/** What a first visit loads before anything is shown: the entry, what it imports at once, and the styles, as they go over the wire. */
import { readFileSync, statSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { buildPages } from '@fleet/local/pages'
import { beforeAll, describe, expect, it } from '@jest/globals'

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const limitBytes = 300_000

/** The files that `page` loads at once: named in it, or imported (not `import()`ed) by those. */
function firstLoad(page: string): Set<string> {
  const html = readFileSync(`${dist}${page}`, 'utf8')
  const files = new Set([...html.matchAll(/(?:src|href)="\/(assets\/[^"]+)"/g)].flatMap(([, file]) => file ?? []))
  for (const file of files) {
    if (!file.endsWith('.js')) continue
    const imports = readFileSync(`${dist}${file}`, 'utf8').matchAll(/(?:from|import)\s*"\.\/([^"]+)"/g)
    for (const [, name] of imports) if (name !== undefined) files.add(`assets/${name}`)
  }
  return files
}

const wireBytes = (file: string) => {
  try {
    return statSync(`${dist}${file}.br`).size
  } catch {
    return statSync(`${dist}${file}`).size // Too small to be worth compressing.
  }
}

describe('the first load', () => {
  beforeAll(() => buildPages(() => undefined), 120_000)

  it.each(['index.html', 'track.html'])(
    'of %s stays under 300 KB compressed, and leaves the map library for later',
    (page) => {
      const files = firstLoad(page)

      expect(files.size).toBeGreaterThan(2)
      expect([...files].filter((file) => file.includes('maplibre') || /\/map-\w{8}\.js/.test(file))).toEqual([])
      expect([...files].reduce((sum, file) => sum + wireBytes(file), 0)).toBeLessThan(limitBytes)
    },
  )
})
