import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { demonstration } from './demonstration.ts'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))

type Check = { kind: 'scenario'; name: string } | { kind: 'test'; file: string; name: string }

/** The checks that a text names, as `scenario:NAME` and `test:FILE › NAME`. */
function checksIn(text: string): Check[] {
  return [...text.matchAll(/`(scenario|test):([^`]+)`/g)].map(([, kind = '', rest = '']): Check => {
    const [file = '', name = ''] = rest.split(' › ')
    return kind === 'scenario' ? { kind, name: rest } : { kind: 'test', file, name }
  })
}

/** The names of a test file's tests, as they are written there. */
const testNames = (source: string): string[] =>
  [...source.matchAll(/\bit(?:\.each\([\s\S]*?\])?\)?\(\s*(['"`])((?:\\.|(?!\1).)*)\1/g)].map(([, , name = '']) =>
    name.replaceAll(/\\(.)/g, '$1'),
  )

async function isThere(check: Check): Promise<boolean> {
  if (check.kind === 'scenario') return demonstration.some(({ name }) => name === check.name)
  try {
    return testNames(await readFile(join(repository, check.file), 'utf8')).includes(check.name)
  } catch {
    return false // There is no such file.
  }
}
const missingOf = async (text: string) => {
  const checks = checksIn(text)
  const there = await Promise.all(checks.map(isThere))
  return checks.filter((_, at) => !there[at])
}

describe('the user stories', () => {
  it('name scenarios and tests that exist', async () => {
    expect(await missingOf(await readFile(join(repository, 'docs/user-stories.md'), 'utf8'))).toEqual([])
  })

  it('name at least one each', async () => {
    const text = await readFile(join(repository, 'docs/user-stories.md'), 'utf8')
    const stories = text.split(/^### /m).slice(1)

    expect(stories.length).toBeGreaterThan(10)
    expect(stories.filter((story) => checksIn(story).length === 0)).toEqual([])
  })

  it('are found out where a name does not exist: the check can fail', async () => {
    const text = [
      '`scenario:delivery` `test:scenarios/user-stories.test.ts › name at least one each`',
      '`scenario:none` `test:scenarios/user-stories.test.ts › no such test` `test:none.test.ts › name at least one each`',
    ].join('\n')

    expect(await missingOf(text)).toEqual(checksIn(text).slice(2))
  })
})
