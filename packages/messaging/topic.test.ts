import { describe, expect, it } from '@jest/globals'
import { headersOf, partitionOf } from './topic.ts'

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

describe('the headers of a message', () => {
  const [first, second] = [Buffer.from('1'), Buffer.from('2')]

  it.each([
    ['as they are where each comes once', [['mac', first]], { mac: first }],
    ['the first of those that come twice', [['mac', [first, second]]], { mac: first }],
    [
      'without those that have no value',
      [
        ['none', null],
        ['mac', [null, second]],
      ],
      { mac: second },
    ],
    [
      'without what kafkajs takes for the first of a name that every object has',
      [['toString', [() => '', first]]],
      { toString: first },
    ],
  ])('are given %s', (_, given, due) => {
    expect(headersOf({ headers: Object.fromEntries(given) })).toEqual(due)
  })
})
