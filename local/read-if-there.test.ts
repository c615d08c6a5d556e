import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { readIfThere } from './read-if-there.ts'

describe('a file that may not be there yet', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fleet-read-if-there-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  it('is undefined where it is missing', async () => {
    expect(await readIfThere(join(folder, 'missing'))).toBeUndefined()
  })

  it('is its text where it stands', async () => {
    await writeFile(join(folder, 'there'), 'text')

    expect(await readIfThere(join(folder, 'there'))).toBe('text')
  })

  it('is an error where something stands that cannot be read', async () => {
    await expect(readIfThere(folder)).rejects.toThrow('EISDIR')
  })
})
