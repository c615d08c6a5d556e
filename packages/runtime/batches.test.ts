import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { createBatches } from './batches.ts'

const settled = () => new Promise<void>((resolve) => setImmediate(resolve))
class Shared extends Error {}

function open(sizeMax: number, answer: (items: readonly string[]) => Promise<readonly string[]>) {
  const ran: string[][] = []
  const batches = createBatches<string, string>({
    sizeMax,
    keyOf: (item) => item.slice(0, 1),
    isShared: (error) => error instanceof Shared,
    run: (items) => {
      ran.push([...items])
      return answer(items)
    },
  })
  return { ran, batches }
}
const doubled = async (items: readonly string[]) => items.map((item) => item + item)

describe('batches', () => {
  it('run a lone item at once, and what comes meanwhile together', async () => {
    const gate = Promise.withResolvers<void>()
    const { ran, batches } = open(10, async (items) => {
      await gate.promise
      return doubled(items)
    })

    const all = ['a', 'b', 'c'].map((item) => batches.add(item))
    await settled()
    expect([ran, batches.waiting()]).toEqual([[['a']], 2])
    gate.resolve()

    expect(await Promise.all(all)).toEqual(['aa', 'bb', 'cc'])
    expect(ran).toEqual([['a'], ['b', 'c']])
  })

  it('give each item its own result, in batches that are not too large and name no key twice', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ minLength: 1, maxLength: 2, unit: fc.constantFrom('a', 'b', 'c', 'd') }), {
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 4 }),
        async (items, sizeMax) => {
          const { ran, batches } = open(sizeMax, doubled)

          const results = await Promise.all(items.map((item) => batches.add(item)))

          expect(results).toEqual(items.map((item) => item + item))
          for (const batch of ran) {
            expect(batch.length).toBeLessThanOrEqual(sizeMax)
            expect(new Set(batch.map((item) => item[0])).size).toBe(batch.length)
          }
          expect(ran.flat().toSorted()).toEqual(items.toSorted())
        },
      ),
    )
  })

  it('run again one by one where one item spoils the others, and not where the fault is everybody’s', async () => {
    const refusing = (error: Error) => async (items: readonly string[]) => {
      if (items.includes('x')) throw error
      return doubled(items)
    }
    const own = open(10, refusing(new Error('x')))
    const shared = open(10, refusing(new Shared('away')))

    const ownResults = await Promise.allSettled(['a', 'b', 'x', 'c'].map((item) => own.batches.add(item)))
    const sharedResults = await Promise.allSettled(['a', 'b', 'x', 'c'].map((item) => shared.batches.add(item)))

    expect(ownResults.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled'])
    expect(sharedResults.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected', 'rejected'])
    expect(shared.ran).toHaveLength(2)
  })
})
