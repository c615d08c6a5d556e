import { describe, expect, it } from '@jest/globals'
import { hashPassword, isPassword, TooManyPasswords } from './passwords.ts'

describe('a password', () => {
  it('is known again by its hash, which has a salt of its own, and no other is', async () => {
    const [one, other] = [await hashPassword('secret'), await hashPassword('secret')]

    expect(one.hash).not.toBe(other.hash)
    expect([await isPassword('secret', one), await isPassword('Secret', one)]).toEqual([true, false])
    expect(await isPassword('', null)).toBe(false)
  })

  it('is not hashed where too many are already: a flood is refused at once, and does not hold up the process', async () => {
    let turns = 0
    const timer = setInterval(() => {
      turns += 1
    }, 1)
    const flood = await Promise.allSettled(Array.from({ length: 40 }, () => hashPassword('secret')))
    clearInterval(timer)

    const refused = flood.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
    expect(refused).toHaveLength(40 - 18)
    expect(refused.every((reason) => reason instanceof TooManyPasswords)).toBe(true)
    // Nine pairs of hashes, some tenths of a second each: the loop turned all the while.
    expect(turns).toBeGreaterThan(20)
  })

  it('is looked at before those of a lower priority that wait', async () => {
    const stored = await hashPassword('secret')
    const order: string[] = []
    const looks = [...Array(8).fill(-3), 0].map(async (priority: number, index) => {
      await isPassword('secret', stored, priority)
      order.push(`${index}`)
    })
    await Promise.all(looks)

    // Two were begun before it came, and one runs beside it.
    expect(order.indexOf('8')).toBeLessThanOrEqual(3)
  })
})
