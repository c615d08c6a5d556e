/** Who may sign in: the password is right, and neither the account nor the address has guessed too often. */
import type { SignInBody } from '@fleet/contracts/accounts'
import { problem, type Reply } from '@fleet/runtime/http'
import type { Person } from '@fleet/runtime/tokens'
import { ipKeyGenerator } from 'express-rate-limit'
import type { Accounts } from './accounts.ts'
import { TooManyPasswords } from './passwords.ts'
import { createThrottle } from './throttle.ts'

/** OWASP Authentication Cheat Sheet names thresholds of this order; counted apart, so that neither guards the other's gap. */
const accountFailures = { max: 10, windowMs: 60_000, namesMax: 10_000 }
const addressFailures = { max: 30, windowMs: 60_000, namesMax: 10_000 }
/**
 * Passwords of one address at a time: hashing is dear, and others wait for it. From its first failure on it has one. Whoever has
 * failed less, and has fewer under way, comes first.
 */
const atOnceMax = 3
const networkBits = 56
/** Addresses that have signed in to an account are counted apart: who guesses elsewhere must not keep its owner out. */
const friendsMax = 10_000

/** Whose account it is, or the answer to whoever may not sign in. */
export type SignInCheck = (of: SignInBody, address: string) => Promise<Person | Reply>

/** `nowMs`: real monotonic milliseconds. Every try is counted before its password is looked at, so that many at once count as many. */
export function createSignInCheck(accounts: Pick<Accounts, 'check'>, nowMs: () => number): SignInCheck {
  const byAccount = createThrottle({ ...accountFailures, nowMs })
  const byFriend = createThrottle({ ...accountFailures, nowMs })
  const byAddress = createThrottle({ ...addressFailures, nowMs })
  const friends = new Set<string>()
  /** Addresses, by how many of their passwords are being looked at: no more than there are requests under way. */
  const underWay = new Map<string, number>()
  const befriend = (friend: string) => {
    friends.delete(friend)
    friends.add(friend)
    const [oldest] = friends
    if (friends.size > friendsMax && oldest !== undefined) friends.delete(oldest)
  }

  return async ({ user, password }, source) => {
    // One caller has all of an IPv6 network.
    const address = ipKeyGenerator(source, networkBits)
    const friend = `${user} ${address}`
    const [throttle, name] = friends.has(friend) ? [byFriend, friend] : [byAccount, user]
    const accountWaitMs = throttle.reserve(name)
    if (accountWaitMs > 0) return throttled(accountWaitMs)
    const busy = underWay.get(address) ?? 0
    const attempts = byAddress.attempts(address)
    const isFull = busy >= (attempts > busy ? 1 : atOnceMax)
    const addressWaitMs = isFull ? busyWaitMs : byAddress.reserve(address)
    if (addressWaitMs > 0) {
      throttle.release(name)
      return throttled(addressWaitMs)
    }
    underWay.set(address, busy + 1)
    let caller: Person | null | 'full'
    try {
      caller = await orFull(accounts.check(user, password, -attempts))
    } catch (error) {
      // Nobody has guessed: the database is away.
      throttle.release(name)
      byAddress.release(address)
      throw error
    } finally {
      const left = (underWay.get(address) ?? 1) - 1
      if (left > 0) underWay.set(address, left)
      else underWay.delete(address)
    }
    if (caller === null) return problem({ code: 'session.refused', field: '/user', value: user })
    byAddress.release(address)
    if (caller === 'full') {
      throttle.release(name)
      return throttled(busyWaitMs)
    }
    throttle.clear(name)
    befriend(friend)
    return caller
  }
}

const busyWaitMs = 1_000

const throttled = (waitMs: number) => {
  const seconds = Math.ceil(waitMs / 1_000)
  return problem(
    { code: 'sign-in.throttled', field: '/user', limit: `wait ${seconds} s` },
    { 'retry-after': `${seconds}` },
  )
}

async function orFull<T>(work: Promise<T>): Promise<T | 'full'> {
  try {
    return await work
  } catch (error) {
    if (error instanceof TooManyPasswords) return 'full'
    throw error
  }
}
