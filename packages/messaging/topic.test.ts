import { describe, expect, it } from '@jest/globals'
import { partitionOf } from './topic.ts'

describe('the partition of a key', () => {
  // The hashes of org.apache.kafka.common.utils.UtilsTest.testMurmur2.
  it.each([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ])('of "%s" is the one that Java finds', (key, hash) => {
    for (const count of [1, 6, 12, 997]) expect(partitionOf(key, count)).toBe((hash & 0x7fffffff) % count)
  })
})
