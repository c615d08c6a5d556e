import { generateKeyPairSync } from 'node:crypto'
import { CustomerId } from '@fleet/contracts/ids'
import { type Caller, createVerifier } from '@fleet/runtime/tokens'
import { describe, expect, it } from '@jest/globals'
import { createServiceTokens } from './service-tokens.ts'

const pair = generateKeyPairSync('ec', {
  namedCurve: 'P-256',
  publicKeyEncoding: { type: 'spki', format: 'pem' },
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
})
const realMs = () => performance.timeOrigin + performance.now()
const anna: Caller = { role: 'customer', sub: CustomerId.parse('cus_anna') }

describe('the tokens for the services', () => {
  it('speak for their caller, and for no other', () => {
    const tokens = createServiceTokens(pair.privateKey, () => 0)
    const verify = createVerifier(pair.publicKey, realMs)

    expect(verify(tokens(anna))).toEqual(anna)
    expect(verify(tokens({ role: 'operator', sub: 'cus_anna' }))).toMatchObject({
      role: 'operator',
    })
  })

  it('serve for half their life, then a new one is signed', () => {
    const signed: number[] = []
    let nowMs = 0
    const tokens = createServiceTokens(pair.privateKey, () => {
      signed.push(nowMs)
      return nowMs
    })
    const first = tokens(anna)

    nowMs = 29_000
    expect(tokens(anna)).toBe(first)
    nowMs = 31_000
    expect(tokens(anna)).not.toBe(first)
  })
})
