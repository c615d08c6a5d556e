import { createHmac, generateKeyPairSync } from 'node:crypto'
import { writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CustomerId } from '@fleet/contracts/ids'
import { describe, expect, it } from '@jest/globals'
import jwt from 'jsonwebtoken'
import { bearerTokens } from './bearer.ts'
import { type Caller, createVerifier, signToken } from './tokens.ts'

const pair = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
const realMs = () => performance.timeOrigin + performance.now()
const ours = pair()
const stranger = pair()
const customer: Caller = { role: 'customer', sub: CustomerId.parse('cus_1') }
const claims = {
  role: 'customer',
  sub: 'cus_1',
  iss: 'drone-delivery-gateway',
  aud: 'drone-delivery-services',
  exp: 4_000_000_000,
}
const sign = (payload: object, key = ours.privateKey) => jwt.sign(payload, key, { algorithm: 'ES256' })
const verify = createVerifier(ours.publicKey, realMs)
const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')

describe('an access token', () => {
  it.each<Caller>([customer, { role: 'operator', sub: 'ann' }])('speaks for its $role', (caller) => {
    expect(verify(signToken(ours.privateKey, caller, 60))).toEqual(caller)
  })

  it.each([
    ['is not signed (alg none)', `${part({ alg: 'none', typ: 'JWT' })}.${part(claims)}.`],
    ['is signed with our public key as a secret (alg HS256)', hs256(claims)],
    ['is signed by another key', sign(claims, stranger.privateKey)],
    ['names another issuer', sign({ ...claims, iss: 'someone' })],
    ['is meant for another audience', sign({ ...claims, aud: 'someone' })],
    ['has run out', sign({ ...claims, exp: 1_000_000_000 })],
    ['has no role of ours', sign({ ...claims, role: 'admin' })],
    ['speaks for what is no customer', sign({ ...claims, sub: 'ann' })],
    ['has another payload than was signed', swapped({ ...claims, role: 'operator' })],
    ['has a signature of another length', `${sign(claims).split('.').slice(0, 2).join('.')}.abc`],
    ['has a payload that is no JSON', `${part({ alg: 'ES256', typ: 'JWT' })}.bm9wZQ.abc`],
    ['is no token', 'hello'],
    ['is empty', ''],
  ])('is refused where it %s', (_, token) => {
    expect(verify(token)).toBeNull()
  })

  it('is not blamed where our own key is no key', () => {
    expect(() => createVerifier('no key', realMs)).toThrow()
  })
})

describe('a verifier', () => {
  it('knows a token again until it has run out, and no longer', () => {
    const clock = { nowMs: realMs() }
    const verifyThen = createVerifier(ours.publicKey, () => clock.nowMs)
    const token = signToken(ours.privateKey, customer, 60)

    const seen = [0, 59_000, 61_000].map((afterMs) => {
      clock.nowMs += afterMs
      const caller = verifyThen(token)
      clock.nowMs -= afterMs
      return caller
    })

    expect(seen).toEqual([customer, customer, null])
    expect(verifyThen(sign(claims, stranger.privateKey))).toBeNull()
  })
})

/** What a library makes that takes the algorithm from the token: jsonwebtoken itself refuses to. */
function hs256(payload: object): string {
  const body = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(payload)}`
  return `${body}.${createHmac('sha256', ours.publicKey).update(body).digest('base64url')}`
}

function swapped(payload: object): string {
  const [head, , signature] = sign(claims).split('.')
  return `${head}.${part(payload)}.${signature}`
}

describe('the authentication of a request', () => {
  it('tells a missing token from a bad one, and takes the scheme in any case', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'tokens-'))
    writeFileSync(join(folder, 'token.pub'), ours.publicKey)
    const authenticate = bearerTokens(join(folder, 'token.pub'), realMs)
    await rm(folder, { recursive: true })

    expect(authenticate(undefined)).toMatchObject({ code: 'auth.missing' })
    expect(authenticate('Basic YTpi')).toMatchObject({ code: 'auth.invalid' })
    expect(authenticate('Bearer abc')).toMatchObject({ code: 'auth.invalid' })
    expect(authenticate(`bearer ${signToken(ours.privateKey, customer, 60)}`)).toEqual(customer)
  })
})
