import { describe, expect, it } from '@jest/globals'
import { playRuns } from './testing/protocol-run.ts'

describe('the protocol of hand-overs', () => {
  it('hands no order over twice in 1,000 runs of faults, and ends every one after the heal', async () => {
    const reached = await playRuns(Number(process.env['N'] ?? 100), 1)
    console.log(reached)
    expect(Object.entries(reached).filter(([, count]) => count === 0)).toEqual([])
  })
})
