/** What stands in for the gateway's stores and neighbours where a test is about something else. */
import { generateKeyPairSync } from 'node:crypto'
import { CustomerId } from '@fleet/contracts/ids'
import { silentLog } from '@fleet/runtime/log'
import type { Person } from '@fleet/runtime/tokens'
import type { Discovery } from '../discovery.ts'
import { createDownstream, type Downstream } from '../downstream.ts'
import { type BreakerLimits, breakerLimits } from '../instance.ts'
import { createServiceTokens, type ServiceTokens } from '../service-tokens.ts'

export const customer: Person = { role: 'customer', sub: CustomerId.parse('cus_1') }
export const operator: Person = { role: 'operator', sub: 'operator' }

/** A key pair as the stack makes it. */
export const keyPair = () =>
  generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })

/** Instances that a test names, and may change. */
export function listed(...urls: string[]): Discovery & { set(...urls: string[]): void } {
  let known = urls
  return {
    instances: () => known,
    close: async () => undefined,
    set: (...now) => {
      known = now
    },
  }
}

export const downstreamTo = (
  discovery: Discovery,
  {
    name = 'order',
    timeoutMs = 2_000,
    limits = {},
    tokens = () => 'signed',
    onChange = () => undefined,
  }: {
    name?: string
    timeoutMs?: number
    limits?: Partial<BreakerLimits>
    tokens?: ServiceTokens
    onChange?: Parameters<typeof createDownstream>[0]['onChange'] & {}
  } = {},
): Downstream =>
  createDownstream({
    name,
    discovery,
    timeoutMs,
    limits: { ...breakerLimits, ...limits },
    tokens,
    log: silentLog(),
    onChange,
  })

export const tokensOf = (privateKey: string) => createServiceTokens(privateKey, () => 0)
