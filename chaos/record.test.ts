import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { load, page, pageOf } from './record.ts'

describe('the page of campaigns', () => {
  it('is what the record makes of it', () => {
    expect(readFileSync(page, 'utf8')).toBe(pageOf(load()))
  })

  it('says in bold what did not hold', () => {
    const canary = { name: 'one', defect: 'it is broken', caught: false, found: 'valid', tookS: 90 }

    const text = pageOf({ campaigns: [], canaries: [canary], experiments: [] })

    expect(text).toContain('| one | it is broken | **no** | valid | 90 s |')
  })
})
