import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from '@jest/globals'
import { canaries } from './canaries.ts'
import { makeCanaryTree, patched } from './canary-tree.ts'
import { provocations } from './provocations.ts'

const repository = dirname(dirname(fileURLToPath(import.meta.url)))

describe('the canaries', () => {
  it.each(canaries.flatMap(({ name, patches }) => patches.map((patch) => [name, patch] as const)))(
    'break the source as it is now: %s',
    async (_, patch) => {
      const text = await readFile(join(repository, patch.file), 'utf8')

      expect(patched(text, patch)).not.toBe(text)
    },
  )

  it('have something each that provokes them', () => {
    expect(canaries.map(({ name }) => name).toSorted()).toEqual(Object.keys(provocations).toSorted())
  })

  it('stand in a copy of all that the product is started from, its pages too', () => {
    using tree = makeCanaryTree(repository, [])

    for (const file of ['services/order/main.ts', 'gateway/dashboard/index.html', 'package-lock.json'])
      expect(existsSync(join(tree.root, file))).toBe(true)
  })

  it('are refused where the source has changed beneath them', () => {
    expect(() => patched('one two', { file: 'some.ts', from: 'three', to: '' })).toThrow('some.ts')
    expect(() => patched('one one', { file: 'some.ts', from: 'one', to: '' })).toThrow('2 times')
  })
})
