import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { load, page, pageOf } from './record.ts'

describe('the page of campaigns', () => {
  it('is what the record makes of it', () => {
    expect(readFileSync(page, 'utf8')).toBe(pageOf(load()))
  })

  it('tells of each fault how often it was made, and how long those who noticed it waited, over all campaigns', () => {
    const first = load().campaigns[0]
    const byFault = [{ kind: 'kill', made: 3, backAfterS: [2, 4, 3.1] }]
    const campaigns = first === undefined ? [] : [first, first].map((row) => ({ ...row, byFault }))

    const text = pageOf({ campaigns, canaries: [], experiments: [] })

    expect(text).toContain('| kill | 6 | 6 | 3.1 s | 4 s |')
  })

  it('says in bold what did not hold', () => {
    const canary = { name: 'one', defect: 'it is broken', caught: false, found: 'valid', tookS: 90 }

    const text = pageOf({ campaigns: [], canaries: [canary], experiments: [] })

    expect(text).toContain('| one | it is broken | **no** | valid | 90 s |')
  })
})
