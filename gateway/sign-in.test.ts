import { CustomerId } from '@fleet/contracts/ids'
import type { Reply } from '@fleet/runtime/http'
import type { Person } from '@fleet/runtime/tokens'
import { describe, expect, it } from '@jest/globals'
import { createSignInCheck } from './sign-in.ts'

const caller = { role: 'customer', sub: CustomerId.parse('cus_anna') } as const

/** Passwords that are looked at when the test says so. */
function slowAccounts() {
  const waiting: (() => void)[] = []
  const priorities: number[] = []
  const check = (_user: string, password: string, priority = 0) => {
    priorities.push(priority)
    return new Promise<typeof caller | null>(
      (resolve) => void waiting.push(() => resolve(password === 'right' ? caller : null)),
    )
  }
  return {
    accounts: { check },
    priorities,
    underWay: () => waiting.length,
    answer: () => {
      for (const one of waiting.splice(0)) one()
    },
  }
}
const outcomeOf = (one: Person | Reply) => ('kind' in one && one.kind === 'problem' ? one.refusal.code : 'signed in')
const [wrong, busy] = ['session.refused', 'sign-in.throttled']

describe('signing in', () => {
  it('has one password at a time looked at of an address that has guessed, and several of one that has not', async () => {
    const { accounts, underWay, priorities, answer } = slowAccounts()
    const check = createSignInCheck(accounts, () => 0)
    const guess = (user: string) => check({ user, password: 'wrong' }, '192.0.2.1')
    const first = guess('a')
    answer()
    expect(outcomeOf(await first)).toBe(wrong)

    const guesses = ['c', 'd', 'e'].map(guess)
    const honest = ['f', 'g', 'h', 'i'].map((user) => check({ user, password: 'right' }, '192.0.2.2'))
    expect(underWay()).toBe(1 + 3)
    expect(priorities.slice(1)).toEqual([-1, -0, -1, -2])
    answer()

    expect((await Promise.all(guesses)).map(outcomeOf)).toEqual([wrong, busy, busy])
    expect((await Promise.all(honest)).map(outcomeOf)).toEqual(['signed in', 'signed in', 'signed in', busy])
  })

  it('looks at the next password of an address that has guessed once the one before was looked at', async () => {
    const { accounts, answer } = slowAccounts()
    const check = createSignInCheck(accounts, () => 0)
    const outcomes: string[] = []
    for (const user of ['a', 'b', 'c', 'd']) {
      const one = check({ user, password: user === 'd' ? 'right' : 'wrong' }, '192.0.2.1')
      answer()
      outcomes.push(outcomeOf(await one))
    }
    expect(outcomes).toEqual([wrong, wrong, wrong, 'signed in'])
  })

  it('counts no failure where nobody could look', async () => {
    const away = { check: () => Promise.reject(new Error('the database is away')) }
    let accounts: Parameters<typeof createSignInCheck>[0] = away
    const check = createSignInCheck({ check: (...of) => accounts.check(...of) }, () => 0)
    for (let count = 0; count < 20; count += 1)
      await expect(check({ user: 'a', password: 'right' }, '192.0.2.1')).rejects.toThrow('away')

    const { accounts: back, answer } = slowAccounts()
    accounts = back
    const one = check({ user: 'a', password: 'right' }, '192.0.2.1')
    answer()
    expect(outcomeOf(await one)).toBe('signed in')
  })

  it('takes all addresses of an IPv6 network for one', async () => {
    const { accounts, underWay } = slowAccounts()
    const check = createSignInCheck(accounts, () => 0)
    for (let host = 1; host <= 8; host += 1)
      void check({ user: `u${host}`, password: 'wrong' }, `2001:db8:0:1::${host}`)
    expect(underWay()).toBe(3)
  })
})
